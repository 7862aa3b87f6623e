import { badArgument } from '../values/arguments.ts'
import { isEvery } from '../values/json.ts'
import type { TableName, Tables } from './tables.ts'

/** Texts that are looked for in columns of a table, and the rows that are looked at. */
export interface TextSearch<Name extends TableName> {
  /** Columns of text or JSON. JSON counts as the text that the adapter keeps or makes of it. */
  readonly columns: readonly (keyof Tables[Name] & string)[]
  /** The texts: of ASCII, without capital letters. */
  readonly texts: readonly string[]
  /** `next` of the page before; left out for the first one. */
  readonly after?: string
  /** The most rows to look at. */
  readonly limit: number
}

/** The rows of a page that may hold one of the texts. */
export interface SearchedRows<Row> {
  readonly rows: readonly Row[]
  /** The number of rows that were looked at. */
  readonly lookedAt: number
  /** The cursor for `after` of the next page; null once there is none. */
  readonly next: string | null
}

/**
 * Tells whether a text may hold one of some texts: it has one in any case of its letters, or it has a letter beyond ASCII, a
 * percent sign or a backslash, behind which one can be in another form. The texts are of ASCII, without capital letters.
 *
 * ```ts
 * mayHold('To ADA, with love', ['ada']) // true
 * mayHold('to%20whom', ['ada']) // true
 * ```
 */
export function mayHold(text: string, texts: readonly string[]): boolean {
  if (typeof text !== 'string') throw badArgument('text', 'text')
  if (!Array.isArray(texts) || !isEvery(texts, (wanted) => typeof wanted === 'string'))
    throw badArgument('texts', 'a list of texts')
  if (/[^\0-\x7f]|[%\\]/.test(text)) return true
  const lower = text.toLowerCase()
  return texts.some((wanted) => lower.includes(wanted))
}
