import { type RawBuilder, sql } from 'kysely'
import type { RowPage } from '../port/repository.ts'
import type { TableName, Tables, UserId } from '../port/tables.ts'
import { momentOf, notNull, type OwnedTable, type Where } from '../port/write.ts'
import { typeOf } from './codecs.ts'
import { parameter } from './insert-text.ts'
import { listParameter, spellingsOf } from './people.ts'
import type { Statements } from './statements.ts'

/** Reads the rows of a table that meet every condition. `lock` is the end of a statement that locks them. */
export async function select<Name extends TableName>(
  on: Statements,
  table: Name,
  where: Where<Name>,
  lock?: RawBuilder<unknown>,
): Promise<Tables[Name][]> {
  const condition = conditionOf(on, table, where)
  const { rows } = await on.run(
    `select ${table} ${condition.shape}${lock === undefined ? '' : ' lock'}`,
    () => sql`select ${sql.join(on.selected(table, 'entry'))}
      from ${on.source(table)} as entry${condition.text('entry')}${lock ?? sql``}`,
    condition.parameters,
  )
  return rows.map((row) => on.codec.row(table, row)).filter(isExactly(table, where))
}

/**
 * Makes a test of rows that have the texts of a condition letter by letter: collations of foreign tables take more for
 * equal.
 */
export function isExactly(table: TableName, where: Readonly<Record<string, unknown>>): (row: object) => boolean {
  const texts = Object.entries(where).flatMap(([column, wanted]) => {
    const isText = typeOf(table, column) === 'text' && (typeof wanted === 'string' || Array.isArray(wanted))
    return isText ? [[column, new Set([wanted].flat())] as const] : []
  })
  return (row) => texts.every(([column, wanted]) => wanted.has((row as Readonly<Record<string, unknown>>)[column]))
}

/** Reads the next people who have such a row, by id. */
export async function pageUsers<Name extends OwnedTable>(
  on: Statements,
  table: Name,
  where: Where<Name>,
  { after, limit }: { readonly after?: UserId; readonly limit: number },
): Promise<UserId[]> {
  if (after !== undefined && !on.canHold('id', after)) return []
  const condition = conditionOf(on, table, where)
  const owners = condition.shape === '' ? on.names.layout?.owners(table) : undefined
  const { rows } = await on.run(`page ${table} ${condition.shape} ${after === undefined}`, () => {
    const behind = after === undefined ? sql`` : sql`${condition.and} user_id > ${parameter}`
    return sql`select ${on.dialect.read('id', sql.ref('user_id'))} as person
      from ${owners ?? on.source(table)} as entry${condition.text()}${behind} group by user_id order by user_id limit ${parameter}`
  }, [...condition.parameters, ...(after === undefined ? [] : [on.dialect.encode('id', after)]), limit])
  return rows.map((row) => on.codec.id(row.person))
}

/** Reads the next rows of a table, by a column without equal values. */
export async function pageRows<Name extends TableName>(
  on: Statements,
  table: Name,
  where: Where<Name>,
  { by, after, descending = false, limit }: RowPage<Name>,
): Promise<Tables[Name][]> {
  const type = typeOf(table, by)
  if (after !== undefined && !on.canHold(type, after)) return []
  const condition = conditionOf(on, table, where)
  const { rows } =
    await on.run(`rows ${table} ${condition.shape} by ${by} ${after === undefined} ${descending}`, () => {
      const place = on.column(table, by, 'entry')
      const behind = descending ? sql`< ${parameter}` : sql`> ${parameter}`
      return sql`select ${sql.join(on.selected(table, 'entry'))} from ${on.source(table)} as entry${condition.text('entry')}
      ${condition.and} ${place} ${after === undefined ? sql`is not null` : behind}
      order by ${place}${descending ? sql` desc` : sql``} limit ${parameter}`
    }, [...condition.parameters, ...(after === undefined ? [] : [on.dialect.encode(type, after)]), limit])
  return rows.map((row) => on.codec.row(table, row)).filter(isExactly(table, where))
}

/** A `where` clause, with its parameters and the shape of its text. */
export interface Condition {
  readonly shape: string
  /** `alias` names the table, where the statement gives it one. */
  text(alias?: string): RawBuilder<unknown>
  /** The conditions alone, without `where`. */
  terms(alias?: string): RawBuilder<unknown>
  /** The word before a further condition: `and`, or `where` for the first. */
  readonly and: RawBuilder<unknown>
  readonly parameters: readonly unknown[]
}

interface Term {
  readonly shape: string
  readonly text: (column: RawBuilder<unknown>) => RawBuilder<unknown>
  readonly parameters: readonly unknown[]
}

/** Makes the `where` clause for conditions on a table. */
export function conditionOf<Name extends TableName>(on: Statements, table: Name, where: Where<Name>): Condition {
  const terms = Object.entries(where).map(([column, wanted]) => ({ column, ...termOf(on, table, column, wanted) }))
  const join = (alias: string | undefined) =>
    sql.join(
      terms.map(({ column, text }) => text(on.column(table, column, alias))),
      sql` and `,
    )
  return {
    shape: terms.map(({ column, shape }) => `${column} ${shape}`).join(' '),
    and: terms.length === 0 ? sql` where` : sql` and`,
    text: (alias) => (terms.length === 0 ? sql`` : sql` where ${join(alias)}`),
    terms: join,
    parameters: terms.flatMap((term) => term.parameters),
  }
}

/** Tables of a host may have no keys but names and addresses, whose domains have two spellings: both are asked for. */
function withSpellings(key: unknown): unknown {
  if (Array.isArray(key)) return spellingsOf(key)
  const spellings = typeof key === 'string' ? spellingsOf([key]) : [key]
  return spellings.length === 1 ? spellings[0] : spellings
}

function termOf(on: Statements, table: TableName, column: string, given: unknown): Term {
  const type = typeOf(table, column)
  const wanted = column.endsWith('_key') ? withSpellings(given) : given
  if (Array.isArray(wanted)) {
    const list = listParameter(on, type, wanted)
    return { shape: `in ${list.shape}`, text: list.contains, parameters: list.parameters }
  }
  if (wanted === notNull) return { shape: 'not null', text: (ref) => sql`${ref} is not null`, parameters: [] }
  const end = momentOf(wanted)
  if (end !== undefined && on.canHold(type, end)) {
    const text = (ref: RawBuilder<unknown>) => sql`(${ref} is null or ${ref} < ${parameter})`
    return { shape: 'before', text, parameters: [on.dialect.encode(type, end)] }
  }
  if (wanted === null) return { shape: 'null', text: (ref) => sql`${ref} is null`, parameters: [] }
  if (!on.canHold(type, wanted)) return { shape: 'nothing', text: () => sql`1 = 0`, parameters: [] }
  return { shape: '=', text: (ref) => sql`${ref} = ${parameter}`, parameters: [on.dialect.encode(type, wanted)] }
}
