import type { Kysely } from 'kysely'
import type { ColumnType } from '../port/tables.ts'

/** A column, as the database's catalogue describes it. */
export interface ColumnDescription {
  readonly name: string
  /** SQL type in lower case, such as `bigint`, `varchar(255)` or `timestamp without time zone`. */
  readonly type: string
  readonly isNullable: boolean
  /** Whether a row can be added without a value for it: it has a default, numbers itself or is computed. */
  readonly hasDefault: boolean
  /** Characters that fit; `undefined`: no limit, or no text. */
  readonly length: number | undefined
  /** How it compares, where the database says. */
  readonly collation: string | undefined
  /** The characters that it has, where columns of one database differ in that. */
  readonly charset: string | undefined
  /** Whether the database computes its value, and refuses any other. */
  readonly isGenerated: boolean
  /** Whether its default is the time of day in the zone of the session, without the zone. */
  readonly isLocalTime: boolean
}

/** A table, as the database's catalogue describes it. */
export interface TableDescription {
  readonly columns: readonly ColumnDescription[]
  /** Each index with its columns or expressions in their order, in lower case and without quotes. */
  readonly indexes: readonly { readonly columns: readonly string[]; readonly isUnique: boolean }[]
}

/** SQL types of columns of a host, in lower case, that hold our types of values. */
export type ForeignTypes = Readonly<Record<ColumnType, RegExp>>

/** Asks the catalogue for a table or view; `undefined`: there is none. */
export type DescribeTable = (
  db: Kysely<unknown>,
  table: string,
  schema: string | undefined,
) => Promise<TableDescription | undefined>

/** Puts the rows of a catalogue, one for each column of an index, together. */
export function groupIndexes(
  rows: readonly { readonly name: string; readonly column: string | null; readonly isUnique: boolean }[],
): TableDescription['indexes'] {
  return [...Map.groupBy(rows, (row) => row.name).values()].map((columns) => ({
    columns: columns.map(({ column }) => (column ?? '').toLowerCase().replaceAll(/["`]/g, '')),
    isUnique: columns.every((row) => row.isUnique),
  }))
}
