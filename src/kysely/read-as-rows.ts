import { type RawBuilder, sql } from 'kysely'
import type { TableName } from '../port/tables.ts'
import { cellsOf, isWanted, type PeopleRequest, type PersonRead, peopleOf, tablesOf } from './people-read.ts'
import { parsed, personOfParts } from './read-nested.ts'
import type { Statements } from './statements.ts'

/**
 * Reads a row for each person and one for each row of a list, all in one union: each row names its list and its person,
 * and has its cells as one JSON array. Made for MariaDB, where a JSON array of the rows of a subquery costs more than
 * all the rest.
 */
export async function readAsRows(on: Statements, request: PeopleRequest): Promise<PersonRead[]> {
  const { shape, by, singles, lists, number } = request
  const { dialect } = on
  const along = isAlongPrimary(on, request) ? dialect.alongPrimary : undefined
  const text = () => {
    const where = sql`where ${isWanted(on, by)}`
    const id = on.column('users', 'id', 'person')
    const parts = [
      ...singles.map(
        (table) => sql`if(${on.column(table, 'user_id', table)} is null, null,
          ${dialect.cellsAsJson(cellsOf(on, table, table))})`,
      ),
      dialect.cellsAsJson(on.cells('users', 'person')),
      ...(number === undefined ? [] : [number()]),
    ]
    const selects = [
      sql`${partOf(on, 'users', id, parts)} from ${withSingles(on, singles, along?.hint)} ${where}`,
      ...lists.map(({ table, wanted }) => {
        const owner = sql.ref('part.user_id')
        const part = partOf(on, table, owner, cellsOf(on, table, 'part'))
        // By ids the people need not be found once more for each list; rows of others than these are left out below.
        return by.column === 'id'
          ? sql`${part} from ${on.source(table)} as part${along?.hint ?? sql``} where ${by.list.contains(owner)}${wanted()}`
          : sql`${part} from ${peopleOf(on)} join ${on.source(table)} as part on ${owner} = ${id} ${where}${wanted()}`
      }),
    ]
    return sql.join(selects, sql` union all `)
  }
  const parameters = [...by.list.parameters, ...lists.flatMap((list) => [...by.list.parameters, ...list.parameters])]
  const { rows } = await on.run(`${shape} by ${by.shape}`, text, parameters, along?.finish)
  const tables = tablesOf(request)
  const people = new Map<unknown, unknown[]>()
  for (const row of rows) {
    if (row.kind !== 'users') continue
    const parts = parsed(row.cells)
    parts.splice(singles.length, 0, ...lists.map(() => []))
    people.set(String(row.person), parts)
  }
  for (const row of rows) {
    const parts = row.kind === 'users' ? undefined : people.get(String(row.person))
    const list = parts?.[tables.indexOf(row.kind as TableName)] as unknown[] | undefined
    list?.push(parsed(row.cells))
  }
  return [...people.values()].map((parts) => personOfParts(on, request, parts))
}

/** Selects one kind of row of the union: a person, or a row of a table. `id` is that of the person. */
function partOf(
  { dialect }: Statements,
  table: TableName,
  id: RawBuilder<unknown>,
  cells: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> {
  const json = dialect.read('json', dialect.cellsAsJson(cells))
  return sql`select ${sql.lit(table)} as kind, ${dialect.read('id', id)} as person, ${json} as cells`
}

/** Tells whether people are read by the primary key of a table of ours, as their other rows are. */
function isAlongPrimary({ names }: Statements, { by }: PeopleRequest): boolean {
  return by.column === 'id' && names.users === undefined && names.layout === undefined
}

/** Returns the source of a `select`: the people and their single rows. */
function withSingles(on: Statements, singles: readonly TableName[], hint = sql``): RawBuilder<unknown> {
  const id = on.column('users', 'id', 'person')
  const joins = singles.map(
    (table) => sql` left join ${on.source(table)} as ${sql.id(table)} on ${on.column(table, 'user_id', table)} = ${id}`,
  )
  return sql`${peopleOf(on)}${hint}${sql.join(joins, sql``)}`
}
