import type { ExtendedProfileHistoryRow } from '../../port/tables.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { type Actor, isSelf, isStaff, requireAuthenticated } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { showInstant } from '../../values/instant.ts'
import type { JsonValue } from '../../values/json.ts'
import { visibleExtendedNames } from '../extended-profile/visible-fields.ts'
import { readingOf } from '../visibility.ts'

/** One change of a field that is remembered. */
export interface FieldHistoryEntry {
  readonly field_name: string
  /** Whose part it was in. */
  readonly owner: string
  /** Left out: there was no value. */
  readonly old_value?: JsonValue
  /** Left out: the value was removed. */
  readonly new_value?: JsonValue
  /** Username of the person who changed it; null: code, or somebody whom the reader does not get to know. */
  readonly changed_by: string | null
  /** ISO 8601, UTC. */
  readonly changed_at: string
}

export async function listFieldHistory(
  core: Core,
  actor: Actor,
  username: string,
  field: string | undefined,
): Promise<FieldHistoryEntry[]> {
  requireAuthenticated(actor)
  if (!isStaff(actor) && !isSelf(actor, username)) throw new UserCoreError('not_authorized')
  const record = await loadAccount(core, username)
  const visible = visibleExtendedNames(record, readingOf(actor, {}, core.settings), contextOf(core))
  const rows = await core.repository.select('extended_profile_history', {
    user_id: record.user.id,
    field_name: field === undefined ? visible : visible.filter((name) => name === field),
  })
  const authors = [...new Set(rows.flatMap(({ changed_by }) => changed_by ?? []))].filter(
    (id) => isStaff(actor) || id === record.user.id,
  )
  const users = await core.repository.select('users', { id: authors })
  const names = new Map(users.map((user) => [user.id, user.username]))
  const nameOf = ({ changed_by }: ExtendedProfileHistoryRow) =>
    changed_by === null ? null : (names.get(changed_by) ?? null)
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1)).map((row) => entryOf(row, nameOf(row)))
}

function entryOf(row: ExtendedProfileHistoryRow, changed_by: string | null): FieldHistoryEntry {
  const { field_name, owner, old_value, new_value, changed_at } = row
  return {
    field_name,
    owner,
    ...(old_value?.value === undefined ? {} : { old_value: old_value.value }),
    ...(new_value?.value === undefined ? {} : { new_value: new_value.value }),
    changed_by,
    changed_at: showInstant(changed_at),
  }
}
