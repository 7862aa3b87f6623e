import { badArgument } from '../values/arguments.ts'

/** The value of a column of a key; bytes are text in Base64. */
export type KeyValue = string | number | boolean | null

/** Returns the cursor behind a row of a source, by its key: opaque text. */
export function sourceCursor(key: readonly KeyValue[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/**
 * Returns the key that a cursor holds; `undefined` without a cursor. Throws `bad_request` for a text that is no cursor of
 * a key of so many columns.
 */
export function keyOfCursor(cursor: string | undefined, columns: number): readonly KeyValue[] | undefined {
  if (cursor === undefined) return undefined
  const key = parsed(cursor)
  const isKey = Array.isArray(key) && key.length === columns && key.every(isKeyValue)
  if (!isKey) throw badArgument('after', 'the `next` of a page')
  return key
}

function isKeyValue(value: unknown): value is KeyValue {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
