/**
 * One of several writers: a process that changes one account of a SQLite file, again and again. Started by
 * sqlite-processes.test.ts with the file and the name of the writer.
 */
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { createUserCore } from '../../src/create-user-core.ts'
import { kyselyRepository } from '../../src/kysely/index.ts'

const [file = '', writer = '', times = '0'] = process.argv.slice(2)
const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(file) }) })
const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) })
for (let turn = 0; turn < Number(times); turn++) {
  await users.accounts.update({ username: 'ada' }, 'ada', {
    extended_profile: [{ field_name: `${writer}-${turn}`, field_value: turn }],
  })
}
await db.destroy()
