import type { DialectName } from '../../src/kysely/index.ts'

/** A database server, as a hammer takes it. */
interface Server {
  readonly dialect: DialectName
  readonly urls: readonly string[]
}

const { TEST_POSTGRES_URL, TEST_MYSQL_URL } = process.env

/** The servers at hand, each with its name. */
export const servers: [name: string, server: Server][] = []
if (TEST_POSTGRES_URL !== undefined) servers.push(['PostgreSQL', { dialect: 'postgres', urls: [TEST_POSTGRES_URL] }])
if (TEST_MYSQL_URL !== undefined) servers.push(['MariaDB', { dialect: 'mysql', urls: [TEST_MYSQL_URL] }])
