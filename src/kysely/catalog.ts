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

/** A table, by its schema and its name as the catalogue spells them. */
export interface TableAddress {
  readonly schema: string
  readonly name: string
}

/** A table of a schema, as the catalogue lists it. */
export interface ListedTable extends TableAddress {
  readonly columns: readonly string[]
  /** The columns of the primary key in their order; empty without one. */
  readonly key: readonly string[]
}

/** Columns that reference a row of another table. */
export interface ForeignKey {
  readonly from: TableAddress
  readonly columns: readonly string[]
  readonly to: TableAddress
  /** The columns of the other table, one for each of `columns`. */
  readonly references: readonly string[]
  /** The effect of deleting a row on those that reference it: they are deleted too, stop it, or reference none any more. */
  readonly onDelete: 'cascade' | 'stop' | 'release'
}

/**
 * Lists the tables of a schema, that of the connection for `undefined`, by name. Views, partitions of a table that is
 * listed, and tables that the database keeps for itself are left out.
 */
export type ListTables = (db: Kysely<unknown>, schema: string | undefined) => Promise<readonly ListedTable[]>

/** Reads the foreign keys of the tables of a schema, that of the connection for `undefined`. */
export type ReadForeignKeys = (db: Kysely<unknown>, schema: string | undefined) => Promise<readonly ForeignKey[]>

/** One column of a table, as statements on a catalogue select it; `place` counts those of the primary key. */
export interface ListedColumn {
  readonly schema: string
  readonly name: string
  readonly column: string
  readonly place: number | bigint | string | null
}

/** Makes tables of their columns, which come in the order of tables. */
export function groupColumns(rows: readonly ListedColumn[]): ListedTable[] {
  return [...Map.groupBy(rows, ({ name }) => name)].map(([name, columns]) => ({
    schema: columns[0]?.schema ?? '',
    name,
    columns: columns.map(({ column }) => column),
    key: columns
      .filter(({ place }) => Number(place ?? 0) > 0)
      .toSorted((a, b) => Number(a.place) - Number(b.place))
      .map(({ column }) => column),
  }))
}

/** One pair of columns of a foreign key, as statements on a catalogue select it. */
export interface ReferencePair {
  /** Tells the foreign keys of a table apart. */
  readonly id: string | number
  readonly schema: string
  readonly name: string
  readonly column: string
  readonly to_schema: string
  readonly to_name: string
  readonly to_column: string
  readonly on_delete: string
}

/** Makes foreign keys of their pairs, which come in the order of the columns of each. */
export function groupReferences(rows: readonly ReferencePair[], onDelete: Effects): ForeignKey[] {
  return [...Map.groupBy(rows, ({ name, id }) => JSON.stringify([name, id])).values()].flatMap((pairs) => {
    const [first] = pairs
    if (first === undefined) return []
    return {
      from: { schema: first.schema, name: first.name },
      columns: pairs.map(({ column }) => column),
      to: { schema: first.to_schema, name: first.to_name },
      references: pairs.map(({ to_column }) => to_column),
      onDelete: onDelete[first.on_delete] ?? 'stop',
    }
  })
}

/** The effects of deleting a row, by the words of a catalogue; those that it does not have stop the deletion. */
type Effects = Readonly<Record<string, ForeignKey['onDelete']>>

/** The effects by their words in SQL. */
export const sqlEffects: Effects = { CASCADE: 'cascade', 'SET NULL': 'release', 'SET DEFAULT': 'release' }
