import type { SqliteDatabase } from 'kysely'
import { methods } from '../values/kinds.ts'
import { requireOption } from '../values/options.ts'
import { keptBySqlite } from './kept/kept-sqlite.ts'

/** The members of `DatabaseSync` of `node:sqlite` that are used. */
export interface NodeSqliteDatabase {
  /** Compiles a statement. */
  prepare(sql: string): NodeSqliteStatement
  /** Closes the file. */
  close(): void
}

/** The members of `StatementSync` of `node:sqlite` that are used. */
export interface NodeSqliteStatement {
  /** Returns the columns of its rows; none for a statement without rows. */
  columns(): readonly unknown[]
  /** Runs it, and returns every row. */
  all(...parameters: SqliteValue[]): unknown[]
  /** Runs it, and yields one row after the other. */
  iterate(...parameters: SqliteValue[]): IterableIterator<unknown>
  /** Runs it for its effect. */
  run(...parameters: SqliteValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint }
}

/** A value that SQLite takes. */
export type SqliteValue = null | number | bigint | string | NodeJS.ArrayBufferView

/**
 * Lets Kysely's `SqliteDialect` work on a database of `node:sqlite`, which is part of Node. The 500 statements that were
 * used last stay compiled. Set a busy `timeout` on it: its default is none.
 *
 * ```ts
 * new Kysely({ dialect: new SqliteDialect({ database: nodeSqlite(new DatabaseSync('app.sqlite', { timeout: 5000 })) }) })
 * ```
 */
export function nodeSqlite(database: NodeSqliteDatabase): SqliteDatabase {
  requireOption(database, methods('prepare', 'close'), 'database')
  const plain: SqliteDatabase = {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bindable(parameters)),
        iterate: (parameters) => statement.iterate(...bindable(parameters)),
        run: (parameters) => statement.run(...bindable(parameters)),
      }
    },
  }
  return keptBySqlite(plain, 500)
}

/** An object as the first parameter would be taken for named parameters, and the others would move up. */
function bindable(parameters: readonly unknown[]): SqliteValue[] {
  return parameters.map((value) => {
    const isPlain = value === null || ['number', 'bigint', 'string'].includes(typeof value)
    if (!isPlain && !ArrayBuffer.isView(value)) throw new TypeError(`SQLite has no ${typeof value}`)
    return value as SqliteValue
  })
}
