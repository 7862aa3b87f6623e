import { type ColumnType, type TableName, type Tables, tables, type UserId } from '../port/tables.ts'
import { toInstant } from '../values/instant.ts'
import { identifierKey } from '../values/text.ts'
import type { Names } from './names.ts'
import { isIntegerType } from './user-table.ts'

type Decode = (cell: unknown) => unknown

/**
 * Reads rows, in whatever form a driver or a JSON function returns their cells: hosts change the parsers of drivers.
 */
export interface Codec {
  id(cell: unknown): UserId
  /** Makes a row of a table from its cells, by column. `prefix` stands before the names of the cells. */
  row<Name extends TableName>(table: Name, cells: Readonly<Record<string, unknown>>, prefix?: string): Tables[Name]
  /** Makes a row of a table from its cells, in the order of its columns, starting at an index of the list. */
  rowAt<Name extends TableName>(table: Name, cells: readonly unknown[], start: number): Tables[Name]
  /** Returns the number of columns of a table. */
  width(table: TableName): number
  /** Returns the index of a column among those of its table. */
  placeOf(table: TableName, column: string): number
  /** Makes rows of a table from the JSON of `rowsAsJson`. */
  jsonRows<Name extends TableName>(table: Name, json: unknown): Tables[Name][]
}

/** Returns the codec for our own tables, or for those of a host. */
export function codecOf({ users, layout }: Pick<Names, 'users' | 'layout'>): Codec {
  const id = users === undefined || isIntegerType(users.idType) ? decodeInteger : String
  const decoders: Readonly<Record<ColumnType, Decode>> = { ...plainDecoders, id }
  // Where a host does not store the key of a name, the cell has the name itself.
  const isKeyOfName = (table: string, column: string) =>
    column.endsWith('_key') &&
    (table === 'users' ? users !== undefined && !(column in users.columns) : layout?.keeps(table as TableName) === true)
  const layouts = Object.fromEntries(
    Object.entries(tables).map(([table, { columns }]) => {
      const decodes = Object.entries(columns).map(([column, type]) =>
        isKeyOfName(table, column) ? decodeKey : decoders[type as ColumnType],
      )
      return [table, { columns: Object.keys(columns), decodes }]
    }),
  ) as unknown as Readonly<Record<TableName, TableLayout>>
  const makers = new Map<string, (cells: Cells) => object>()

  function rowAt<Name extends TableName>(table: Name, cells: readonly unknown[], start: number): Tables[Name] {
    const { columns, decodes } = layouts[table]
    const row: Record<string, unknown> = {}
    for (let index = 0; index < columns.length; index++) {
      const cell = cells[start + index]
      row[columns[index] as string] = cell === null || cell === undefined ? null : decodes[index]?.(cell)
    }
    return row as unknown as Tables[Name]
  }

  return {
    id,
    row<Name extends TableName>(table: Name, cells: Cells, prefix = '') {
      const known = makers.get(prefix + table) ?? rowMaker(layouts[table], prefix)
      makers.set(prefix + table, known)
      return known(cells) as Tables[Name]
    },
    rowAt,
    width: (table) => layouts[table].columns.length,
    placeOf: (table, column) => layouts[table].columns.indexOf(column),
    jsonRows(table, json) {
      // The shortest way for the usual case: most people have no rows in most tables.
      if (json === '[]' || json === null) return []
      const rows = (typeof json === 'string' ? JSON.parse(json) : json) as readonly (readonly unknown[])[]
      return rows.map((cells) => rowAt(table, cells, 0))
    },
  }
}

type Cells = Readonly<Record<string, unknown>>

/** The columns of a table, with the reader of each cell. */
interface TableLayout {
  readonly columns: readonly string[]
  readonly decodes: readonly Decode[]
}

/** Returns a function that makes rows of a table: the names of cells are put together once. */
function rowMaker({ columns, decodes }: TableLayout, prefix: string): (cells: Cells) => object {
  const names = columns.map((column) => prefix + column)
  return (cells) => {
    const row: Record<string, unknown> = {}
    for (let index = 0; index < names.length; index++) {
      const cell = cells[names[index] as string]
      row[columns[index] as string] = cell === null || cell === undefined ? null : decodes[index]?.(cell)
    }
    return row
  }
}

const decodeKey: Decode = (cell) => identifierKey(String(cell))

/** Returns a number where that is exact, and text beyond. */
function decodeInteger(cell: unknown): UserId {
  const number = Number(cell)
  return Number.isSafeInteger(number) ? number : String(cell)
}

const plainDecoders: Readonly<Record<Exclude<ColumnType, 'id'>, Decode>> = {
  integer: Number,
  boolean: (cell) => cell === true || cell === 't' || cell === 'true' || Number(cell) === 1,
  // Most moments are in our own form already.
  instant: (cell) =>
    typeof cell === 'string' && cell.length === 27 && cell.endsWith('Z')
      ? cell
      : (toInstant(cell as Date | number | string) ?? null),
  json: (cell) => (typeof cell === 'string' ? JSON.parse(cell) : cell),
  text: String,
}

/** Returns the type of a column, whose name comes from our own code. */
export function typeOf(table: TableName, column: string): ColumnType {
  return (tables[table].columns as Readonly<Record<string, ColumnType>>)[column] as ColumnType
}
