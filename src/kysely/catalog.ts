import type { Kysely } from 'kysely'
import type { ColumnType } from '../port/tables.ts'

/** A column, as the catalogue of the database describes it. */
export interface ColumnDescription {
  readonly name: string
  /** The SQL type in lower case, such as `bigint`, `varchar(255)` or `timestamp without time zone`. */
  readonly type: string
  readonly isNullable: boolean
  /** Tells whether a row can be added without a value for it: it has a default, numbers itself or is computed. */
  readonly hasDefault: boolean
  /** The most characters that it holds; `undefined` without a limit, and for columns that hold no text. */
  readonly length: number | undefined
  /** The collation by which it compares, where the database tells. */
  readonly collation: string | undefined
  /** The character set, where columns of one database differ in that. */
  readonly charset: string | undefined
  /** Tells whether the database computes its value, and refuses any other. */
  readonly isGenerated: boolean
  /** Tells whether its default is the time of day in the zone of the session, without the zone. */
  readonly isLocalTime: boolean
}

/** A table, as the catalogue of the database describes it. */
export interface TableDescription {
  readonly columns: readonly ColumnDescription[]
  /** Each index with its columns or expressions in their order, in lower case and without quotes. */
  readonly indexes: readonly { readonly columns: readonly string[]; readonly isUnique: boolean }[]
}

/** The SQL types, in lower case, of a host's columns that hold our types of values. */
export type ForeignTypes = Readonly<Record<ColumnType, RegExp>>

/** Reads the description of a table or view from the catalogue; `undefined` where there is none. */
export type DescribeTable = (
  db: Kysely<unknown>,
  table: string,
  schema: string | undefined,
) => Promise<TableDescription | undefined>

/** Groups the rows of a catalogue, one for each column of an index, by index. */
export function groupIndexes(
  rows: readonly { readonly name: string; readonly column: string | null; readonly isUnique: boolean }[],
): TableDescription['indexes'] {
  return [...Map.groupBy(rows, (row) => row.name).values()].map((columns) => ({
    columns: columns.map(({ column }) => (column ?? '').toLowerCase().replaceAll(/["`]/g, '')),
    isUnique: columns.every((row) => row.isUnique),
  }))
}
