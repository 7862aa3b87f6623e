import { type RawBuilder, sql } from 'kysely'
import type { AccountFilter, AccountOrder, AccountPage, AccountPlace } from '../port/account-page.ts'
import { parameter } from './insert-text.ts'
import type { ListedColumn } from './listed-columns.ts'
import { type ListedColumns, listedColumns } from './listed-columns.ts'
import type { Statements } from './statements.ts'

/** Lists people: one statement, which reads a page along an index. */
export async function pageAccounts(on: Statements, page: AccountPage): Promise<AccountPlace[]> {
  const { where, order, descending = false, after, limit } = page
  if (!canBeFound(on, page)) return []
  const columns = listedColumns(on)
  const parts = partsOf(on, columns, where, order)
  const isIdOrder = order === 'id'
  const place = after === undefined ? [] : placeParameters(on, order, after)
  const { rows } = await on.run(
    `people ${parts.shape} by ${order} ${descending} ${after === undefined}`,
    () => pageText(on, columns, parts, { order, descending, isFirst: after === undefined }),
    [...parts.parameters, ...place, limit],
  )
  return rows.map((row) => ({
    id: on.codec.id(row.person),
    value: isIdOrder ? '' : order === 'date_joined' ? on.codec.instant(row.place) : String(row.place),
  }))
}

/** Tells whether any row can have the values that are asked for. */
function canBeFound(on: Statements, { where, after, order }: AccountPage): boolean {
  const { is_active, values = [], joined_from, joined_before, ...texts } = where
  const instants = [joined_from, joined_before, order === 'date_joined' ? after?.value : undefined]
  const others = [...Object.values(texts), ...values.flatMap(({ field, value }) => [field, value]), after?.value]
  return (
    (is_active === undefined || on.canHold('boolean', is_active)) &&
    instants.every((value) => value === undefined || on.canHold('instant', value)) &&
    others.every((value) => value === undefined || on.canHold('text', value)) &&
    (after === undefined || on.canHold('id', after.id))
  )
}

/** The tables of a list with their conditions, the one first in whose order it is read. */
interface Parts {
  readonly shape: string
  readonly tables: readonly Part[]
  /** The id of the person in the first table. */
  readonly id: RawBuilder<unknown>
  readonly conditions: readonly RawBuilder<unknown>[]
  readonly parameters: readonly unknown[]
}

/** A table of a list, and its column with the id of the person. */
interface Part {
  readonly source: RawBuilder<unknown>
  readonly id: RawBuilder<unknown>
  readonly conditions: readonly Condition[]
}

interface Condition {
  readonly shape: string
  readonly text: RawBuilder<unknown>
  readonly parameters: readonly unknown[]
}

function partsOf(on: Statements, columns: ListedColumns, where: AccountFilter, order: AccountOrder): Parts {
  const { values = [], country, name } = where
  const people: Part = {
    source: sql`${on.source('users')} as person`,
    id: on.column('users', 'id', 'person'),
    conditions: conditionsOfPeople(on, columns, where),
  }
  const found = values.map(({ field, value }, index): Part => {
    const alias = `found_${index}`
    const cell = (column: string) => sql.ref(`${alias}.${column}`)
    return {
      source: sql`${on.source('search_values')} as ${sql.id(alias)}`,
      id: cell('user_id'),
      conditions: [
        {
          shape: 'value',
          text: sql`${cell('field')} = ${parameter} and ${cell('value')} = ${parameter}`,
          parameters: [field, value],
        },
      ],
    }
  })
  const named: Part[] =
    name === undefined && order !== 'name'
      ? []
      : [
          {
            ...columns.name,
            conditions: [
              ...columns.name.conditions,
              ...(name === undefined ? [] : [beginning('name', columns.name.column, name)]),
            ],
          },
        ]
  const profiles: Part[] =
    country === undefined
      ? []
      : [
          {
            source: sql`${columns.profiles} as profile`,
            id: sql.ref('profile.user_id'),
            conditions: [
              { shape: 'country', text: sql`${sql.ref('profile.country')} = ${parameter}`, parameters: [country] },
            ],
          },
        ]
  const all =
    order === 'name'
      ? [...named, people, ...found, ...profiles]
      : order === 'id'
        ? [...found, ...profiles, people, ...named]
        : [people, ...found, ...profiles, ...named]
  // Rows of these tables have a person, by their foreign keys, where the table of people is the library's own.
  const others = all.filter((table) => table !== people)
  const needsPeople =
    on.names.users !== undefined || people.conditions.length > 0 || !(order === 'name' || order === 'id')
  const tables = needsPeople || others.length === 0 ? all : others
  const id = tables[0]?.id ?? sql`null`
  const conditions = tables.flatMap((table) => table.conditions)
  return {
    shape: conditions.map(({ shape }) => shape).join(' '),
    tables,
    id,
    conditions: [
      ...conditions.map(({ text }) => text),
      ...tables.slice(1).map((table) => sql`${table.id} = ${id}`),
      notSealed(on, id),
    ],
    parameters: conditions.flatMap((condition) => condition.parameters),
  }
}

function conditionsOfPeople(on: Statements, columns: ListedColumns, where: AccountFilter): Condition[] {
  const { username, email, is_active, joined_from, joined_before } = where
  const joined = on.column('users', 'date_joined', 'person')
  const instant = (value: string) => on.dialect.encode('instant', value)
  return [
    ...(username === undefined ? [] : [beginning('username', columns.username, username)]),
    ...(email === undefined ? [] : [beginning('email', columns.email, email)]),
    ...(joined_from === undefined
      ? []
      : [{ shape: 'from', text: sql`${joined} >= ${parameter}`, parameters: [instant(joined_from)] }]),
    ...(joined_before === undefined
      ? []
      : [{ shape: 'before', text: sql`${joined} < ${parameter}`, parameters: [instant(joined_before)] }]),
    // Written out: few people are inactive as a rule, and a plan for either value would read all the others.
    ...(is_active === undefined
      ? []
      : [
          {
            shape: is_active ? 'active' : 'inactive',
            text: sql`${on.column('users', 'is_active', 'person')} = ${sql.lit(on.dialect.encode('boolean', is_active))}`,
            parameters: [],
          },
        ]),
  ]
}

function beginning(shape: string, column: ListedColumn, text: string): Condition {
  return { shape, text: column.begins, parameters: column.parameters(text) }
}

/** Returns the condition that the retirement of a person has not begun. */
function notSealed(on: Statements, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const isStarted = sql`${sql.ref('request.is_started')} = ${sql.lit(on.dialect.encode('boolean', true))}`
  return sql`not exists (select 1 from ${on.source('retirement_requests')} as request
    where ${sql.ref('request.user_id')} = ${id} and ${isStarted})`
}

interface PageShape {
  readonly order: AccountOrder
  readonly descending: boolean
  readonly isFirst: boolean
}

/** Tells whether no two people have the same value. Indexes of unique keys need not have the ids behind them. */
function isUnique(order: AccountOrder): boolean {
  return order === 'username' || order === 'email'
}

/** Makes the statement. `cross join`, since SQLite begins with the table that stands first then. */
function pageText(
  on: Statements,
  columns: ListedColumns,
  { tables, id, conditions }: Parts,
  { order, descending, isFirst }: PageShape,
): RawBuilder<unknown> {
  const place = placeOf(on, columns, order)
  const keys = place === undefined ? [id] : isUnique(order) ? [place.column] : [place.column, id]
  const direction = descending ? sql` desc` : sql``
  const behind = isFirst ? [] : [on.dialect.comparesRows ? rowsBehind(keys, descending) : keysBehind(keys, descending)]
  return sql`select ${on.dialect.read('id', id)} as person, ${place?.read ?? sql`''`} as place
    from ${sql.join(
      tables.map(({ source }) => source),
      sql` cross join `,
    )} where ${sql.join([...conditions, ...behind], sql` and `)}
    order by ${sql.join(keys.map((key) => sql`${key}${direction}`))} limit ${parameter}`
}

function placeOf(on: Statements, columns: ListedColumns, order: AccountOrder) {
  if (order === 'id') return undefined
  if (order === 'name') return columns.name.column
  if (order === 'date_joined')
    return { column: on.column('users', 'date_joined', 'person'), read: on.cell('users', 'date_joined', 'person') }
  return columns[order]
}

const parametersOf = (keys: readonly unknown[]) => sql.join(keys.map(() => parameter))

function rowsBehind(keys: readonly RawBuilder<unknown>[], descending: boolean): RawBuilder<unknown> {
  return sql`(${sql.join(keys)}) ${descending ? sql`<` : sql`>`} (${parametersOf(keys)})`
}

/** Returns the same condition for databases that take an index for single columns alone. */
function keysBehind(keys: readonly RawBuilder<unknown>[], descending: boolean): RawBuilder<unknown> {
  const than = descending ? sql`<` : sql`>`
  const [first, second] = keys
  if (second === undefined) return sql`${first} ${than} ${parameter}`
  return sql`(${first} ${than} ${parameter} or (${first} = ${parameter} and ${second} ${than} ${parameter}))`
}

function placeParameters(on: Statements, order: AccountOrder, { id, value }: AccountPlace): unknown[] {
  const last = on.dialect.encode('id', id)
  if (order === 'id') return [last]
  if (isUnique(order)) return [value]
  const first = order === 'date_joined' ? on.dialect.encode('instant', value) : value
  return on.dialect.comparesRows ? [first, last] : [first, first, last]
}
