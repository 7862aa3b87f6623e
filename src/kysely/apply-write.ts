import { type RawBuilder, sql } from 'kysely'
import { type TableName, tables } from '../tables.ts'
import type { Write } from '../write.ts'
import { columnsOf, typeOf } from './codecs.ts'
import { conditionOf } from './select.ts'
import { parameter, type Statements } from './statements.ts'

/**
 * Runs one write of a unit. Answers whether the unit goes on; a key that is taken shows as an error of the driver.
 */
export async function applyWrite(on: Statements, write: Write): Promise<boolean> {
  if ('insert' in write) return insertRows(on, write.insert, write.rows, 'insert')
  if ('upsert' in write) return insertRows(on, write.upsert, write.rows, 'upsert')
  if ('put' in write) return insertRows(on, write.put, write.rows, 'put')
  const affected = 'update' in write ? await update(on, write) : await remove(on, write)
  return write.guarded !== true || affected === 1
}

/**
 * Tells whether a write takes effect as a whole or not at all without a transaction around it: one statement that
 * changes one row, or any number of rows unconditionally.
 */
export function isAtomic(write: Write): boolean {
  if ('rows' in write) return write.rows.length === 1
  const { primary } = tables['update' in write ? write.update : write.delete]
  return write.guarded !== true || primary.every((column) => isScalar(cellOf(write.where, column)))
}

function isScalar(value: unknown): boolean {
  return value !== null && !Array.isArray(value)
}

type InsertKind = 'insert' | 'upsert' | 'put'

/** Inserts rows, as many at once as the database takes. `columns` leaves out those that the database fills in. */
export async function insertRows(
  on: Statements,
  table: TableName,
  rows: readonly object[],
  kind: InsertKind,
  columns = columnsOf(table),
): Promise<boolean> {
  const most = Math.floor(on.dialect.maxParameters / columns.length)
  for (let start = 0; start < rows.length; start += most) {
    const chunk = rows.slice(start, start + most)
    const { numAffectedRows } = await on.run(
      `${kind} ${chunk.length} ${table} ${columns.length}`,
      () => insertText(on, table, chunk.length, kind, columns),
      chunk.flatMap((row) => columns.map((column) => on.dialect.encode(typeOf(table, column), cellOf(row, column)))),
    )
    if (kind === 'put' && numAffectedRows !== BigInt(chunk.length)) return false
  }
  return true
}

function insertText(on: Statements, table: TableName, count: number, kind: InsertKind, columns: readonly string[]) {
  const primary: readonly string[] = tables[table].primary
  const others = columns.filter((column) => !primary.includes(column))
  const name = on.tableName(table)
  const row = sql`(${sql.join(columns.map(() => parameter))})`
  const values = sql`values ${sql.join(Array.from({ length: count }, () => row))}`
  const into = sql`insert into ${sql.table(name)} (${sql.join(columns.map((column) => sql.ref(column)))})`
  const replace = on.dialect.onDuplicate(primary, others, name, kind === 'put')
  switch (kind) {
    case 'insert':
      return sql`${into} ${values}`
    case 'upsert':
      return sql`${into} ${values} ${replace}`
    case 'put':
      return sql`${into} ${rowsInTurn(name, values, primary, columns)} ${replace}`
  }
}

/** Of the rows to put, those whose turn it is: version 1, or one more than what is stored. */
function rowsInTurn(
  table: string,
  values: RawBuilder<unknown>,
  primary: readonly string[],
  columns: readonly string[],
) {
  // Columns of a `values` list are called column1, column2, …
  const given = (column: string) => sql.ref(`given.column${columns.indexOf(column) + 1}`)
  const sameRow = sql.join(
    primary.map((column) => sql`${sql.ref(`stored.${column}`)} = ${given(column)}`),
    sql` and `,
  )
  return sql`select ${sql.join(columns.map(given))} from (${values}) as given
    where ${given('version')} = 1
      or exists (select 1 from ${sql.table(table)} as stored where ${sameRow} and stored.version = ${given('version')} - 1)`
}

async function update(on: Statements, write: Extract<Write, { update: TableName }>): Promise<number> {
  const table = write.update
  const columns = Object.keys(write.set)
  const condition = conditionOf<TableName>(on, table, write.where)
  const { numAffectedRows } = await on.run(`update ${table} ${columns.join(' ')} where ${condition.shape}`, () => {
    const set = sql.join(columns.map((column) => sql`${sql.ref(column)} = ${parameter}`))
    return sql`update ${sql.table(on.tableName(table))} set ${set}${condition.text()}`
  }, [
    ...columns.map((column) => on.dialect.encode(typeOf(table, column), cellOf(write.set, column))),
    ...condition.parameters,
  ])
  return Number(numAffectedRows)
}

async function remove(on: Statements, write: Extract<Write, { delete: TableName }>): Promise<number> {
  const table = write.delete
  const condition = conditionOf<TableName>(on, table, write.where)
  const { numAffectedRows } = await on.run(
    `delete ${table} where ${condition.shape}`,
    () => sql`delete from ${sql.table(on.tableName(table))}${condition.text()}`,
    condition.parameters,
  )
  return Number(numAffectedRows)
}

function cellOf(row: object, column: string): unknown {
  return (row as Readonly<Record<string, unknown>>)[column] ?? null
}
