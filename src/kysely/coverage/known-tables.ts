import { type TableName, tables } from '../../port/tables.ts'
import type { Names } from '../names.ts'
import type { LiveTables } from './live-tables.ts'

/** The columns of which it is known what they hold, by table. */
export type KnownColumns = ReadonlyMap<string, ReadonlySet<string>>

/** The tables in which migrations keep their records. */
const records = { migrations: ['name', 'timestamp'], migration_lock: ['id', 'is_locked'] }

/**
 * Returns the columns that the library keeps: those of its own tables, used or not, those of another system that it uses
 * in their place, and those of the table of people that are mapped.
 */
export function ownColumns({ users, layout, own, schema }: Names, { nameOf }: LiveTables): KnownColumns {
  const ours = (Object.keys(tables) as TableName[]).map((table) => [table, Object.keys(tables[table].columns)] as const)
  const { columns = {}, deleted, defaults = {} } = users ?? {}
  const mapped = [
    ...Object.values<string>({ ...columns }),
    ...Object.keys(defaults),
    ...(deleted ? [deleted.column] : []),
  ]
  return joined([
    ...[...ours, ...Object.entries(records)].map(([table, all]) => [nameOf(own(table), schema), all] as const),
    ...(layout?.expected ?? []).map(
      (table) => [nameOf(table.name, table.schema), [...table.columns, ...(table.others ?? [])]] as const,
    ),
    ...(users === undefined ? [] : [[nameOf(users.table, users.schema), mapped] as const]),
  ])
}

/** Joins the columns of tables that come more than once. */
export function joined(tables: readonly (readonly [table: string, columns: Iterable<string>])[]): KnownColumns {
  const known = new Map<string, Set<string>>()
  for (const [table, columns] of tables) known.set(table, new Set([...(known.get(table) ?? []), ...columns]))
  return known
}
