import { sql } from 'kysely'
import { type TableName, tables } from '../port/tables.ts'
import type { NamedUser, Where, Write } from '../port/write.ts'
import { typeOf } from './codecs.ts'
import type { Dialect, RowsToInsert } from './dialect.ts'
import { insertText, parameter } from './insert-text.ts'
import { conditionOf, select } from './select.ts'
import type { Statements } from './statements.ts'

/**
 * Runs one write of a unit. Answers whether the unit goes on; a key that is taken shows as an error of the driver.
 */
export async function applyWrite(on: Statements, write: Write): Promise<boolean> {
  if ('insert' in write) return insert(on, write.insert, write.rows)
  if ('upsert' in write) return upsert(on, write.upsert, write.rows)
  if ('put' in write) return put(on, write.put, write.rows)
  if ('require' in write) return areThere(on, write.rows)
  const affected = 'update' in write ? await update(on, write) : await remove(on, write)
  return write.guarded !== true || affected === 1
}

/**
 * Tells whether a write takes effect as a whole or not at all without a transaction around it: one statement that
 * changes one row, or any number of rows unconditionally.
 */
export function isAtomic(write: Write, dialect: Dialect): boolean {
  if ('insert' in write) return write.rows.length === 1 && write.insert !== 'users'
  if ('upsert' in write) return write.rows.length === 1 && tables[write.upsert].unique.length === 0
  if ('put' in write) return write.rows.length === 1 && dialect.putsNewRows
  if ('require' in write) return false
  const { primary } = tables['update' in write ? write.update : write.delete]
  return write.guarded !== true || primary.every((column) => isScalar(cellOf(write.where, column)))
}

/** Tells whether people are there under their names. Their rows stay as they are until the transaction ends. */
async function areThere(on: Statements, rows: readonly NamedUser[]): Promise<boolean> {
  const found = await select(on, 'users', { id: rows.map(({ id }) => id) }, on.dialect.keeping)
  const byId = new Map(found.map((user) => [user.id, user]))
  return rows.every(({ id, username, email }) => {
    const user = byId.get(id)
    return user?.username === username && (email === undefined || user.email === email)
  })
}

function isScalar(value: unknown): boolean {
  return value !== null && !Array.isArray(value)
}

async function insert(on: Statements, table: TableName, rows: readonly object[]): Promise<true> {
  await insertRows(on, table, rows, on.names.columns(table))
  return keepChosenIds(on, table, rows)
}

/** Keeps ids of people that the caller chose from being given again. */
async function keepChosenIds(on: Statements, table: TableName, rows: readonly object[]): Promise<true> {
  const bump = on.dialect.afterChosenIds(on.names.table('users'), on.names.column('users', 'id') ?? 'id')
  if (table === 'users' && rows.length > 0 && bump !== undefined) await on.run('chosen ids', () => bump, [])
  return true
}

/** Inserts rows, with values for those of our columns that are named and what a host's own table wants besides. */
export async function insertRows(
  on: Statements,
  table: TableName,
  rows: readonly object[],
  columns: readonly string[],
): Promise<void> {
  await inChunks(on, 'insert', table, rows, columns, insertText)
}

async function upsert(on: Statements, table: TableName, rows: readonly object[]): Promise<true> {
  const hasOtherKeys = tables[table].unique.length > 0
  const columns = on.names.columns(table)
  const shape = rowsToInsert(on, table, 1, columns)
  if (on.dialect.upsert(shape, hasOtherKeys) !== undefined) {
    await inChunks(on, 'upsert', table, rows, columns, (chunk) => on.dialect.upsert(chunk, hasOtherKeys) ?? sql``)
    return keepChosenIds(on, table, rows)
  }
  const fresh: object[] = []
  for (const row of rows) {
    // Not deleted and inserted again: what belongs to a person would go too.
    if (!(await replace(on, table, row))) fresh.push(row)
  }
  return insert(on, table, fresh)
}

/** Sets the columns of the row with the same primary key. Answers whether it is there. */
async function replace(on: Statements, table: TableName, row: object): Promise<boolean> {
  const { primary } = tables[table]
  const where = Object.fromEntries(primary.map((column) => [column, cellOf(row, column)])) as Where<TableName>
  if ((await update(on, { update: table, set: row, where } as Extract<Write, { update: TableName }>)) > 0) return true
  // A row that is the same already does not count as affected on every connection.
  return (await select(on, table, where)).length > 0
}

async function put(on: Statements, table: TableName, rows: readonly { readonly version: number }[]): Promise<boolean> {
  const { putsNewRows, affectedPerPut } = on.dialect
  const isApart = (row: { readonly version: number }) => !putsNewRows && row.version === 1
  const [fresh, others] = [rows.filter(isApart), rows.filter((row) => !isApart(row))]
  if (fresh.length > 0) await insert(on, table, fresh)
  const affected = await inChunks(on, 'put', table, others, on.names.columns(table), on.dialect.put)
  return affected === others.length * affectedPerPut
}

/** Runs an insert for as many rows at once as the database takes. Answers how many rows were affected. */
export async function inChunks(
  on: Statements,
  kind: string,
  table: TableName,
  rows: readonly object[],
  columns: readonly string[],
  text: (rows: RowsToInsert) => ReturnType<typeof insertText>,
): Promise<number> {
  const most = Math.floor(on.dialect.maxParameters / columns.length)
  const extra = table === 'users' ? Object.entries(on.names.users?.defaults ?? {}) : []
  let affected = 0
  for (let start = 0; start < rows.length; start += most) {
    const chunk = rows.slice(start, start + most)
    const { numAffectedRows } = await on.run(
      `${kind} ${chunk.length} ${table} ${columns.length}`,
      () => text(rowsToInsert(on, table, chunk.length, columns)),
      chunk.flatMap((row) => [
        ...columns.map((column) => on.encode(table, column, cellOf(row, column))),
        ...extra.map(([, value]) => value),
      ]),
    )
    affected += Number(numAffectedRows)
  }
  return affected
}

function rowsToInsert(on: Statements, table: TableName, count: number, columns: readonly string[]): RowsToInsert {
  const extra = table === 'users' ? Object.keys(on.names.users?.defaults ?? {}) : []
  return {
    table: on.table(table),
    columns: [...columns.map((column) => on.names.column(table, column) ?? column), ...extra],
    types: [...columns.map((column) => typeOf(table, column)), ...extra.map(() => 'text' as const)],
    idType: on.names.users?.idType ?? on.dialect.schema.types.id,
    primary: tables[table].primary.map((column) => on.names.column(table, column) ?? column),
    count,
  }
}

async function update(on: Statements, write: Extract<Write, { update: TableName }>): Promise<number> {
  const table = write.update
  const columns = Object.keys(write.set).filter((column) => on.names.column(table, column) !== undefined)
  const condition = conditionOf<TableName>(on, table, storedOnly(on, table, write.where))
  const { numAffectedRows } = await on.run(`update ${table} ${columns.join(' ')} where ${condition.shape}`, () => {
    const set = columns.map((column) => sql`${sql.ref(on.names.column(table, column) ?? column)} = ${parameter}`)
    const id = on.column(table, tables[table].primary[0] ?? 'id')
    return sql`update ${on.table(table)} set ${set.length > 0 ? sql.join(set) : sql`${id} = ${id}`}${condition.text()}`
  }, [...columns.map((column) => on.encode(table, column, cellOf(write.set, column))), ...condition.parameters])
  return Number(numAffectedRows)
}

/** Without conditions on keys that the host does not store: the name that they come from is among the conditions. */
function storedOnly<Name extends TableName>(on: Statements, table: Name, where: Where<Name>): Where<Name> {
  const isStored = (column: string) =>
    on.names.column(table, column) !== undefined || !column.endsWith('_key') || !(column.replace(/_key$/, '') in where)
  return Object.fromEntries(Object.entries(where).filter(([column]) => isStored(column))) as Where<Name>
}

async function remove(on: Statements, write: Extract<Write, { delete: TableName }>): Promise<number> {
  const table = write.delete
  const condition = conditionOf<TableName>(on, table, write.where)
  const { numAffectedRows } = await on.run(
    `delete ${table} where ${condition.shape}`,
    () => sql`delete from ${on.table(table)}${condition.text()}`,
    condition.parameters,
  )
  return Number(numAffectedRows)
}

function cellOf(row: object, column: string): unknown {
  return (row as Readonly<Record<string, unknown>>)[column] ?? null
}
