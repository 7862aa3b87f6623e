import { sql } from 'kysely'
import { type DescribeTable, groupIndexes } from '../catalog.ts'

/** Reads the catalogue of PostgreSQL. */
export const describePostgresTable: DescribeTable = async (db, table, schema) => {
  const place = schema === undefined ? sql`pg_table_is_visible(c.oid)` : sql`n.nspname = ${schema}`
  const of = sql`pg_class c join pg_namespace n on n.oid = c.relnamespace`
  const { rows: columns } = await sql<{
    name: string
    type: string
    is_nullable: boolean
    has_default: boolean
    length: number | null
    collation_name: string | null
  }>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as is_nullable,
      a.atthasdef or a.attidentity <> '' as has_default,
      case when a.atttypid = 'varchar'::regtype and a.atttypmod > 0 then a.atttypmod - 4 end as length,
      (select collname from pg_collation where oid = a.attcollation) as collation_name
    from ${of} join pg_attribute a on a.attrelid = c.oid
    where c.relname = ${table} and ${place} and c.relkind in ('r', 'p', 'v', 'f') and a.attnum > 0 and not a.attisdropped
    order by a.attnum`.execute(db)
  if (columns.length === 0) return undefined
  const { rows: indexes } = await sql<{ name: string; text: string; is_unique: boolean }>`
    select i.indexrelid::text as name, pg_get_indexdef(i.indexrelid, place.n, true) as text, i.indisunique as is_unique
    from ${of} join pg_index i on i.indrelid = c.oid
    cross join lateral generate_series(1, i.indnkeyatts) as place(n)
    where c.relname = ${table} and ${place} and i.indpred is null and i.indisvalid
    order by i.indexrelid, place.n`.execute(db)
  return {
    columns: columns.map(({ is_nullable, has_default, length, collation_name, ...column }) => ({
      ...column,
      isNullable: is_nullable,
      hasDefault: has_default,
      length: length ?? undefined,
      collation: collation_name ?? undefined,
    })),
    indexes: groupIndexes(
      indexes.map(({ name, text, is_unique }) => ({
        name,
        // Functions of a `varchar` show the cast to text that they imply.
        column: text.replaceAll('::text', '').replaceAll(/\(\(([\w"]+)\)\)/g, '($1)'),
        isUnique: is_unique,
      })),
    ),
  }
}
