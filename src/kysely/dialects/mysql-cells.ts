import { type RawBuilder, sql } from 'kysely'
import type { ReadHostCell } from '../host-cells.ts'

/** Returns how columns of MySQL and MariaDB are read. `json` is the type of a column of MariaDB with that check, too. */
export const mysqlCell: ReadHostCell = (type, dialect) => {
  const asText = (column: RawBuilder<unknown>) => dialect.readForeign('text', sql`cast(${column} as char)`)
  if (/^(tiny|small|medium|big)?int\b/.test(type)) return { form: 'integer', read: asText }
  if (/^(float|double|real)\b/.test(type)) return { form: 'number', read: (column) => column }
  if (/^(datetime|timestamp)\b/.test(type))
    return { form: 'instant', read: (column) => dialect.read('instant', column) }
  if (type === 'json') return { form: 'json', read: (column) => dialect.read('json', column) }
  if (/^((var)?binary|(tiny|medium|long)?blob|bit)\b/.test(type))
    return { form: 'bytes', read: (column) => dialect.readForeign('text', sql`to_base64(${column})`) }
  return { form: 'text', read: asText }
}
