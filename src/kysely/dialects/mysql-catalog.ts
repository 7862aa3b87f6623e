import { sql } from 'kysely'
import { type DescribeTable, groupIndexes } from '../catalog.ts'

/** Reads the catalogue of MySQL and MariaDB, whose names of columns come in either case. */
export const describeMysqlTable: DescribeTable = async (db, table, schema) => {
  const place = schema === undefined ? sql`table_schema = database()` : sql`table_schema = ${schema}`
  const { rows: columns } = await sql<{
    name: string
    type: string
    is_nullable: string
    fallback: string | null
    extra: string
    length: number | bigint | null
    collation_name: string | null
  }>`
    select column_name as name, column_type as type, is_nullable as is_nullable, column_default as fallback,
      extra as extra, character_maximum_length as length, collation_name as collation_name
    from information_schema.columns where table_name = ${table} and ${place} order by ordinal_position`.execute(db)
  if (columns.length === 0) return undefined
  const { rows: indexes } = await sql<{ name: string; column_name: string | null; non_unique: number | string }>`
    select index_name as name, column_name as column_name, non_unique as non_unique
    from information_schema.statistics where table_name = ${table} and ${place}
    order by index_name, seq_in_index`.execute(db)
  return {
    columns: columns.map(({ name, type, is_nullable, fallback, extra, length, collation_name }) => ({
      name,
      type: type.toLowerCase(),
      isNullable: is_nullable === 'YES',
      hasDefault: fallback !== null || /auto_increment|generated/i.test(extra),
      length: length === null ? undefined : Number(length),
      collation: collation_name ?? undefined,
    })),
    indexes: groupIndexes(
      indexes.map(({ name, column_name, non_unique }) => ({
        name,
        column: column_name,
        isUnique: Number(non_unique) === 0,
      })),
    ),
  }
}
