import { type RawBuilder, sql } from 'kysely'
import {
  groupColumns,
  groupReferences,
  type ListedColumn,
  type ListTables,
  type ReadForeignKeys,
  type ReferencePair,
  sqlEffects,
} from '../catalog.ts'

const within = (schema: string | undefined): RawBuilder<unknown> =>
  schema === undefined ? sql`database()` : sql`${schema}`

/** Lists the tables of MySQL and MariaDB. Each view of the catalogue is told the schema: MariaDB reads all else. */
export const listMysqlTables: ListTables = async (db, schema) => {
  const here = within(schema)
  const { rows } = await sql<ListedColumn>`
    select c.table_schema as \`schema\`, c.table_name as name, c.column_name as \`column\`, s.seq_in_index as place
    from information_schema.tables t
    join information_schema.columns c on c.table_schema = ${here} and c.table_name = t.table_name
    left join information_schema.statistics s on s.table_schema = ${here} and s.table_name = t.table_name
      and s.index_name = 'PRIMARY' and s.column_name = c.column_name
    where t.table_schema = ${here} and t.table_type in ('BASE TABLE', 'SYSTEM VERSIONED')
    order by c.table_name, c.ordinal_position`.execute(db)
  return groupColumns(rows)
}

/** Reads the foreign keys of MySQL and MariaDB. New releases of MariaDB let two tables have one of the same name. */
export const readMysqlForeignKeys: ReadForeignKeys = async (db, schema) => {
  const here = within(schema)
  const { rows } = await sql<ReferencePair>`
    select k.constraint_name as id, k.table_schema as \`schema\`, k.table_name as name, k.column_name as \`column\`,
      k.referenced_table_schema as to_schema, k.referenced_table_name as to_name,
      k.referenced_column_name as to_column, r.delete_rule as on_delete
    from information_schema.key_column_usage k
    join information_schema.referential_constraints r on r.constraint_schema = ${here}
      and r.constraint_name = k.constraint_name and r.table_name = k.table_name
    where k.table_schema = ${here} and k.constraint_schema = ${here} and k.referenced_table_name is not null
    order by k.table_name, k.constraint_name, k.ordinal_position`.execute(db)
  return groupReferences(rows, sqlEffects)
}
