import { sql } from 'kysely'
import type { RetirementStateRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { base, theirs, type Unit } from './kept-table.ts'
import { writeKept } from './write-kept.ts'

/**
 * Adds states, or gives those of the same name their new positions. Positions are unique: all states that move step
 * aside first, below zero, where there are no positions. Rows of work items refer to states, so that none can be
 * deleted and added again.
 */
export async function upsertStates(unit: Unit, rows: readonly RetirementStateRow[]): Promise<boolean> {
  const { on, places } = unit
  const list = on.dialect.list(
    'text',
    rows.map(({ state_name }) => state_name),
  )
  const states = theirs(places, 'user_api_retirementstate')
  await on.run(
    `states aside ${list.shape}`,
    () => sql`update ${states} as base set state_execution_order = -1 - state_execution_order
      where ${list.contains(base('state_name'))}`,
    list.parameters,
  )
  const { rows: found } = await on.run('state names', () => sql`select state_name from ${states}`, [])
  const stored = new Set(found.map((row) => String(row.state_name)))
  for (const row of rows) {
    if (!stored.has(row.state_name)) continue
    const { state_name, ...set } = row
    const write: Write = { update: 'retirement_states', set, where: { state_name }, guarded: true }
    if (!(await writeKept(unit, write))) return false
  }
  const fresh = rows.filter(({ state_name }) => !stored.has(state_name))
  return fresh.length === 0 || writeKept(unit, { insert: 'retirement_states', rows: fresh })
}
