import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { leastUsed } from '../least-used.ts'

/** Keeps the statements of a database of SQLite compiled. */
export function keptBySqlite(database: SqliteDatabase, max: number): SqliteDatabase {
  const kept = leastUsed<SqliteStatement>(max)
  return {
    prepare(text) {
      const known = kept.get(text)
      if (known !== undefined) return known
      const statement = database.prepare(text)
      // Compiled statements do not all notice that a table got other columns.
      if (!/^\s*(select|insert|update|delete|with|replace|begin|commit|rollback|savepoint|release)\b/i.test(text)) {
        kept.clear()
        return statement
      }
      const own: SqliteStatement = {
        reader: statement.reader,
        all: (parameters) => statement.all(parameters),
        run: (parameters) => statement.run(parameters),
        // One statement cannot be iterated twice at once, nor run while it is iterated.
        iterate: (parameters) => database.prepare(text).iterate(parameters),
      }
      kept.set(text, own)
      return own
    },
    close() {
      kept.clear()
      database.close()
    },
  }
}
