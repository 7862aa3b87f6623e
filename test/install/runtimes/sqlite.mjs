import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { kyselyRepository, migrate, nodeSqlite } from 'usercore/kysely'

/** Opens a repository on SQLite in memory, by the driver that runtimes have in themselves. */
export async function openSqlite() {
  const db = new Kysely({ dialect: new SqliteDialect({ database: nodeSqlite(new DatabaseSync(':memory:')) }) })
  await migrate(db, { dialect: 'sqlite' })
  return kyselyRepository(db, { dialect: 'sqlite' })
}
