import { type TableName, tables } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Statements } from './statements.ts'
import { cellOf, deleteStep, insertSteps, putSteps, requireStep, type Step, updateStep, upsertSteps } from './step.ts'

/**
 * Makes one statement of a whole unit of work, where the database has a way: it is stored or not without a transaction
 * around it, in one round trip. Returns `undefined` where its writes have to run one after the other.
 *
 * Parts of one statement do not see what the others do, nor in which order they run, nor what was committed after the
 * statement began, however long it has waited for a lock since. So each names its rows by their keys, no two of them touch
 * one row, and none a row whose key another one frees.
 */
export function unitStatement(on: Statements, writes: readonly Write[]): Step | undefined {
  const { asOneStatement, maxParameters } = on.dialect
  const isOurs = on.names.users === undefined && on.names.layout === undefined
  if (asOneStatement === undefined || !isOurs || writes.length < 2 || !areApart(writes)) return undefined
  const steps = writes.flatMap((write) => stepsOf(on, write) ?? [])
  const parameters = steps.flatMap((step) => step.parameters)
  if (steps.length === 0 || parameters.length > maxParameters) return undefined
  return {
    shape: `unit: ${steps.map(({ shape, affects }) => `${shape} ${affects}`).join('; ')}`,
    text: () => asOneStatement(steps),
    parameters,
  }
}

function stepsOf(on: Statements, write: Write): Step[] | undefined {
  if ('insert' in write) return insertSteps(on, write.insert, write.rows)
  if ('upsert' in write) return upsertSteps(on, write.upsert, write.rows)
  if ('put' in write) return putSteps(on, write.put, write.rows)
  if ('require' in write) return [requireStep(on, write.rows)]
  return ['update' in write ? updateStep(on, write) : deleteStep(on, write)]
}

/** Tells whether every write names its rows, and no two can touch one row or compete for one key. */
function areApart(writes: readonly Write[]): boolean {
  const touched = new Map<TableName, Set<string>>()
  return writes.every((write) => {
    if ('require' in write) return !touched.has('users') && touched.set('users', new Set()) !== undefined
    const table = tableOf(write)
    // Another statement keeps the database from giving chosen ids again, and rows that belong to people can be deleted
    // with them.
    if (table === 'users' && !('update' in write)) return false
    const before = touched.get(table)
    const keys = keysOf(write, table)
    if (keys === undefined || new Set(keys).size < keys.length) return false
    touched.set(table, new Set([...(before ?? []), ...keys]))
    return before === undefined || (tables[table].unique.length === 0 && keys.every((key) => !before.has(key)))
  })
}

function tableOf(write: Exclude<Write, { require: unknown }>): TableName {
  if ('insert' in write) return write.insert
  if ('upsert' in write) return write.upsert
  if ('put' in write) return write.put
  return 'update' in write ? write.update : write.delete
}

/** Returns the primary keys of the rows that a write can touch; `undefined` for any. */
function keysOf(write: Exclude<Write, { require: unknown }>, table: TableName): string[] | undefined {
  const { primary } = tables[table]
  if ('rows' in write) return write.rows.map((row) => JSON.stringify(primary.map((column) => cellOf(row, column))))
  const values = primary.map((column) => [cellOf(write.where, column)].flat())
  const isNamed = values.every((list) => list.every((value) => value !== null && typeof value !== 'symbol'))
  if (!isNamed) return undefined
  // A row whose key changes touches what has the new one too.
  const set = 'update' in write ? write.set : {}
  const renamed = primary.map((column, index) => [cellOf(set, column) ?? values[index]].flat())
  const keys = [...combinations(values), ...combinations(renamed)]
  return [...new Set(keys.map((key) => JSON.stringify(key)))]
}

function combinations(values: readonly (readonly unknown[])[]): unknown[][] {
  return values.reduce<unknown[][]>((keys, list) => keys.flatMap((key) => list.map((value) => [...key, value])), [[]])
}
