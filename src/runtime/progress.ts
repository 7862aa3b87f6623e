import { type TableName, tables } from '../port/tables.ts'
import type { Write } from '../port/write.ts'

/**
 * Returns, as text, everything that can stop a unit: the rows that it guards, the versions that it follows, and the
 * keys that it takes. Two units of one text would be stopped by the same rows.
 *
 * Keys that are drawn anew for every attempt (ids of messages and of history, hashes of mailed keys) count only where
 * there is nothing else: an attempt that differs in them alone has learnt nothing of the obstacle. People whom a unit
 * requires always count: a unit that was stopped by their names requires them under others the next time.
 */
export function guardsOf(writes: readonly Write[]): string {
  const chosen = writes.map((write) => guardOf(write, (table, column) => !isDrawn(table, column)))
  const isEmpty = chosen.flat(Number.POSITIVE_INFINITY).length === 0
  const guards = isEmpty ? writes.map((write) => guardOf(write, isDrawn)) : chosen
  return JSON.stringify([guards, writes.flatMap((write) => ('require' in write ? write.rows : []))])
}

/** Selects the columns of a table that count. */
type Which = (table: TableName, column: string) => boolean

function guardOf(write: Write, which: Which): unknown[] {
  if ('insert' in write) return write.rows.map((row) => keysOf(write.insert, row, which))
  // A row with the same primary key is replaced, and stops nothing.
  if ('upsert' in write) return write.rows.map((row) => valuesOf(write.upsert, tables[write.upsert].unique, row, which))
  if ('put' in write) return write.rows.map((row) => [keysOf(write.put, row, which), row.version])
  if ('require' in write) return []
  const guard = write.guarded === true ? [write.where] : []
  return 'update' in write ? [...guard, keysOf(write.update, write.set, which)] : guard
}

/** Returns the values that a row has in some columns of its table's unique keys, each with its name. */
function keysOf(table: TableName, row: object, which: Which): unknown[] {
  const { primary, unique } = tables[table]
  return valuesOf(table, [primary, ...unique], row, which)
}

function valuesOf(table: TableName, keys: readonly (readonly string[])[], row: object, which: Which): unknown[] {
  return keys.flat().flatMap((column) => {
    const value: unknown = Reflect.get(row, column)
    return value === undefined || !which(table, column) ? [] : [[`${table}.${column}`, value]]
  })
}

function isDrawn(table: TableName, column: string): boolean {
  const isMailed = column === 'key_hash' && table !== 'idempotency_keys'
  return isMailed || (column === 'id' && Reflect.get(tables[table].columns, column) === 'text')
}
