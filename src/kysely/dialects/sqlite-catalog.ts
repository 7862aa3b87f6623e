import { sql } from 'kysely'
import { type DescribeTable, type ForeignTypes, groupIndexes } from '../catalog.ts'
import { partsOfIndex } from './sqlite-index.ts'

/**
 * Types whose affinity leaves values as they are: in a column of any other type, STRING among them, text becomes a
 * number.
 */
export const sqliteForeignTypes: ForeignTypes = {
  id: /^((tiny|small|medium|big)?int(eger)?\b|uuid$|(n?(var)?char|text|clob)\b)/,
  text: /^(n?(var)?char|character|varying character|native character|text|clob)\b/,
  integer: /^(tiny|small|medium|big)?int(eger)?\b/,
  boolean: /^((tiny|small|medium|big)?int(eger)?\b|bool(ean)?$|bit\b)/,
  // There is no type for moments: they are text in ISO 8601.
  instant: /^(text|datetime|timestamp)/,
  json: /^(json|text)$/,
}

/** Reads the catalogue of SQLite. */
export const describeSqliteTable: DescribeTable = async (db, table, schema = 'main') => {
  const { rows: columns } = await sql<{
    name: string
    type: string
    notnull: number
    dflt_value: unknown
    pk: number
    hidden: number
  }>`
    select name, type, "notnull", dflt_value, pk, hidden from pragma_table_xinfo(${table}, ${schema}) order by cid`.execute(
    db,
  )
  if (columns.length === 0) return undefined
  const { rows: indexes } = await sql<{
    name: string
    seqno: number
    column: string | null
    unique: number
    text: string | null
  }>`
    select list.name as name, info.seqno as seqno, info.name as "column", list."unique" as "unique",
      master."sql" as text
    from pragma_index_list(${table}, ${schema}) as list
    join pragma_index_xinfo(list.name, ${schema}) as info on info."key" = 1
    left join sqlite_master as master on master.name = list.name
    where list.partial = 0 order by list.name, info.seqno`.execute(db)
  const primary = columns.filter((column) => column.pk > 0).sort((a, b) => a.pk - b.pk)
  return {
    columns: columns.map(({ name, type, notnull, dflt_value, pk, hidden }) => ({
      name,
      type: type.toLowerCase(),
      isNullable: notnull === 0 && pk === 0,
      // A primary key of type integer is the number of the row.
      hasDefault: dflt_value !== null || hidden > 1 || (pk > 0 && primary.length === 1 && /^integer$/i.test(type)),
      length: undefined,
      collation: undefined,
      charset: undefined,
      isGenerated: hidden > 1,
      isLocalTime: false,
    })),
    indexes: [
      { columns: primary.map(({ name }) => name.toLowerCase()), isUnique: true },
      ...groupIndexes(
        indexes.map(({ name, seqno, column, unique, text }) => ({
          name,
          // An expression has no name.
          column: column ?? partsOfIndex(text ?? '')[seqno] ?? null,
          isUnique: unique === 1,
        })),
      ),
    ].filter((index) => index.columns.length > 0),
  }
}
