import { type RawBuilder, sql } from 'kysely'
import type { TableName, Tables, UserId } from '../tables.ts'
import { notNull, type OwnedTable, type Where } from '../write.ts'
import { columnsOf, decodeId, decodeRow, storable, typeOf } from './codecs.ts'
import { parameter, type Statements } from './statements.ts'

/** Reads the rows of a table that meet every condition. */
export async function select<Name extends TableName>(
  on: Statements,
  table: Name,
  where: Where<Name>,
): Promise<Tables[Name][]> {
  const condition = conditionOf(on, table, where)
  const { rows } = await on.run(
    `select ${table} ${condition.shape}`,
    () => {
      const columns = sql.join(columnsOf(table).map((column) => sql.ref(column)))
      return sql`select ${columns} from ${sql.table(on.tableName(table))}${condition.text()}`
    },
    condition.parameters,
  )
  return rows.map((row) => decodeRow(table, row))
}

/** The next people who have such a row, by id. */
export async function pageUsers<Name extends OwnedTable>(
  on: Statements,
  table: Name,
  where: Where<Name>,
  { after, limit }: { readonly after?: UserId; readonly limit: number },
): Promise<UserId[]> {
  const condition = conditionOf(on, table, where)
  const { rows } = await on.run(`page ${table} ${condition.shape} ${after === undefined}`, () => {
    const behind = after === undefined ? sql`` : sql`${condition.and} user_id > ${parameter}`
    return sql`select distinct user_id from ${sql.table(on.tableName(table))}${condition.text()}${behind}
        order by user_id limit ${parameter}`
  }, [...condition.parameters, ...(after === undefined ? [] : [on.dialect.encode('id', after)]), limit])
  return rows.map((row) => decodeId(row.user_id))
}

/** A `where` clause, with its parameters and what its text depends on. */
export interface Condition {
  readonly shape: string
  text(): RawBuilder<unknown>
  /** What a further condition follows: `and`, or `where` where there is none. */
  readonly and: RawBuilder<unknown>
  readonly parameters: readonly unknown[]
}

/** Makes the `where` clause for conditions on a table. */
export function conditionOf<Name extends TableName>(on: Statements, table: Name, where: Where<Name>): Condition {
  const terms = Object.entries(where).map(([column, wanted]) => {
    const type = typeOf(table, column)
    const ref = sql.ref(column)
    if (Array.isArray(wanted) || storable([wanted]).length === 0) {
      return {
        shape: `${column} in`,
        text: () => on.dialect.isOneOf(ref, parameter),
        parameters: [on.dialect.encodeList(type, storable([wanted].flat()))],
      }
    }
    if (wanted === notNull) {
      return { shape: `${column} not null`, text: () => sql`${ref} is not null`, parameters: [] }
    }
    if (wanted === null) return { shape: `${column} null`, text: () => sql`${ref} is null`, parameters: [] }
    return {
      shape: `${column} =`,
      text: () => sql`${ref} = ${parameter}`,
      parameters: [on.dialect.encode(type, wanted)],
    }
  })
  return {
    shape: terms.map((term) => term.shape).join(' '),
    and: terms.length === 0 ? sql` where` : sql` and`,
    text: () =>
      terms.length === 0
        ? sql``
        : sql` where ${sql.join(
            terms.map((term) => term.text()),
            sql` and `,
          )}`,
    parameters: terms.flatMap((term) => term.parameters),
  }
}
