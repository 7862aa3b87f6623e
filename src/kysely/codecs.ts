import { type ColumnType, type TableName, type Tables, tables, type UserId, type UserRow } from '../port/tables.ts'
import type { Instant } from '../values/instant.ts'
import { type Decode, decodeInteger, decodeKey, decoders } from './decoders.ts'
import type { Names } from './names.ts'
import { isIntegerType } from './user-table.ts'
import { writtenRows, writtenUser } from './written-rows.ts'

/**
 * Reads rows, in whatever form a driver or a JSON function returns their cells: hosts change the parsers of drivers.
 */
export interface Codec {
  id(cell: unknown): UserId
  instant(cell: unknown): Instant
  /** Makes a row of a table from its cells, by column. `prefix` stands before the names of the cells. */
  row<Name extends TableName>(table: Name, cells: Readonly<Record<string, unknown>>, prefix?: string): Tables[Name]
  /** Makes a row of a table from its cells, in the order of its columns. */
  cells<Name extends TableName>(table: Name, cells: readonly unknown[]): Tables[Name]
  /** Makes a row of `users` from its cells, in the order of its columns, of which the first is at an index. */
  userRow(cells: readonly unknown[], first: number): UserRow
  /** Makes a row that belongs to a person from its cells but for `user_id`, of which the first is at an index. */
  ownedRow<Name extends TableName>(table: Name, user_id: UserId, cells: readonly unknown[], first: number): Tables[Name]
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
  const decodes: Readonly<Record<ColumnType, Decode>> = { ...decoders, id }
  // Where a host does not store the key of a name, the cell has the name itself.
  const isKeyOfName = (table: string, column: string) =>
    column.endsWith('_key') &&
    (table === 'users' ? users !== undefined && !(column in users.columns) : layout?.keeps(table as TableName) === true)
  const layouts = Object.fromEntries(
    Object.entries(tables).map(([table, { columns }]) => {
      const ofColumns = Object.entries(columns).map(([column, type]) =>
        isKeyOfName(table, column) ? decodeKey : decodes[type as ColumnType],
      )
      return [table, { columns: Object.keys(columns), decodes: ofColumns }]
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
    instant: (cell) => decoders.instant(cell) as Instant,
    row: (table, cells, prefix = '') => makerOf(layouts[table], prefix + table, prefix)(cells) as never,
    cells: (table, cells) => filled({}, layouts[table], cells, 0) as never,
    userRow: (cells, first) =>
      users === undefined ? writtenUser(cells, first) : (filled({}, layouts.users, cells, first) as unknown as UserRow),
    ownedRow(table, user_id, cells, first) {
      const make = layout === undefined ? writtenRows[table] : undefined
      return make === undefined
        ? (filled({ user_id }, owned[table], cells, first) as never)
        : make(user_id, cells, first)
    },
  }
}

type Row = Record<string, unknown>

/** Fills a row with cells in the order of its columns; they begin at an index. */
function filled(row: Row, { columns, decodes }: TableLayout, cells: readonly unknown[], first: number): Row {
  for (let index = 0; index < columns.length; index++) {
    row[columns[index] as string] = decoded(decodes[index] ?? String, cells[first + index])
  }
  return row
}

/** Reads one cell. Most are text already. */
function decoded(decode: Decode, cell: unknown): unknown {
  if (cell === null || cell === undefined) return null
  return decode === String && typeof cell === 'string' ? cell : decode(cell)
}

/** Returns a function that makes rows of named cells: the names are put together once. */
function rowMaker({ columns, decodes }: TableLayout, prefix: string): (cells: Cells) => Row {
  const names = columns.map((column) => prefix + column)
  return (cells) => {
    const row: Row = {}
    for (let index = 0; index < names.length; index++) {
      row[columns[index] as string] = decoded(decodes[index] ?? String, cells[names[index] as string])
    }
    return row
  }
}

/** Returns the type of a column, whose name comes from our own code. */
export function typeOf(table: TableName, column: string): ColumnType {
  return (tables[table].columns as Readonly<Record<string, ColumnType>>)[column] as ColumnType
}
