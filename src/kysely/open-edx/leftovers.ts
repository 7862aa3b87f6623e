import { sql } from 'kysely'
import type { UserId } from '../../tables.ts'
import type { Write } from '../../write.ts'
import { addToMeta, removeHistory } from './extended-profiles.ts'
import { theirs, type Unit } from './kept-table.ts'

/** What takes the place of an address before its row goes: copies of a table keep the last state of deleted rows. */
const redacted = 'redacted'

/** Rows of the original that go when everything of a person goes from a table of ours that it knows nothing of. */
export const counterparts: Readonly<Record<string, readonly { readonly table: string; readonly column?: string }[]>> = {
  registrations: [{ table: 'auth_registration' }],
  pending_email_changes: [
    { table: 'student_pendingemailchange', column: 'new_email' },
    { table: 'student_pendingsecondaryemailchange', column: 'new_secondary_email' },
  ],
}

/** Does to the original what goes with a write of ours. */
export async function writeLeftovers(unit: Unit, write: Write): Promise<void> {
  if ('insert' in write && write.insert === 'account_history') await addToMeta(unit, write.rows)
  if (!('delete' in write)) return
  const { user_id, ...others } = write.where as { readonly user_id?: UserId | readonly UserId[] }
  if (user_id === undefined || Object.keys(others).length > 0) return
  const ids = [user_id].flat()
  if (write.delete === 'account_history') await removeHistory(unit, ids)
  for (const counterpart of counterparts[write.delete] ?? []) await erase(unit, counterpart, ids)
}

async function erase(
  { on, places }: Unit,
  { table, column }: { readonly table: string; readonly column?: string },
  ids: readonly UserId[],
): Promise<void> {
  const list = on.dialect.list('id', ids)
  const which = list.contains(sql.ref('user_id'))
  if (column !== undefined) {
    await on.run(
      `redact ${table} ${list.shape}`,
      () => sql`update ${theirs(places, table)} set ${sql.ref(column)} = ${sql.lit(redacted)} where ${which}`,
      list.parameters,
    )
  }
  await on.run(
    `erase ${table} ${list.shape}`,
    () => sql`delete from ${theirs(places, table)} where ${which}`,
    list.parameters,
  )
}
