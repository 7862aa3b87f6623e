import { sql } from 'kysely'
import { type TableName, tables, type UserId } from '../../port/tables.ts'
import type { Where } from '../../port/write.ts'
import { typeOf } from '../codecs.ts'
import { conditionOf } from '../select.ts'
import type { KeptTable, Key, Unit } from './kept-table.ts'

/** A row of ours that the original keeps, locked until the transaction ends. */
export interface LockedRow {
  /** The `id` of the original's row. */
  readonly id: unknown
  readonly key: Key
  /** The version as it is now, or the one that this unit has given it. Undefined for tables without versions. */
  readonly version: number | undefined
}

/**
 * Locks the rows that match, and reads their present state, which is later than the reads of this transaction before it
 * and holds until its end. Versions are compared here, not in the database.
 */
export async function lockRows<Name extends TableName>(
  unit: Unit,
  table: Name,
  { version: wanted, ...where }: Readonly<Record<string, unknown>>,
): Promise<LockedRow[]> {
  const { on } = unit
  const { from, cells } = keptTable(unit, table).rows(true)
  const made: Readonly<Record<string, ReturnType<typeof sql>>> = cells
  const cell = (column: string) => made[column] ?? sql`null`
  const condition = conditionOf({ ...on, column: (_, column) => cell(column) }, table, where as Where<Name>)
  const columns = [...tables[table].primary, ...('version' in made ? ['version'] : [])]
  const { rows } = await on.run(
    `lock ${table} ${condition.shape}`,
    () =>
      sql`select ${sql.join([
        sql`base.id as row_id`,
        ...columns.map((column) => sql`${cell(column)} as ${sql.id(column)}`),
      ])} from ${from}${condition.text()} for update`,
    condition.parameters,
  )
  return rows
    .map((row) => {
      const key = keyOf(table, row, (column) =>
        typeOf(table, column) === 'id' ? on.codec.id(row[column]) : row[column],
      )
      const stored = 'version' in row ? Number(row.version) : undefined
      return { id: row.row_id, key, version: unit.versions.get(rowName(table, key))?.version ?? stored }
    })
    .filter(({ version }) => wanted === undefined || [wanted].flat().some((value) => value === version))
}

/** Returns the table that keeps rows of ours. Called only for tables that have one. */
export function keptTable<Name extends TableName>(unit: Unit, table: Name): KeptTable<Name> {
  return unit.kept[table] as KeptTable<Name>
}

/** Returns the values of the primary key of a row. */
export function keyOf(
  table: TableName,
  row: object,
  value: (column: string) => unknown = (column) => (row as Key)[column],
): Key {
  return Object.fromEntries(tables[table].primary.map((column) => [column, value(column)]))
}

/** Returns a text that names a row among all. */
export function rowName(table: TableName, key: Key): string {
  return JSON.stringify([table, ...tables[table].primary.map((column) => key[column])])
}

/** Remembers the version that a row got in this unit. */
export function remember({ versions }: Unit, table: TableName, key: Key, version: unknown): void {
  if (typeof version === 'number') versions.set(rowName(table, key), { table, key, version })
}

/**
 * Locks accounts before a part of them changes: a unit that does not set their versions leaves them as they are.
 * Accounts that the unit has written already are locked.
 */
export async function lockAccounts(unit: Unit, user_ids: readonly UserId[]): Promise<void> {
  const isNew = (user_id: UserId) => !unit.versions.has(rowName('profiles', { user_id }))
  const others = [...new Set(user_ids)].filter(isNew)
  if (others.length === 0) return
  for (const { key, version } of await lockRows(unit, 'profiles', { user_id: others })) {
    remember(unit, 'profiles', key, version)
  }
}
