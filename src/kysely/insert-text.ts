import { type RawBuilder, sql } from 'kysely'
import type { RowsToInsert, ValueList } from './dialect.ts'

/** Stands for a parameter in the text of a statement. */
export const parameter: RawBuilder<unknown> = sql.val(null)

/** A list of one value, which is compared as it is. */
export function oneValue(parameters: readonly unknown[]): ValueList {
  return { shape: '=', parameters, contains: (column) => sql`${column} = ${parameter}` }
}

/** Returns the text `insert into …` up to the rows. */
export function insertInto({ table, columns }: Pick<RowsToInsert, 'table' | 'columns'>): RawBuilder<unknown> {
  return sql`insert into ${table} (${sql.join(columns.map((column) => sql.ref(column)))})`
}

/** Returns the text of a list of rows whose cells are parameters. */
export function valuesOf(count: number, cells: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  const row = sql`(${sql.join(cells)})`
  return sql`values ${sql.join(Array.from({ length: count }, () => row))}`
}

/** Returns the text of a plain insert of rows. */
export function insertText(rows: Pick<RowsToInsert, 'table' | 'columns' | 'count'>): RawBuilder<unknown> {
  return sql`${insertInto(rows)} ${valuesOf(
    rows.count,
    rows.columns.map(() => parameter),
  )}`
}

/** Returns the columns outside of the primary key. */
export function othersOf({ columns, primary }: RowsToInsert): string[] {
  return columns.filter((column) => !primary.includes(column))
}
