import { type Kysely, sql } from 'kysely'
import { type DescribeTable, type ForeignTypes, groupIndexes } from '../catalog.ts'

/** References need an index over the whole id. */
export const mysqlForeignTypes: ForeignTypes = {
  id: /^((tiny|small|medium|big)?int\b|(var)?char\(\d+\)|uuid$)/,
  text: /^((var)?char\(\d+\)|(tiny|medium|long)?text\b)/,
  integer: /^(tiny|small|medium|big)?int\b/,
  boolean: /^((tiny|small|medium|big)?int\b|bit\(1\)|bool)/,
  instant: /^(datetime|timestamp)(\(\d\))?$/,
  json: /^(json|longtext)$/,
}

/** Reads the catalogue of MySQL and MariaDB, whose names of columns come in either letter case. */
export const describeMysqlTable: DescribeTable = async (db, table, schema) => {
  const place = schema === undefined ? sql`table_schema = database()` : sql`table_schema = ${schema}`
  const { rows: columns } = await sql<{
    name: string
    type: string
    is_nullable: string
    fallback: string | null
    extra: string
    length: number | bigint | string | null
    octets: number | bigint | string | null
    charset: string | null
    collation_name: string | null
  }>`
    select column_name as name, column_type as type, is_nullable as is_nullable, column_default as fallback,
      extra as extra, character_maximum_length as length, character_octet_length as octets,
      character_set_name as charset, collation_name as collation_name
    from information_schema.columns where table_name = ${table} and ${place} order by ordinal_position`.execute(db)
  if (columns.length === 0) return undefined
  const { rows: indexes } = await sql<{
    name: string
    column_name: string | null
    part: number | string | null
    non_unique: number | string
  }>`
    select index_name as name, column_name as column_name, sub_part as part, non_unique as non_unique
    from information_schema.statistics where table_name = ${table} and ${place}
    order by index_name, seq_in_index`.execute(db)
  return {
    columns: columns.map(({ name, type, is_nullable, fallback, extra, length, octets, charset, collation_name }) => ({
      name,
      type: type.toLowerCase(),
      isNullable: is_nullable === 'YES',
      hasDefault: fallback !== null || /auto_increment|generated/i.test(extra),
      // The lengths of TEXT types are given in bytes, of which a character has up to four.
      length: length === null ? undefined : /text/i.test(type) ? Math.floor(Number(octets) / 4) : Number(length),
      collation: collation_name ?? undefined,
      charset: charset ?? undefined,
      isGenerated: /(virtual|stored|persistent) generated/i.test(extra),
      isLocalTime: /^datetime/i.test(type) && /^(current_timestamp|now|local)/i.test(fallback ?? ''),
    })),
    indexes: groupIndexes(
      indexes.map(({ name, column_name, part, non_unique }) => ({
        name,
        column: part === null ? column_name : `${column_name}(${part})`,
        isUnique: Number(non_unique) === 0,
      })),
    ),
  }
}

/** Returns the columns of MariaDB that are JSON: texts with a check, which has the name of the column. MySQL has a type. */
export async function mysqlJsonColumns(
  db: Kysely<unknown>,
  table: string,
  schema: string | undefined,
): Promise<readonly string[]> {
  const place = schema === undefined ? sql`database()` : sql`${schema}`
  const { rows } = await sql<{ name: string; place?: string }>`
    select constraint_name as name /*M!, table_name as place */ from information_schema.check_constraints
    where constraint_schema = ${place} /*M! and check_clause like 'json_valid(%' */`.execute(db)
  return rows.filter((row) => row.place === table).map(({ name }) => name)
}
