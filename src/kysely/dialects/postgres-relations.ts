import { type RawBuilder, sql } from 'kysely'
import {
  groupColumns,
  groupReferences,
  type ListedColumn,
  type ListTables,
  type ReadForeignKeys,
  type ReferencePair,
} from '../catalog.ts'

const within = (schema: string | undefined): RawBuilder<unknown> =>
  schema === undefined ? sql`current_schema()` : sql`${schema}`

/** Lists the tables of PostgreSQL, foreign ones among them. */
export const listPostgresTables: ListTables = async (db, schema) => {
  const { rows } = await sql<ListedColumn>`
    select n.nspname as schema, c.relname as name, a.attname as column,
      array_position(i.indkey::int2[], a.attnum) + 1 as place
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_index i on i.indrelid = c.oid and i.indisprimary
    where n.nspname = ${within(schema)} and c.relkind in ('r', 'p', 'f') and not (c.relispartition and exists (
      select from pg_inherits p join pg_class whole on whole.oid = p.inhparent
      where p.inhrelid = c.oid and whole.relnamespace = c.relnamespace))
    order by c.relname, a.attnum`.execute(db)
  return groupColumns(rows)
}

/** Reads the foreign keys of PostgreSQL. Those that it derives for partitions have a parent. */
export const readPostgresForeignKeys: ReadForeignKeys = async (db, schema) => {
  const { rows } = await sql<ReferencePair>`
    select k.oid::text as id, n.nspname as schema, c.relname as name, a.attname as column,
      other_n.nspname as to_schema, other.relname as to_name, b.attname as to_column,
      k.confdeltype::text as on_delete
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_class other on other.oid = k.confrelid join pg_namespace other_n on other_n.oid = other.relnamespace
    cross join lateral unnest(k.conkey, k.confkey) with ordinality as pair(number, other_number, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = pair.number
    join pg_attribute b on b.attrelid = other.oid and b.attnum = pair.other_number
    where k.contype = 'f' and k.conparentid = 0 and n.nspname = ${within(schema)}
    order by c.relname, k.oid, pair.place`.execute(db)
  return groupReferences(rows, { c: 'cascade', n: 'release', d: 'release' })
}
