import { type KeyValue, keyOfCursor, sourceCursor } from '../port/source-cursor.ts'
import { type TableName, type Tables, tables } from '../port/tables.ts'
import { mayHold, type SearchedRows, type TextSearch } from '../port/text-search.ts'
import { compareKeys } from './compare-keys.ts'
import { select } from './memory-reads.ts'
import type { MemoryStore } from './memory-store.ts'

export function searchTexts<Name extends TableName>(
  store: MemoryStore,
  table: Name,
  { columns, texts, after, limit }: TextSearch<Name>,
): SearchedRows<Tables[Name]> {
  const { primary } = tables[table]
  const last = keyOfCursor(after, primary.length)
  const keyed = select<Name>(store, table, {})
    .map((row) => ({ row, key: primary.map((column) => row[column] as KeyValue) }))
    .filter(({ key }) => last === undefined || compareKeys(key, last) > 0)
    .sort((a, b) => compareKeys(a.key, b.key))
    .slice(0, limit)
  const end = keyed.at(-1)
  return {
    rows: keyed.flatMap(({ row }) => (columns.some((column) => isFound(row[column], texts)) ? [row] : [])),
    lookedAt: keyed.length,
    next: end === undefined || keyed.length < limit ? null : sourceCursor(end.key),
  }
}

function isFound(value: unknown, texts: readonly string[]): boolean {
  if (value === null) return false
  return mayHold(typeof value === 'string' ? value : JSON.stringify(value), texts)
}
