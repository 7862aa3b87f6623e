import { sql } from 'kysely'
import type { TableName } from '../port/tables.ts'
import type { NestedJson } from './dialect.ts'
import { cellsOf, isWanted, type PeopleRequest, type PersonRead, peopleOf, tablesOf } from './people-read.ts'
import type { Statements } from './statements.ts'

type Cells = readonly unknown[]

/**
 * Reads one cell for each person: JSON of all that was asked for. Drivers take about as long for a cell as for the whole
 * of it. The other tables stand in subqueries, since SQLite plans a join of tables anew for each value of a parameter.
 */
export async function readNested(on: Statements, request: PeopleRequest, nested: NestedJson): Promise<PersonRead[]> {
  const { shape, by, singles, lists, number } = request
  const { dialect } = on
  const text = () => {
    const from = (table: TableName) =>
      sql`from ${on.source(table)} as part where part.user_id = ${on.column('users', 'id', 'person')}`
    const parts = [
      ...singles.map((table) => sql`(select ${dialect.cellsAsJson(cellsOf(on, table, 'part'))} ${from(table)})`),
      ...lists.map(({ table, wanted }) => nested.rows(cellsOf(on, table, 'part'), sql`${from(table)}${wanted()}`)),
      dialect.cellsAsJson(on.cells('users', 'person')),
      ...(number === undefined ? [] : [number()]),
    ]
    return sql`select ${nested.all(parts)} as person from ${peopleOf(on)} where ${isWanted(on, by)}`
  }
  const parameters = [...lists.flatMap((list) => list.parameters), ...by.list.parameters]
  const { rows } = await on.run(`${shape} by ${by.shape}`, text, parameters)
  return rows.map((row) => personOfParts(on, request, parsed(row.person)))
}

/** Makes a person of what was read of each table, in the order of the tables, the cells of their own row and the number. */
export function personOfParts({ codec }: Statements, request: PeopleRequest, parts: readonly unknown[]): PersonRead {
  const tables = tablesOf(request)
  const user = codec.userRow(parts[tables.length] as Cells, 0)
  const rows = tables.map((table, index) =>
    cellsOfRows(parts[index], index < request.singles.length).map((cells) => codec.ownedRow(table, user.id, cells, 0)),
  )
  return { user, rows, number: parts[tables.length + 1] }
}

/** Returns the cells of each row of a part: of its one row, or of a list. */
function cellsOfRows(part: unknown, isSingle: boolean): readonly Cells[] {
  if (part === null || part === undefined) return []
  return (isSingle ? [part] : part) as readonly Cells[]
}

/** Returns rows from the JSON of `NestedJson.rows`. */
export function rowsOfJson(json: unknown): readonly unknown[][] {
  return json === null ? [] : (parsed(json) as unknown[][])
}

/** Returns an array from its JSON; drivers can have parsed it. */
export function parsed(json: unknown): unknown[] {
  return typeof json === 'string' ? JSON.parse(json) : (json as unknown[])
}
