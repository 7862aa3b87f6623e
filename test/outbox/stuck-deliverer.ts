/**
 * A process that takes a message and never comes to its end. Started by outbox.test.ts, which ends it; it says which
 * message it holds.
 */
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { createUserCore } from '../../src/create-user-core.ts'
import { type DialectName, kyselyRepository } from '../../src/kysely/index.ts'
import { connect } from '../hammer/connect.ts'

/** The database of the process, by its address and its name there, or by its file. */
export interface Place {
  readonly dialect: DialectName
  readonly url?: string
  readonly name: string
}

const { dialect, url, name }: Place = JSON.parse(process.argv[2] ?? '')
const db =
  url === undefined
    ? new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(name) }) })
    : connect({ dialect: dialect === 'postgres' ? 'postgres' : 'mysql', name, urls: [url] }, url, 1)
const users = createUserCore({
  repository: kyselyRepository(db, { dialect }),
  clock: () => new Date('2024-06-15T12:00:00Z'),
})
await users.outbox.deliver(({ id }, { attempt }) => {
  process.send?.({ id, attempt })
  return new Promise(() => {
    // What waits for nothing would end by itself.
    setInterval(() => {}, 1000)
  })
})
