import { sql } from 'kysely'
import { type DescribeTable, groupIndexes } from '../catalog.ts'

/** Reads the catalogue of SQLite. */
export const describeSqliteTable: DescribeTable = async (db, table, schema = 'main') => {
  const { rows: columns } = await sql<{ name: string; type: string; notnull: number; dflt_value: unknown; pk: number }>`
    select name, type, "notnull", dflt_value, pk from pragma_table_xinfo(${table}, ${schema}) order by cid`.execute(db)
  if (columns.length === 0) return undefined
  const { rows: indexes } = await sql<{ name: string; column: string | null; unique: number; text: string | null }>`
    select list.name as name, info.name as "column", list."unique" as "unique", master."sql" as text
    from pragma_index_list(${table}, ${schema}) as list
    join pragma_index_xinfo(list.name, ${schema}) as info on info."key" = 1
    left join sqlite_master as master on master.name = list.name
    where list.partial = 0 order by list.name, info.seqno`.execute(db)
  const primary = columns.filter((column) => column.pk > 0).sort((a, b) => a.pk - b.pk)
  return {
    columns: columns.map(({ name, type, notnull, dflt_value, pk }) => ({
      name,
      type: type.toLowerCase(),
      isNullable: notnull === 0 && pk === 0,
      // A primary key of type integer is the row's number.
      hasDefault: dflt_value !== null || (pk > 0 && primary.length === 1 && /^integer$/i.test(type)),
      length: undefined,
      collation: undefined,
    })),
    indexes: [
      { columns: primary.map(({ name }) => name.toLowerCase()), isUnique: true },
      ...groupIndexes(
        indexes.map(({ name, column, unique, text }) => ({
          name,
          // An expression has no name; an index over one alone says it in its text.
          column: column ?? text?.replace(/^.*?\son\s+\S+\s*\(/is, '').replace(/\)\s*$/, '') ?? null,
          isUnique: unique === 1,
        })),
      ),
    ].filter((index) => index.columns.length > 0),
  }
}
