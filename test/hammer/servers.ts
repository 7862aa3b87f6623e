import type { DialectName } from '../../src/kysely/index.ts'
import { type ServerName, serverUrls, serverVariables } from '../stores/servers.ts'

/** A database server, as a hammer takes it. */
interface Server {
  readonly name: ServerName
  readonly dialect: DialectName
  readonly urls: readonly string[]
}

/** The servers at hand, each with its name. */
export const servers: [title: string, server: Server][] = (Object.keys(serverVariables) as ServerName[]).flatMap(
  (name) => {
    const url = serverUrls[name]
    if (url === undefined) return []
    return [[serverVariables[name][0], { name, dialect: name === 'postgres' ? name : 'mysql', urls: [url] }]]
  },
)
