import type { ColumnType, UserId } from '../port/tables.ts'
import { toInstant } from '../values/instant.ts'
import { identifierKey } from '../values/text.ts'

/** Reads a cell that is not null. */
export type Decode = (cell: unknown) => unknown

/** Makes the key of a name. */
export const decodeKey: Decode = (cell) => identifierKey(String(cell))

/** Returns a number where that is exact, and text beyond. */
export function decodeInteger(cell: unknown): UserId {
  const number = Number(cell)
  return Number.isSafeInteger(number) ? number : String(cell)
}

/** The readers of cells that are not null, by the type of the column; `id` depends on the table of people. */
export const decoders: Readonly<Record<Exclude<ColumnType, 'id'>, Decode>> = {
  integer: Number,
  boolean: (cell) => cell === true || cell === 't' || cell === 'true' || Number(cell) === 1,
  // Most moments are in our own form already.
  instant: (cell) =>
    typeof cell === 'string' && cell.length === 27 && cell.endsWith('Z')
      ? cell
      : (toInstant(cell as Date | number | string) ?? null),
  json: (cell) => (typeof cell === 'string' ? JSON.parse(cell) : cell),
  text: String,
}
