import { type TableName, tables } from '../port/tables.ts'
import type { NamedUser, Where, Write } from '../port/write.ts'
import type { Dialect } from './dialect.ts'
import { select } from './select.ts'
import type { Statements } from './statements.ts'
import { cellOf, deleteStep, insertSteps, putSteps, type Step, updateStep, upsertSteps } from './step.ts'

/** Runs one write of a unit. Returns whether the unit goes on; a key that is taken shows as an error of the driver. */
export async function applyWrite(on: Statements, write: Write): Promise<boolean> {
  if ('insert' in write) return insert(on, write.insert, write.rows)
  if ('upsert' in write) return upsert(on, write.upsert, write.rows)
  if ('put' in write) return runSteps(on, putSteps(on, write.put, write.rows))
  if ('require' in write) return areThere(on, write.rows)
  return runSteps(on, ['update' in write ? updateStep(on, write) : deleteStep(on, write)])
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

/** Runs steps one after the other. Returns whether each affected as many rows as it had to. */
export async function runSteps(on: Statements, steps: readonly Step[]): Promise<boolean> {
  for (const { shape, text, parameters, affects } of steps) {
    const { numAffectedRows } = await on.run(shape, text, parameters)
    if (affects !== undefined && Number(numAffectedRows) !== affects) return false
  }
  return true
}

/** Inserts rows, with values for those of our columns that are named and what a host's own table wants besides. */
export async function insertRows(
  on: Statements,
  table: TableName,
  rows: readonly object[],
  columns: readonly string[],
): Promise<void> {
  await runSteps(on, insertSteps(on, table, rows, columns))
}

/** Tells whether people are there under their names, and locks their rows until the transaction ends. */
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
  await runSteps(on, insertSteps(on, table, rows))
  return keepChosenIds(on, table, rows)
}

/** Keeps the database from giving ids again that the caller chose. */
async function keepChosenIds(on: Statements, table: TableName, rows: readonly object[]): Promise<true> {
  const bump = on.dialect.afterChosenIds(on.names.table('users'), on.names.column('users', 'id') ?? 'id')
  if (table === 'users' && rows.length > 0 && bump !== undefined) await on.run('chosen ids', () => bump, [])
  return true
}

async function upsert(on: Statements, table: TableName, rows: readonly object[]): Promise<true> {
  const steps = upsertSteps(on, table, rows)
  if (steps !== undefined) {
    await runSteps(on, steps)
    return keepChosenIds(on, table, rows)
  }
  const fresh: object[] = []
  for (const row of rows) {
    // Not deleted and inserted again: that would delete the rows that belong to the person.
    if (!(await replace(on, table, row))) fresh.push(row)
  }
  return insert(on, table, fresh)
}

/** Sets the columns of the row with the same primary key. Returns whether it is there. */
async function replace(on: Statements, table: TableName, row: object): Promise<boolean> {
  const { primary } = tables[table]
  const where = Object.fromEntries(primary.map((column) => [column, cellOf(row, column)])) as Where<TableName>
  const { shape, text, parameters } = updateStep(on, { update: table, set: row, where } as Extract<
    Write,
    { update: TableName }
  >)
  if (Number((await on.run(shape, text, parameters)).numAffectedRows) > 0) return true
  // Some connections do not count a row as affected that has the same values already.
  return (await select(on, table, where)).length > 0
}
