import { type RawBuilder, sql } from 'kysely'
import { type KeyValue, keyOfCursor, sourceCursor } from '../port/source-cursor.ts'
import { type TableName, type Tables, tables } from '../port/tables.ts'
import type { SearchedRows, TextSearch } from '../port/text-search.ts'
import { typeOf } from './codecs.ts'
import { parameter } from './insert-text.ts'
import type { Statements } from './statements.ts'

/** Looks at the next rows of a table by their key. Of rows that can hold none of the texts the key alone is read. */
export async function searchTexts<Name extends TableName>(
  on: Statements,
  table: Name,
  { columns, texts, after, limit }: TextSearch<Name>,
): Promise<SearchedRows<Tables[Name]>> {
  const { primary } = tables[table]
  const behind = keyOfCursor(after, primary.length)
  const types = primary.map((column) => typeOf(table, column))
  if (behind !== undefined && !types.every((type, index) => on.canHold(type, behind[index])))
    return { rows: [], lookedAt: 0, next: null }
  const wanted = paddedTexts(texts)
  const owners = on.names.layout?.owners(table)
  const { rows } = await on.run(
    `search ${table} ${columns.join(' ')} ${wanted.length} ${after === undefined}`,
    () => searchText(on, table, { columns, texts: wanted.length, isFirst: after === undefined, owners }),
    [
      ...columns.flatMap(() => wanted),
      ...(owners === undefined ? [] : [...ownersFrom(on, behind), limit + 1]),
      ...behindParameters(on, table, behind),
      limit,
    ],
  )
  const read = rows.map((row) => ({ row: on.codec.row(table, row), isFound: Number(row.is_found) === 1 }))
  const last = read.at(-1)?.row
  return {
    rows: read.flatMap(({ row, isFound }) => (isFound ? [row] : [])),
    lookedAt: read.length,
    next:
      last === undefined || read.length < limit
        ? null
        : sourceCursor(primary.map((column) => last[column] as KeyValue)),
  }
}

/**
 * Returns the texts with the signs behind which one can be in another form. The last is repeated up to a power of two, so that
 * few texts of statements are made.
 */
export function paddedTexts(texts: readonly string[]): readonly string[] {
  const wanted = ['%', '\\', ...texts]
  const length = 2 ** Math.ceil(Math.log2(wanted.length))
  return Array.from({ length }, (_, index) => wanted[Math.min(index, wanted.length - 1)] as string)
}

/** Returns the condition that a text may hold one of some texts. */
export function mayHoldOneOf(
  { dialect }: Pick<Statements, 'dialect'>,
  cell: RawBuilder<unknown>,
  texts: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> {
  const text = dialect.search.asText(cell)
  const holds = texts.map((wanted) => dialect.search.holds(text, wanted))
  return sql`(${sql.join([dialect.search.isBeyondAscii(text), ...holds], sql` or `)})`
}

interface SearchShape {
  readonly columns: readonly string[]
  readonly texts: number
  readonly isFirst: boolean
  readonly owners: RawBuilder<unknown> | undefined
}

function searchText(
  on: Statements,
  table: TableName,
  { columns, texts, isFirst, owners }: SearchShape,
): RawBuilder<unknown> {
  const primary: readonly string[] = tables[table].primary
  const held = columns.map((column) =>
    mayHoldOneOf(
      on,
      on.cell(table, column, 'entry'),
      Array.from({ length: texts }, () => parameter),
    ),
  )
  const found = sql`case when ${sql.join(held, sql` or `)} then 1 else 0 end as is_found`
  const keys = primary.map((column) => on.column(table, column, 'entry'))
  const behind = isFirst ? sql`` : sql` where ${behindKey(keys)}`
  const looked = sql`select ${sql.join([found, ...on.selected(table, 'entry')])} from ${on.source(table)} as entry
    ${owners === undefined ? sql`` : joinOwners(owners, isFirst)}${behind} order by ${sql.join(keys)} limit ${parameter}`
  const cells = Object.keys(tables[table].columns).map((column) =>
    primary.includes(column)
      ? sql.ref(`looked.${column}`)
      : sql`case when looked.is_found = 1 then ${sql.ref(`looked.${column}`)} end as ${sql.id(column)}`,
  )
  return sql`select looked.is_found, ${sql.join(cells)} from (${looked}) as looked`
}

/** Returns the condition that a row comes behind another in the order of its key. */
function behindKey(keys: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  const alternatives = keys.map((key, index) => {
    const equal = keys.slice(0, index).map((before) => sql`${before} = ${parameter} and `)
    return sql`(${sql.join(equal, sql``)}${key} > ${parameter})`
  })
  // The first column alone, so that an index leads there.
  return sql`${keys[0]} >= ${parameter} and (${sql.join(alternatives, sql` or `)})`
}

function behindParameters(on: Statements, table: TableName, after: readonly KeyValue[] | undefined): unknown[] {
  if (after === undefined) return []
  const values = tables[table].primary.map((column, index) => on.dialect.encode(typeOf(table, column), after[index]))
  return [values[0], ...values.flatMap((_, index) => values.slice(0, index + 1))]
}

/**
 * Joins the next people who have any row, where another system keeps rows of which an order cannot be had from an index. One
 * more than rows: those of the first of them may all be before the page.
 */
function joinOwners(owners: RawBuilder<unknown>, isFirst: boolean): RawBuilder<unknown> {
  const from = isFirst ? sql`` : sql` where user_id >= ${parameter}`
  return sql`join (select user_id from ${owners} as owned${from} group by user_id order by user_id limit ${parameter})
    as people on people.user_id = entry.user_id`
}

function ownersFrom({ dialect }: Statements, after: readonly KeyValue[] | undefined): unknown[] {
  return after === undefined ? [] : [dialect.encode('id', after[0])]
}
