import type { KeyValue } from '../port/source-cursor.ts'

/** Compares keys of rows, column by column. */
export function compareKeys(a: readonly KeyValue[], b: readonly KeyValue[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? null
    if (value === other) continue
    return (value ?? 0) < (other ?? 0) ? -1 : 1
  }
  return 0
}
