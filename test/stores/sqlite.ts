import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { migrate } from '../../src/kysely/index.ts'

/** A migrated SQLite file, which goes away with `close`. */
export interface SqliteFile {
  readonly path: string
  /** Opens one more connection to the file. */
  connect(): Kysely<unknown>
  close(): Promise<void>
}

export async function sqliteFile(): Promise<SqliteFile> {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
  const path = join(folder, 'users.sqlite')
  const connections: Kysely<unknown>[] = []
  const file: SqliteFile = {
    path,
    connect() {
      // A busy file is reported at once: waiting would block the thread that the other connection runs on.
      const database = new Database(path, { timeout: 0 })
      // A test has nothing to lose when the machine stops, and waiting for the disk is most of what it takes.
      database.pragma('synchronous = off')
      const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
      connections.push(db)
      return db
    },
    async close() {
      for (const db of connections) await db.destroy()
      rmSync(folder, { recursive: true })
    },
  }
  await migrate(file.connect(), { dialect: 'sqlite' })
  return file
}
