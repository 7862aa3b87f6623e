import { toInstant } from '../instant.ts'
import { isStorableText } from '../json.ts'
import { type ColumnType, type TableName, type Tables, tables, type UserId } from '../tables.ts'

type Decode = (cell: unknown) => unknown

/** An id, in whatever form a driver gives it. */
export function decodeId(cell: unknown): UserId {
  return typeof cell === 'bigint' ? Number(cell) : (cell as UserId)
}

/**
 * Read a cell, in whatever form a driver or a JSON function gives it: hosts change the parsers of their drivers.
 */
const decoders: Readonly<Record<ColumnType, Decode>> = {
  id: decodeId,
  integer: Number,
  boolean: (cell) => cell === true || Number(cell) === 1,
  // Most are as we wrote them.
  instant: (cell) =>
    typeof cell === 'string' && cell.length === 27 ? cell : (toInstant(cell as Date | number | string) ?? null),
  json: (cell) => (typeof cell === 'string' ? JSON.parse(cell) : cell),
  text: String,
}

/** Of each table: its columns, in the order in which statements and JSON rows have them, and how to read their cells. */
const layouts = Object.fromEntries(
  Object.entries(tables).map(([table, { columns }]) => [
    table,
    Object.entries(columns).map(([column, type]) => ({ column, decode: decoders[type] })),
  ]),
) as unknown as Readonly<Record<TableName, readonly { readonly column: string; readonly decode: Decode }[]>>

/** The values of a list that a column can have: no database holds some texts, and not all refuse them quietly. */
export function storable<Value>(values: readonly Value[]): readonly Value[] {
  return values.filter((value) => typeof value !== 'string' || isStorableText(value))
}

/** Names of a table's columns, in the order in which statements and JSON rows have them. */
export function columnsOf(table: TableName): readonly string[] {
  return layouts[table].map(({ column }) => column)
}

/** Type of a column; the name comes from our own code. */
export function typeOf(table: TableName, column: string): ColumnType {
  return (tables[table].columns as Readonly<Record<string, ColumnType>>)[column] as ColumnType
}

/** Makes a row of a table out of its cells, by column. `prefix` stands before the names of the cells. */
export function decodeRow<Name extends TableName>(
  table: Name,
  cells: Readonly<Record<string, unknown>>,
  prefix = '',
): Tables[Name] {
  const row: Record<string, unknown> = {}
  for (const { column, decode } of layouts[table]) {
    const cell = cells[prefix + column]
    row[column] = cell === null || cell === undefined ? null : decode(cell)
  }
  return row as unknown as Tables[Name]
}

/** Makes rows of a table out of what `rowsAsJson` gives. */
export function decodeJsonRows<Name extends TableName>(table: Name, json: unknown): Tables[Name][] {
  // Most people have none of most things.
  if (json === '[]' || json === null) return []
  const rows = (typeof json === 'string' ? JSON.parse(json) : json) as readonly (readonly unknown[])[]
  return rows.map((cells) => {
    const row: Record<string, unknown> = {}
    let index = 0
    for (const { column, decode } of layouts[table]) {
      const cell = cells[index++]
      row[column] = cell === null ? null : decode(cell)
    }
    return row as unknown as Tables[Name]
  })
}
