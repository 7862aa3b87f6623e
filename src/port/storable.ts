import { toInstant } from '../values/instant.ts'
import { isEvery, isPlainObject, isStorableText } from '../values/json.ts'
import { type ColumnType, type TableName, tables } from './tables.ts'
import type { Write } from './write.ts'

/**
 * Tells whether columns can hold every value of some writes, so that any store returns it as it was given: plain values
 * of the column's type, or JSON. Adapters ask before they write anything, as databases and drivers differ in the values
 * that they refuse or change without an error. A value that is no list of writes, or cannot be read, cannot be stored.
 */
export function areStorable(writes: readonly Write[]): boolean {
  try {
    return Array.isArray(writes) && isEvery(writes, isStorableWrite)
  } catch {
    // The value is no write, or reading it ran a getter or the trap of a proxy that threw.
    return false
  }
}

function isStorableWrite(write: Write): boolean {
  if ('insert' in write) return areRows(write.insert, write.rows)
  if ('upsert' in write) return areRows(write.upsert, write.rows)
  if ('put' in write) return areRows(write.put, write.rows)
  return !('update' in write) || areRows(write.update, [write.set])
}

function areRows(table: TableName, rows: readonly object[]): boolean {
  const types = new Map<string, ColumnType>(Object.entries(tables[table].columns))
  return (
    Array.isArray(rows) &&
    isEvery(rows, (row) =>
      Object.entries(row).every(([column, value]) => {
        const type = types.get(column)
        return value === null || value === undefined || (type !== undefined && tests[type](value))
      }),
    )
  )
}

/** Tells whether a column of a type can hold a value. Returns false for null. */
export function isStorable(type: ColumnType, value: unknown): boolean {
  return tests[type](value)
}

const isText = (value: unknown) => typeof value === 'string' && isStorableText(value)

/**
 * The values that columns can hold, besides null. Versions that stand for rows of another system have more than 32
 * bits.
 */
const tests: Readonly<Record<ColumnType, (value: unknown) => boolean>> = {
  id: (value) => isText(value) || Number.isSafeInteger(value),
  integer: Number.isSafeInteger,
  text: isText,
  boolean: (value) => typeof value === 'boolean',
  instant: (value) => typeof value === 'string' && toInstant(value) === value,
  json: (value) => isPlainObject(value) && isJson(value),
}

/** Deeper values are refused before they exhaust the stack, and so are values that contain themselves. */
const maxDepth = 1000

/** Tells whether a value is JSON that every store returns as it is. */
export function isJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === 'boolean' || isText(value)) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth === maxDepth) return false
  if (Array.isArray(value)) return isEvery(value, (item) => isJson(item, depth + 1))
  return (
    isPlainObject(value) && Object.entries(value).every(([name, member]) => isText(name) && isJson(member, depth + 1))
  )
}
