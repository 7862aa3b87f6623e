import { type TableName, tables } from './tables.ts'

/**
 * A column that references a row of another table, by its one primary column: a row cannot be stored without the row it
 * references.
 */
export interface Reference {
  readonly from: TableName
  readonly column: string
  readonly to: TableName
  /** The effect of deleting a row on the rows that reference it: they are deleted too, or stop the deletion. */
  readonly onDelete: 'cascade' | 'stop'
}

/**
 * Tables whose rows name people and can outlive them: a message, a key that keeps a call from being made twice, and a hold,
 * which says why data were kept.
 */
const outliving: readonly TableName[] = ['outbox', 'idempotency_keys', 'retirement_holds']

/** Tables whose rows belong to people. */
const parts = (Object.keys(tables) as TableName[]).filter(
  (name) => 'user_id' in tables[name].columns && !outliving.includes(name),
)

/** All columns that reference a row of another table. */
export const references: readonly Reference[] = [
  ...parts.map((from): Reference => ({ from, column: 'user_id', to: 'users', onDelete: 'cascade' })),
  { from: 'retirements', column: 'current_state', to: 'retirement_states', onDelete: 'stop' },
  { from: 'retirements', column: 'last_state', to: 'retirement_states', onDelete: 'stop' },
]
