import { type ColumnType, type TableName, type Tables, tables, type UserId, type UserRow } from '../port/tables.ts'
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
  /** Makes a row of `users` from its cells, in the order of its columns. */
  userRow(cells: readonly unknown[]): UserRow
  /** Makes a row that belongs to a person from its cells but for `user_id`, starting at an index of the list. */
  ownedRow<Name extends TableName>(
    table: Name,
    user_id: UserId,
    cells: readonly unknown[],
    start?: number,
  ): Tables[Name]
  /** The same from named cells; `prefix` stands before the names. */
  ownedNamedRow<Name extends TableName>(table: Name, user_id: UserId, cells: Cells, prefix: string): Tables[Name]
  /** Returns the number of columns of a table. */
  width(table: TableName): number
}

type Cells = Readonly<Record<string, unknown>>

/** The columns of a table, with the reader of each cell. */
interface TableLayout {
  readonly columns: readonly string[]
  readonly decodes: readonly Decode[]
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
  const owned = Object.fromEntries(
    Object.entries(layouts).map(([table, { columns, decodes }]) => {
      const isKept = (_: unknown, index: number) => columns[index] !== 'user_id'
      return [table, { columns: columns.filter(isKept), decodes: decodes.filter(isKept) }]
    }),
  ) as unknown as Readonly<Record<TableName, TableLayout>>
  const makers = new Map<string, ReturnType<typeof rowMaker>>()
  const makerOf = (layout: TableLayout, name: string, prefix: string) => {
    const known = makers.get(name) ?? rowMaker(layout, prefix)
    makers.set(name, known)
    return known
  }

  return {
    id,
    row: (table, cells, prefix = '') => makerOf(layouts[table], prefix + table, prefix)({}, cells) as never,
    userRow: (cells) => fill({}, layouts.users, cells, 0) as unknown as UserRow,
    ownedRow: (table, user_id, cells, start = 0) => fill({ user_id }, owned[table], cells, start) as never,
    ownedNamedRow: (table, user_id, cells, prefix) =>
      makerOf(owned[table], `owned ${prefix}${table}`, prefix)({ user_id }, cells) as never,
    width: (table) => layouts[table].columns.length,
  }
}

type Row = Record<string, unknown>

/** Fills a row with cells in the order of its columns. */
function fill(row: Row, { columns, decodes }: TableLayout, cells: readonly unknown[], start: number): Row {
  for (let index = 0; index < columns.length; index++) {
    const cell = cells[start + index]
    row[columns[index] as string] = cell === null || cell === undefined ? null : decodes[index]?.(cell)
  }
  return row
}

/** Returns a function that fills rows with named cells: the names are put together once. */
function rowMaker({ columns, decodes }: TableLayout, prefix: string): (row: Row, cells: Cells) => Row {
  const names = columns.map((column) => prefix + column)
  return (row, cells) => {
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
