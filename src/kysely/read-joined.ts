import { type RawBuilder, sql } from 'kysely'
import type { TableName } from '../port/tables.ts'
import type { JoinedRows } from './dialect.ts'
import { cellsOf, isWanted, type PeopleRequest, type PersonRead, peopleOf, tablesOf } from './people-read.ts'
import { rowsOfJson } from './read-nested.ts'
import type { Statements } from './statements.ts'

/**
 * Reads one text for each table: the rows of all people, each as the JSON of its cells with the id of its person before
 * them. A subquery for each person and table costs databases more, and a row for each person costs drivers more.
 */
export async function readJoined(on: Statements, request: PeopleRequest, joined: JoinedRows): Promise<PersonRead[]> {
  const { shape, by, lists } = request
  const parameters = [...by.list.parameters, ...lists.flatMap((list) => list.parameters)]
  const { rows } = await on.run(`${shape} joined by ${by.shape}`, () => joinedText(on, request, joined), parameters)
  const rowsByTable = new Map(rows.map(({ kind, cells }) => [kind, rowsOfJson(cells)]))
  const people = new Map<unknown, Gathered>()
  const tables = tablesOf(request)
  for (const cells of rowsByTable.get('users') ?? []) {
    const number = request.number === undefined ? undefined : cells.at(-1)
    people.set(cells[0], { user: on.codec.userRow(cells, 0), rows: tables.map(() => none), number })
  }
  tables.forEach((table, index) => {
    for (const cells of rowsByTable.get(table) ?? []) {
      const person = people.get(cells[0])
      if (person === undefined) continue
      const row = on.codec.ownedRow(table, person.user.id, cells, 1)
      if (person.rows[index] === none) person.rows[index] = [row]
      else person.rows[index]?.push(row)
    }
  })
  return [...people.values()]
}

/** A person whose rows are being gathered. */
interface Gathered extends PersonRead {
  readonly rows: object[][]
}

/** Stands for the rows of each table of which a person has none. */
const none: never[] = []

function joinedText(on: Statements, request: PeopleRequest, joined: JoinedRows): RawBuilder<unknown> {
  const { by, singles, lists } = request
  const selectOf = (table: TableName, row: RawBuilder<unknown>) =>
    sql`select ${sql.lit(table)} as kind, ${joined.text(row)} as cells`
  const ofTable = (table: TableName) =>
    sql`${selectOf(table, joined.cells(partCells(on, table)))} ${joined.ofPeople(on.source(table))}`
  const selects = [
    sql`${selectOf('users', sql.ref('cells'))} from people`,
    ...singles.map(ofTable),
    ...lists.map(({ table, wanted }) => sql`${ofTable(table)}${wanted()}`),
  ]
  const id = on.column('users', 'id', 'person')
  return sql`with people as materialized (select ${id} as id, ${joined.cells(userCells(on, request))} as cells
    from ${peopleOf(on)} where ${isWanted(on, by)}) ${sql.join(selects, sql` union all `)}`
}

/** Returns the cells of a person: those of the columns, and the number of the request. */
function userCells(on: Statements, { number }: PeopleRequest): RawBuilder<unknown>[] {
  return [...on.cells('users', 'person'), ...(number === undefined ? [] : [number()])]
}

/** Returns the cells of a row of another table: the id of its person, and those of the columns. */
function partCells(on: Statements, table: TableName): RawBuilder<unknown>[] {
  return [on.dialect.read('id', sql.ref('part.user_id')), ...cellsOf(on, table, 'part')]
}
