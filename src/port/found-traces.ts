import type { JsonValue } from '../values/json.ts'
import { identifierKey } from '../values/text.ts'
import type { FoundTraces, Sought, SourceRow } from './personal-data-store.ts'

/** Counts the rows with a trace, by column. */
export function countTraces(
  rows: readonly SourceRow[],
  columns: readonly string[],
  isTrace: Sought['isTrace'],
): FoundTraces['columns'] {
  const counts = columns.map((column) => {
    return [column, rows.filter((row) => isTrace(row[column] ?? null, column)).length] as const
  })
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

/** Tells whether a value is one of those with some keys. A text that can be no name is none. */
export function isOneOf(value: JsonValue, keys: ReadonlySet<string>): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false
  const key = identifierKey(String(value))
  return key !== '' && keys.has(key)
}
