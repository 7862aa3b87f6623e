import { sql } from 'kysely'
import type { HostCell, ReadHostCell } from '../host-cells.ts'

const asText: HostCell['read'] = (column) => sql`${column}::text`

/** Returns how columns of PostgreSQL are read: as text, since hosts change the parsers of drivers. */
export const postgresCell: ReadHostCell = (type, dialect) => {
  if (/\[\]$/.test(type)) return { form: 'json', read: (column) => sql`to_json(${column})::text` }
  if (/^(smallint|integer|bigint)$/.test(type)) return { form: 'integer', read: asText }
  if (/^(real|double precision)$/.test(type)) return { form: 'number', read: asText }
  if (type === 'boolean') return { form: 'boolean', read: (column) => column }
  if (type.startsWith('timestamp')) return { form: 'instant', read: (column) => dialect.readForeign('instant', column) }
  if (/^jsonb?$/.test(type)) return { form: 'json', read: asText }
  if (type === 'bytea') return { form: 'bytes', read: (column) => sql`encode(${column}, 'base64')` }
  // In whatever style the session writes days.
  if (type === 'date') return { form: 'text', read: (column) => sql`to_char(${column}, ${sql.lit('YYYY-MM-DD')})` }
  return { form: 'text', read: asText }
}
