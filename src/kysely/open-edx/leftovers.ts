import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { TableName, UserId } from '../../port/tables.ts'
import type { notNull, Write } from '../../port/write.ts'
import { parameter } from '../insert-text.ts'
import { addToMeta, removeHistory } from './extended-profiles.ts'
import { theirs, type Unit } from './kept-table.ts'

/** Data of a person in the original that no table of ours has. */
interface Leftover {
  readonly table: string
  /**
   * A column that holds personal data: it is redacted first, since copies of a table keep the last state of deleted
   * rows.
   */
  readonly column?: string
  /** Tells that only the column is emptied. */
  readonly keepsRow?: true
}

/** The data that are deleted together with all rows of a person in a table of ours. */
export const leftovers: { readonly [Name in TableName]?: readonly Leftover[] } = {
  registrations: [{ table: 'auth_registration' }],
  pending_email_changes: [
    { table: 'student_pendingemailchange', column: 'new_email' },
    { table: 'student_pendingsecondaryemailchange', column: 'new_secondary_email' },
  ],
  // It is no longer written; old rows may have free text in it.
  extended_profiles: [{ table: 'auth_userprofile', column: 'language', keepsRow: true }],
}

/** Makes the changes in the original that belong to a write of ours. */
export async function writeLeftovers(unit: Unit, write: Write): Promise<void> {
  if ('insert' in write && write.insert === 'account_history') await addToMeta(unit, write.rows)
  // When a key of ours ends, so does the original's, which mails the new one when it is asked for another.
  if ('update' in write && write.update === 'registrations' && write.set.proof_hash !== undefined)
    await renewKeys(unit, idsIn(write.where))
  if (!('delete' in write)) return
  const { user_id, ...others } = write.where as { readonly user_id?: UserId | readonly UserId[] }
  if (user_id === undefined || Object.keys(others).length > 0) return
  const ids = [user_id].flat()
  if (write.delete === 'account_history') await removeHistory(unit, ids)
  for (const leftover of leftovers[write.delete] ?? []) await erase(unit, leftover, ids)
}

function idsIn({
  user_id = [],
}: {
  readonly user_id?: UserId | readonly UserId[] | typeof notNull
}): readonly UserId[] {
  return typeof user_id === 'symbol' ? [] : [user_id].flat()
}

/** Gives people other activation keys, which were never mailed. */
async function renewKeys({ on, places }: Unit, ids: readonly UserId[]): Promise<void> {
  if (ids.length === 0) return
  const list = on.dialect.list('id', ids)
  await on.run(
    `renew keys ${list.shape}`,
    () => sql`update ${theirs(places, 'auth_registration')}
      set activation_key = left(sha2(concat(${parameter}, user_id), 256), 32) where ${list.contains(sql.ref('user_id'))}`,
    [randomBytes(16).toString('hex'), ...list.parameters],
  )
}

async function erase({ on, places }: Unit, leftover: Leftover, ids: readonly UserId[]): Promise<void> {
  const { table, column, keepsRow } = leftover
  const list = on.dialect.list('id', ids)
  const which = list.contains(sql.ref('user_id'))
  if (column !== undefined) {
    const redacted = sql.lit(keepsRow ? '' : 'redacted')
    await on.run(
      `redact ${table} ${list.shape}`,
      () => sql`update ${theirs(places, table)} set ${sql.ref(column)} = ${redacted} where ${which}`,
      list.parameters,
    )
  }
  if (keepsRow) return
  await on.run(
    `erase ${table} ${list.shape}`,
    () => sql`delete from ${theirs(places, table)} where ${which}`,
    list.parameters,
  )
}
