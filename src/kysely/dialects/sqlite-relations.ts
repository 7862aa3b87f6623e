import { sql } from 'kysely'
import {
  groupColumns,
  groupReferences,
  type ListedColumn,
  type ListTables,
  type ReadForeignKeys,
  type ReferencePair,
  sqlEffects,
} from '../catalog.ts'

/** Lists the tables of SQLite; those of virtual tables are `shadow`. */
export const listSqliteTables: ListTables = async (db, schema = 'main') => {
  const { rows } = await sql<ListedColumn>`
    select list.schema as "schema", list.name as name, info.name as "column", info.pk as place
    from pragma_table_list as list join pragma_table_xinfo(list.name, list.schema) as info
    where list.schema = ${schema} and list.type = 'table' and list.name not like 'sqlite~_%' escape '~'
    order by list.name, info.cid`.execute(db)
  return groupColumns(rows)
}

/**
 * Reads the foreign keys of SQLite, which spell the other table as they were written, and leave out its columns where
 * they mean its primary key.
 */
export const readSqliteForeignKeys: ReadForeignKeys = async (db, schema = 'main') => {
  const { rows } = await sql<ReferencePair>`
    select keys.id as id, list.schema as "schema", list.name as name, keys."from" as "column",
      list.schema as to_schema, coalesce(other.name, keys."table") as to_name,
      coalesce(keys."to", (select info.name from pragma_table_xinfo(keys."table", list.schema) as info
        where info.pk = keys.seq + 1)) as to_column,
      keys.on_delete as on_delete
    from pragma_table_list as list join pragma_foreign_key_list(list.name, list.schema) as keys
    left join pragma_table_list as other on other.schema = list.schema and lower(other.name) = lower(keys."table")
    where list.schema = ${schema} and list.type = 'table'
    order by list.name, keys.id, keys.seq`.execute(db)
  return groupReferences(rows, sqlEffects)
}
