import type { SourceRow } from '../port/personal-data-store.ts'
import type { JsonValue } from '../values/json.ts'

/** The form of the files of an export. */
export type ExportFormat = 'json' | 'csv'

/** The ends of the names of files. */
export const extensions: Readonly<Record<ExportFormat, string>> = { json: 'ndjson', csv: 'csv' }

/** Returns the text before the first row. */
export async function headOf(format: ExportFormat, columns: readonly string[]): Promise<string> {
  if (format === 'json') return ''
  const { stringify } = await import('csv-stringify/sync')
  return stringify([[...columns]])
}

/** Returns rows as text: a line of JSON each, or of CSV, in which cells that a spreadsheet would run are escaped. */
export async function textOfRows(
  format: ExportFormat,
  columns: readonly string[],
  rows: readonly SourceRow[],
): Promise<string> {
  if (format === 'json') return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  const { stringify } = await import('csv-stringify/sync')
  return stringify(
    rows.map((row) => columns.map((column) => cellOf(row[column] ?? null))),
    { escape_formulas: true },
  )
}

/** Returns a value as the text of a cell; objects and lists are JSON, and null is an empty cell. */
function cellOf(value: JsonValue): string {
  if (value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
