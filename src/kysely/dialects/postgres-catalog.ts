import { sql } from 'kysely'
import { type DescribeTable, type ForeignTypes, groupIndexes } from '../catalog.ts'

/** `char` fills names up with blanks, and `citext` takes different ids for equal. */
export const postgresForeignTypes: ForeignTypes = {
  id: /^(smallint|integer|bigint|uuid|text|character( varying)?(\(\d+\))?)$/,
  text: /^(text|(\w+\.)?citext|character( varying)?(\(\d+\))?)$/,
  integer: /^(smallint|integer|bigint)$/,
  boolean: /^boolean$/,
  instant: /^timestamp(\(\d\))? with(out)? time zone$/,
  json: /^jsonb?$/,
}

/** Reads the catalogue of PostgreSQL. */
export const describePostgresTable: DescribeTable = async (db, table, schema) => {
  // A table further down the search path is that of another tenant.
  const place = sql`n.nspname = ${schema === undefined ? sql`current_schema()` : schema}`
  const of = sql`pg_class c join pg_namespace n on n.oid = c.relnamespace`
  const { rows: columns } = await sql<{
    name: string
    type: string
    is_nullable: boolean
    has_default: boolean
    is_generated: boolean
    default_text: string | null
    collation_name: string | null
  }>`
    select a.attname as name, not (a.attnotnull or t.typnotnull) as is_nullable,
      case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod)
        else format_type(a.atttypid, a.atttypmod) end as type,
      a.atthasdef or a.attidentity <> '' or t.typdefault is not null as has_default,
      a.attgenerated <> '' or a.attidentity = 'a' as is_generated,
      (select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = c.oid and adnum = a.attnum) as default_text,
      (select collname from pg_collation where oid = a.attcollation) as collation_name
    from ${of} join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
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
    columns: columns.map(({ name, type, is_nullable, has_default, is_generated, default_text, collation_name }) => ({
      name,
      type,
      isNullable: is_nullable,
      hasDefault: has_default,
      length: lengthIn(type),
      collation: collation_name ?? undefined,
      charset: undefined,
      isGenerated: is_generated,
      isLocalTime: type.endsWith('without time zone') && isLocal(default_text ?? ''),
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

/** Tells whether a default is the time of the session; one that names a zone is not. */
function isLocal(text: string): boolean {
  const isNow = /^\(?(now\(\)|(clock|statement|transaction)_timestamp\(\)|(local|current_)timestamp\b)/i
  return isNow.test(text) && !/at time zone/i.test(text)
}

function lengthIn(type: string): number | undefined {
  const length = /^character(?: varying)?\((\d+)\)$/.exec(type)?.[1]
  return length === undefined ? undefined : Number(length)
}
