import type { ExtendedProfileHistoryRow } from '../../port/tables.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { showInstant } from '../../values/instant.ts'
import type { JsonValue } from '../../values/json.ts'
import { visibleExtendedNames } from '../extended-profile/visible-fields.ts'
import { readingOf } from '../visibility.ts'

/** One remembered change of a field of an extended profile. */
export interface FieldChange {
  readonly field: string
  /** The owner of the section that was changed: `user`, `staff` or `system:<name>`. */
  readonly owner: string
  /** Left out: there was no value. */
  readonly old?: JsonValue
  /** Left out: the value was removed. */
  readonly new?: JsonValue
  /** Username of the person who changed it; null: code, or a person whom the reader does not get to know. */
  readonly changedBy: string | null
  /** ISO 8601, UTC. */
  readonly changedAt: string
}

export async function listFieldHistory(
  core: Core,
  actor: Actor,
  whom: Whom,
  field: string | undefined,
): Promise<FieldChange[]> {
  const record = await loadAccount(core, await requireHolderOr(core, actor, whom, isStaff), actor)
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

function entryOf(row: ExtendedProfileHistoryRow, changedBy: string | null): FieldChange {
  const { field_name, owner, old_value, new_value, changed_at } = row
  return {
    field: field_name,
    owner,
    ...(old_value?.value === undefined ? {} : { old: old_value.value }),
    ...(new_value?.value === undefined ? {} : { new: new_value.value }),
    changedBy,
    changedAt: showInstant(changed_at),
  }
}
