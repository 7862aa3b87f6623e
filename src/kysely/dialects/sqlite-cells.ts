import { sql } from 'kysely'
import type { ReadHostCell } from '../host-cells.ts'

/** Returns how columns of SQLite are read. It has no type for moments: they stay in the form of the host. */
export const sqliteCell: ReadHostCell = (type) => {
  // Drivers make numbers of integers that are greater than a number can hold, or fail.
  if (/^(tiny|small|medium|big)?int(eger)?\b/.test(type))
    return {
      form: 'integer',
      read: (column) => sql`case typeof(${column}) when 'integer' then cast(${column} as text) else ${column} end`,
    }
  if (/^(real|float|double|numeric|decimal)\b/.test(type)) return { form: 'number', read: (column) => column }
  if (/^bool(ean)?$/.test(type)) return { form: 'boolean', read: (column) => column }
  if (type === 'json') return { form: 'json', read: (column) => column }
  return { form: type === 'blob' ? 'bytes' : 'text', read: (column) => column }
}
