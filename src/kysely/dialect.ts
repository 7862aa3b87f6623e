import {
  type Dialect as KyselyDialect,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import type { ColumnType } from '../tables.ts'

/** Databases that the Kysely repository serves. */
export type DialectName = 'sqlite'

/** How long a text column gets, for databases that want to know. */
type TextLength = 'short' | 'long'

/**
 * Where databases differ, and what follows from it. One object per database; nothing outside of it asks which one
 * it is.
 */
export interface Dialect {
  readonly name: DialectName
  /** Most parameters that one statement can have. */
  readonly maxParameters: number
  /** A value in the form that the driver takes for a parameter. */
  encode(type: ColumnType, value: unknown): unknown
  /** A list in the form of the one parameter that `isOneOf` unpacks. */
  encodeList(type: ColumnType, values: readonly unknown[]): unknown
  /** Whether a column has one of the values of a list, given as one parameter: the text stays the same for any length. */
  isOneOf(column: RawBuilder<unknown>, list: RawBuilder<unknown>): RawBuilder<boolean>
  /** The rows of a subquery as one JSON array, each row an array of its cells. */
  rowsAsJson(cells: readonly RawBuilder<unknown>[], from: RawBuilder<unknown>): RawBuilder<unknown>
  /** What an insert does with a row whose primary key exists: replace it, in `put` only when it is one version older. */
  onDuplicate(
    keys: readonly string[],
    others: readonly string[],
    table: string,
    onlyNextVersion: boolean,
  ): RawBuilder<unknown>
  /** What an error of the driver means for a unit of work. */
  meaningOf(error: unknown): 'taken' | 'busy' | 'failure'
  /** The code under which the driver reports an error. */
  codeOf(error: unknown): string
  /** Kysely's own parts for this database, all but the driver: enough to make statements without running them. */
  readonly kyselyParts: Omit<KyselyDialect, 'createDriver'>
  /** Column types for the migrations. */
  readonly columnTypes: {
    /** Numbers themselves, and never gives a number twice. */
    readonly userId: 'integer'
    readonly integer: 'integer'
    readonly boolean: 'integer'
    readonly instant: 'text'
    text(length: TextLength): 'text'
  }
}

const sqlite: Dialect = {
  name: 'sqlite',
  maxParameters: 32_766,
  encode: (type, value) =>
    value === null ? null : type === 'boolean' ? Number(value) : type === 'json' ? JSON.stringify(value) : value,
  encodeList: (type, values) => JSON.stringify(values.map((value) => sqlite.encode(type, value))),
  isOneOf: (column, list) => sql`${column} in (select value from json_each(${list}))`,
  rowsAsJson: (cells, from) => sql`(select json_group_array(json_array(${sql.join(cells)})) ${from})`,
  onDuplicate(keys, others, table, onlyNextVersion) {
    const target = sql`on conflict (${sql.join(keys.map((column) => sql.ref(column)))})`
    if (others.length === 0) return sql`${target} do nothing`
    const set = sql.join(others.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`))
    const guard = onlyNextVersion
      ? sql` where ${sql.ref(`${table}.version`)} = ${sql.ref('excluded.version')} - 1`
      : sql``
    return sql`${target} do update set ${set}${guard}`
  },
  meaningOf(error) {
    const code = sqlite.codeOf(error)
    if (/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|FOREIGNKEY|ROWID)$/.test(code)) return 'taken'
    return /^SQLITE_(BUSY|LOCKED)/.test(code) ? 'busy' : 'failure'
  },
  codeOf: (error) => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown'),
  kyselyParts: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  columnTypes: {
    userId: 'integer',
    integer: 'integer',
    boolean: 'integer',
    // Fixed-width ISO 8601 sorts and compares as text.
    instant: 'text',
    text: () => 'text',
  },
}

const dialects: Readonly<Record<DialectName, Dialect>> = { sqlite }

/** The differences of one database. */
export function dialectOf(name: DialectName): Dialect {
  return dialects[name]
}
