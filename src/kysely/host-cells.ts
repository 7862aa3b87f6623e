import { isDate, isUint8Array } from 'node:util/types'
import type { RawBuilder } from 'kysely'
import { toInstant } from '../values/instant.ts'
import type { JsonValue } from '../values/json.ts'
import type { Dialect } from './dialect.ts'

/** The form in which the values of a column of a host come, by its SQL type. */
export type CellForm = 'integer' | 'number' | 'text' | 'boolean' | 'instant' | 'json' | 'bytes'

/** A column of a host: the form of its values, and how statements select it. */
export interface HostCell {
  readonly form: CellForm
  read(column: RawBuilder<unknown>): RawBuilder<unknown>
}

/** Returns how a column is read, by its SQL type in lower case. */
export type ReadHostCell = (type: string, dialect: Dialect) => HostCell

/** Returns a cell as JSON, in whatever form the driver gives it: hosts change the parsers of drivers. */
export function jsonOfCell(cell: unknown, form: CellForm): JsonValue {
  if (cell === null || cell === undefined) return null
  switch (form) {
    case 'integer':
      return integerOf(cell)
    case 'number':
      return numberOf(cell)
    case 'boolean':
      return booleanOf(cell)
    case 'instant':
      return typeof cell === 'string' ? (toInstant(cell) ?? cell) : plainJson(cell)
    case 'json':
      return typeof cell === 'string' ? parsed(cell) : plainJson(cell)
    case 'bytes':
      // Some databases break the lines of Base64.
      return typeof cell === 'string' ? cell.replaceAll(/\s/g, '') : plainJson(cell)
    case 'text':
      return plainJson(cell)
  }
}

/** Returns a number where that is exact, and text beyond. */
function integerOf(cell: unknown): JsonValue {
  const text = String(cell)
  const number = Number(text)
  return /^-?\d+$/.test(text) && Number.isSafeInteger(number) ? number : plainJson(cell)
}

function numberOf(cell: unknown): JsonValue {
  const number = typeof cell === 'string' && cell.trim() !== '' ? Number(cell) : cell
  return typeof number === 'number' && Number.isFinite(number) ? number : plainJson(cell)
}

function booleanOf(cell: unknown): JsonValue {
  if (cell === true || cell === 't' || cell === 'true' || cell === 1 || cell === '1') return true
  if (cell === false || cell === 'f' || cell === 'false' || cell === 0 || cell === '0') return false
  return plainJson(cell)
}

/** Returns text that claims to be JSON; where it is none, as it is. */
function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}

/** Returns a value that a driver made as JSON. */
function plainJson(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return integerOf(String(value))
  if (isDate(value)) return toInstant(value) ?? null
  if (isUint8Array(value)) return Buffer.from(value).toString('base64')
  return JSON.parse(JSON.stringify(value)) as JsonValue
}

/** Returns a value of JSON as the driver takes it for a column that is compared or written. */
export function encodeCell(dialect: Dialect, value: JsonValue, form: CellForm): unknown {
  if (value === null) return null
  if (form === 'json' || typeof value === 'object') return dialect.encode('json', value)
  if (typeof value === 'boolean') return dialect.encode('boolean', value)
  if (form === 'instant') {
    const instant = typeof value === 'string' ? toInstant(value) : undefined
    return instant === undefined ? value : dialect.encode('instant', instant)
  }
  // A number beside text would be compared as a number, with every row of the table.
  return form === 'text' ? String(value) : value
}

/** Returns a value of a key as the driver takes it: bytes again where it was read as Base64. */
export function encodeKey(dialect: Dialect, value: JsonValue, form: CellForm): unknown {
  if (form === 'bytes' && typeof value === 'string') return Buffer.from(value, 'base64')
  return encodeCell(dialect, value, form)
}
