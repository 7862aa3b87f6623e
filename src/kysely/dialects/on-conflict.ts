import { type RawBuilder, sql } from 'kysely'
import type { ColumnType } from '../../port/tables.ts'
import type { RowsToInsert } from '../dialect.ts'
import { insertInto, othersOf, valuesOf } from '../insert-text.ts'

/** Returns the end of an insert that replaces rows with the same primary key. For databases with `on conflict`. */
export function onConflictReplace(rows: RowsToInsert): RawBuilder<unknown> {
  const target = sql`on conflict (${sql.join(rows.primary.map((column) => sql.ref(column)))})`
  const others = othersOf(rows)
  if (others.length === 0) return sql`${target} do nothing`
  const set = sql.join(others.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`))
  return sql`${target} do update set ${set}`
}

/**
 * Puts rows whose versions follow the stored ones: version 1, or one more than the stored. Where a row is stored,
 * version 1 replaces nothing and counts as not affected. `cell` makes the parameter for a type.
 */
export function putOnConflict(
  rows: RowsToInsert,
  cell: (type: ColumnType) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { table, columns, types, primary, count } = rows
  // The columns of a `values` list have the names column1, column2, …
  const given = (column: string) => sql.ref(`given.column${columns.indexOf(column) + 1}`)
  const sameRow = sql.join(
    primary.map((column) => sql`${sql.ref(`present.${column}`)} = ${given(column)}`),
    sql` and `,
  )
  return sql`${insertInto(rows)} select ${sql.join(columns.map(given))}
    from (${valuesOf(count, types.map(cell))}) as given
    where ${given('version')} = 1
      or exists (select 1 from ${table} as present where ${sameRow} and present.version = ${given('version')} - 1)
    ${onConflictReplace(rows)} where ${table}.version = excluded.version - 1`
}
