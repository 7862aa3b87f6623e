/** Prints what came out on a database server, in a database of its own: `node server.mjs DIALECT URL`. */
import { Kysely, MysqlDialect, PostgresDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import pg from 'pg'
import { kyselyRepository, migrate } from 'usercore/kysely'
import { use } from './use.mjs'

const [dialect, address] = process.argv.slice(2)
const database = `usercore_runtime_${process.pid}`

/** Connects to a database of the server; without a name to the one of the address. */
function connect(name) {
  const url = new URL(address)
  if (name !== undefined) url.pathname = `/${name}`
  if (dialect === 'postgres')
    return new Kysely({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url.href, idleTimeoutMillis: 100 }) }),
    })
  return new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: url.href }) }) })
}

const admin = connect()
await sql`create database ${sql.id(database)}`.execute(admin)
try {
  const db = connect(database)
  await migrate(db, { dialect })
  process.stdout.write(`${JSON.stringify(await use(kyselyRepository(db, { dialect })))}\n`)
  await db.destroy()
} finally {
  await sql`drop database ${sql.id(database)}`.execute(admin)
  await admin.destroy()
}
