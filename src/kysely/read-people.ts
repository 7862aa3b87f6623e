import { type RawBuilder, sql } from 'kysely'
import type { TableName, Tables, UserRow } from '../port/tables.ts'
import type { PeopleSelector } from './people.ts'
import type { Statements } from './statements.ts'

/** Rows of a table that are read beside each person. */
export interface PeopleList {
  readonly table: TableName
  /** The condition of the rows, which have the alias `part`: empty, or beginning with `and`. */
  readonly wanted: RawBuilder<unknown>
  readonly parameters: readonly unknown[]
}

/** People to read, with the rows that are read beside each. */
export interface PeopleRequest {
  /** Tells texts of the statement apart, beside the shape of `by`. */
  readonly shape: string
  readonly by: PeopleSelector
  /** Tables with at most one row for each person. */
  readonly singles: readonly TableName[]
  /** Tables with any number of rows for each person. */
  readonly lists: readonly PeopleList[]
  /** A number to select beside each person, if any. */
  readonly number?: RawBuilder<unknown>
}

/** A person with the rows that were read beside them. */
export interface PersonRead {
  readonly user: UserRow
  single<Name extends TableName>(table: Name): Tables[Name] | undefined
  list<Name extends TableName>(table: Name): Tables[Name][]
  readonly number: unknown
}

/** Reads people with rows of other tables: one statement for any number of people, and so all of one moment. */
export function readPeople(on: Statements, request: PeopleRequest): Promise<PersonRead[]> {
  return on.dialect.lists.as === 'json' ? readWithJson(on, request) : readAsRows(on, request)
}

const person = 'person'

/** Returns the source of a `select`: the people and their single rows. */
function peopleFrom(on: Statements, singles: readonly TableName[]): RawBuilder<unknown> {
  const id = on.column('users', 'id', person)
  const joins = singles.map(
    (table) => sql` left join ${on.source(table)} as ${sql.id(table)} on ${on.column(table, 'user_id', table)} = ${id}`,
  )
  return sql`${on.source('users')} as ${sql.id(person)}${sql.join(joins, sql``)}`
}

/** Reads one row for each person, in which each list is one JSON array. */
async function readWithJson(
  on: Statements,
  { shape, by, singles, lists, number }: PeopleRequest,
): Promise<PersonRead[]> {
  const { codec, dialect } = on
  const text = () => {
    const asJson = lists.map(({ table, wanted }) => {
      const from = sql`from ${on.source(table)} as part where part.user_id = ${on.column('users', 'id', person)}${wanted}`
      return sql`${dialect.lists.as === 'json' ? dialect.lists.rowsAsJson(cellsOf(on, table, 'part'), from) : sql``} as ${sql.id(table)}`
    })
    const columns = [
      ...on.selected('users', person),
      ...singles.flatMap((table) => [
        sql`${isThere(on, table)} as ${sql.id(`${table}.`)}`,
        ...on.ownedCells(table, table).map(([column, cell]) => sql`${cell} as ${sql.id(`${table}.${column}`)}`),
      ]),
      ...asJson,
      ...(number === undefined ? [] : [sql`${number} as number`]),
    ]
    return sql`select ${sql.join(columns)} from ${peopleFrom(on, singles)}
      where ${by.list.contains(on.column('users', by.column, person))}`
  }
  const parameters = [...lists.flatMap((list) => list.parameters), ...by.list.parameters]
  const { rows } = await on.run(`${shape} by ${by.shape}`, text, parameters)
  const thereOf = new Map(singles.map((table) => [table, `${table}.`]))
  return rows.map((row) => {
    const user = codec.row('users', row)
    return {
      user,
      single(table) {
        const prefix = thereOf.get(table) ?? ''
        return isTrue(row[prefix]) ? codec.ownedNamedRow(table, user.id, row, prefix) : undefined
      },
      list: (table) => rowsOf(row[table] ?? null).map((cells) => codec.ownedRow(table, user.id, cells)),
      number: row.number,
    }
  })
}

/**
 * Reads a row for each person and one for each row of a list, all in one union: each row names its list and its person,
 * and has its cells as one JSON array. Made for MariaDB, where a JSON array of the rows of a subquery costs more than
 * all the rest.
 */
async function readAsRows(on: Statements, { shape, by, singles, lists, number }: PeopleRequest): Promise<PersonRead[]> {
  const { codec } = on
  const text = () => {
    const where = sql`where ${by.list.contains(on.column('users', by.column, person))}`
    const cells = [
      ...on.cells('users', person),
      ...singles.flatMap((table) => [isThere(on, table), ...cellsOf(on, table, table)]),
      ...(number === undefined ? [] : [number]),
    ]
    const selects = [
      sql`${partOf(on, 'users', cells)} from ${peopleFrom(on, singles)} ${where}`,
      ...lists.map(
        ({ table, wanted }) => sql`${partOf(on, table, cellsOf(on, table, 'part'))} from ${peopleFrom(on, [])}
          join ${on.source(table)} as part on part.user_id = ${on.column('users', 'id', person)} ${where}${wanted}`,
      ),
    ]
    return sql.join(selects, sql` union all `)
  }
  const parameters = [...by.list.parameters, ...lists.flatMap((list) => [...by.list.parameters, ...list.parameters])]
  const { rows } = await on.run(`${shape} by ${by.shape}`, text, parameters)
  const widths = ['users' as TableName, ...singles].map((table) => codec.width(table))
  const startOf = new Map(singles.map((table, index) => [table, sum(widths.slice(0, index + 1))]))
  const people = new Map<string, { cells: readonly unknown[]; lists: Map<TableName, unknown[][]> }>()
  const others: typeof rows = []
  for (const row of rows) {
    if (row.kind === 'users') people.set(String(row.person), { cells: parsed(row.cells), lists: new Map() })
    else others.push(row)
  }
  for (const row of others) {
    const table = row.kind as TableName
    const { lists } = people.get(String(row.person)) ?? {}
    const before = lists?.get(table)
    if (before === undefined) lists?.set(table, [parsed(row.cells)])
    else before.push(parsed(row.cells))
  }
  return [...people.values()].map(({ cells, lists }) => {
    const user = codec.userRow(cells)
    return {
      user,
      single(table) {
        const start = startOf.get(table) ?? 0
        return isTrue(cells[start]) ? codec.ownedRow(table, user.id, cells, start + 1) : undefined
      },
      list: (table) => (lists.get(table) ?? []).map((row) => codec.ownedRow(table, user.id, row)),
      number: cells[sum(widths)],
    }
  })
}

function partOf(on: Statements, table: TableName, cells: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  const { lists } = on.dialect
  const id = on.dialect.read('id', on.column('users', 'id', person))
  return sql`select ${sql.lit(table)} as kind, ${id} as person, ${lists.as === 'rows' ? lists.cellsAsJson(cells) : sql``} as cells`
}

/** Returns the columns of a table of people but for `user_id`, which is that of the person. */
function cellsOf(on: Statements, table: TableName, alias: string): RawBuilder<unknown>[] {
  return on.ownedCells(table, alias).map(([, cell]) => cell)
}

/** Selects whether a person has a row in a table that is joined. */
function isThere(on: Statements, table: TableName): RawBuilder<unknown> {
  return sql`(${on.column(table, 'user_id', table)} is not null)`
}

function isTrue(cell: unknown): boolean {
  return cell === true || cell === 't' || Number(cell) === 1
}

const none: readonly unknown[][] = []

/** Returns rows from the JSON of `rowsAsJson`; most people have no rows in most tables. */
function rowsOf(json: unknown): readonly unknown[][] {
  return json === null || json === '[]' ? none : (parsed(json) as unknown[][])
}

/** Returns an array from its JSON; drivers can have parsed it. */
function parsed(json: unknown): unknown[] {
  return typeof json === 'string' ? JSON.parse(json) : (json as unknown[])
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
