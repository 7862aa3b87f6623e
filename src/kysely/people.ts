import { type RawBuilder, sql } from 'kysely'
import type { AccountSelector } from '../repository.ts'
import type { TableName } from '../tables.ts'
import { columnsOf, storable } from './codecs.ts'
import type { Statements } from './statements.ts'

/** The column that a selector is about, and its list as the one parameter that `isOneOf` unpacks. */
export function selectorOf(on: Statements, by: AccountSelector): { column: string; list: unknown } {
  if ('ids' in by) return { column: 'id', list: on.dialect.encodeList('id', by.ids) }
  return 'email_keys' in by
    ? { column: 'email_key', list: on.dialect.encodeList('text', storable(by.email_keys)) }
    : { column: 'username_key', list: on.dialect.encodeList('text', storable(by.username_keys)) }
}

/** The rows of a table that belong to the person of a statement, as one JSON array. */
export function listOf(on: Statements, table: TableName, wanted: RawBuilder<unknown> = sql``): RawBuilder<unknown> {
  const cells = columnsOf(table).map((name) => sql.ref(`part.${name}`))
  const from = sql`from ${sql.table(on.tableName(table))} as part where part.user_id = person.id${wanted}`
  return sql`${on.dialect.rowsAsJson(cells, from)} as ${sql.id(table)}`
}
