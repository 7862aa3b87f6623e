import { type RawBuilder, sql } from 'kysely'
import { type TableName, tables } from '../port/tables.ts'
import { parameter } from './insert-text.ts'
import type { Statements } from './statements.ts'

/** Some of the rows to choose from: those that meet a condition, in an order that an index has. */
export interface Candidates {
  readonly condition: RawBuilder<unknown>
  readonly parameters: readonly unknown[]
  readonly order: readonly string[]
  /** The columns of that index before those of the order, which the condition sets to null. Left out: none. */
  readonly fixed?: readonly string[]
  /** The end of the name of that index: databases without statistics would take another one. Left out: any. */
  readonly index?: string
}

/** A change of the first rows of a table, up to a limit, in some order. */
export interface UpdateFirst {
  /** Tells texts of the statement apart. */
  readonly shape: string
  readonly table: TableName
  readonly set: { readonly text: RawBuilder<unknown>; readonly parameters: readonly unknown[] }
  /** A condition on other tables: nothing is changed while it does not hold. Left out: none. */
  readonly provided?: { readonly text: RawBuilder<unknown>; readonly parameters: readonly unknown[] }
  /** The rows to choose from. No row is among the candidates twice. */
  readonly candidates: readonly Candidates[]
  /** The columns of the order. */
  readonly order: readonly string[]
  readonly limit: number
  /** Makes the columns that the statement returns where the database can. */
  columns(alias?: string): readonly RawBuilder<unknown>[]
}

/**
 * Sets columns in the first rows, and returns them where `returnsUpdated`. Rows that others have locked are skipped, not
 * waited for.
 *
 * Of each group of candidates the statement reads the first ones alone, since an index has them in their order: under one
 * condition for all groups the database would read and sort every row. It locks them until its end, also those of one
 * group that come behind those of another: for that time other callers pass over them.
 */
export async function updateFirst(on: Statements, request: UpdateFirst): Promise<Record<string, unknown>[]> {
  const { shape, set } = request
  const { rows } = await on.run(
    shape,
    () => updateText(on, request),
    on.dialect.setsLast ? [...parametersOf(request), ...set.parameters] : [...set.parameters, ...parametersOf(request)],
  )
  return rows
}

/** Locks the first rows until the transaction ends, as `updateFirst` does, and returns them as they are. */
export async function findFirst(on: Statements, request: UpdateFirst): Promise<Record<string, unknown>[]> {
  const { rows } = await on.run(
    `${request.shape} found`,
    () => firstText(on, request, sql`*`, request.columns('parts')),
    parametersOf(request),
  )
  return rows
}

function parametersOf({ candidates, provided, limit }: UpdateFirst): unknown[] {
  return [...candidates.flatMap(({ parameters }) => [...parameters, limit]), ...(provided?.parameters ?? []), limit]
}

function updateText(on: Statements, request: UpdateFirst): RawBuilder<unknown> {
  const { table, set, order, columns } = request
  const [primary = 'id'] = tables[table].primary
  return on.dialect.updateFound({
    table: on.table(table),
    set: set.text,
    primary,
    found: firstText(on, request, refs([...new Set([primary, ...order])]), [sql.ref(primary)]),
    columns: columns(),
  })
}

/** Makes the select of the first rows. `ofPart`: the columns of the candidates. */
function firstText(
  on: Statements,
  { table, candidates, provided, order }: UpdateFirst,
  ofPart: RawBuilder<unknown>,
  columns: readonly RawBuilder<unknown>[],
): RawBuilder<unknown> {
  const parts = candidates.map(({ condition, fixed = [], order, index }, place) => {
    const using = index === undefined ? sql`` : on.dialect.usingIndex(on.names.own(`${table}_${index}`))
    return sql`select * from (select ${ofPart} from ${on.table(table)}${using}
      where ${condition} order by ${refs(on.dialect.ordersByNulls ? [...fixed, ...order] : order)}
      limit ${parameter}${on.dialect.skippingLocked}) as ${sql.id(`part_${place}`)}`
  })
  return sql`select ${sql.join(columns)} from (${sql.join(parts, sql` union all `)}) as parts
    ${provided === undefined ? sql`` : sql`where ${provided.text}`} order by ${refs(order)} limit ${parameter}`
}

function refs(columns: readonly string[]): RawBuilder<unknown> {
  return sql.join(columns.map((column) => sql.ref(column)))
}
