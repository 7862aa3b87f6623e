import { CompiledQuery, type Kysely, type QueryResult, type RawBuilder, sql } from 'kysely'
import { StorageError } from '../repository.ts'
import type { TableName } from '../tables.ts'
import type { Dialect } from './dialect.ts'

/** Stands for a parameter in the text of a statement. */
export const parameter: RawBuilder<unknown> = sql.val(null)

/** What statements are run on: a database or a transaction of it, with the names of our tables in it. */
export interface Statements {
  readonly dialect: Dialect
  /** The name of one of our tables in this database. */
  tableName(table: TableName): string
  /**
   * Runs a statement. Its text is made once per `shape` and kept: making it anew would cost more than a small read.
   * A failure leaves as the driver throws it.
   */
  run(
    shape: string,
    text: () => RawBuilder<unknown>,
    parameters: readonly unknown[],
  ): Promise<QueryResult<Record<string, unknown>>>
  /** The same on another connection or transaction. */
  on(db: Kysely<unknown>): Statements
  readonly db: Kysely<unknown>
}

export function statements(
  db: Kysely<unknown>,
  dialect: Dialect,
  prefix: string,
  texts = new Map<string, string>(),
): Statements {
  return {
    db,
    dialect,
    tableName: (table) => prefix + table,
    async run(shape, text, parameters) {
      let known = texts.get(shape)
      if (known === undefined) {
        known = text().compile(db).sql
        texts.set(shape, known)
      }
      return db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(known, [...parameters]))
    },
    on: (other) => statements(other, dialect, prefix, texts),
  }
}

/** Runs reads; a failure of the driver leaves as a `StorageError`. */
export async function reading<Result>(on: Statements, what: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    throw new StorageError(what, on.dialect.codeOf(error))
  }
}
