import type { AccountRecord } from '../../port/account-record.ts'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import type { Context } from '../../site/context.ts'
import { instantOf } from '../../values/instant.ts'
import { isEqual, type JsonObject } from '../../values/json.ts'
import { readPart, readParts } from './document.ts'

/** Returns the writes that record changes of the declared fields that ask for it, in the document of each owner. */
export function fieldHistoryWrites(
  before: AccountRecord,
  after: AccountRecord,
  changed_by: UserId | null,
  context: Context,
): Write[] {
  const { extendedProfile: definition } = context
  const remembered = Object.keys(definition.fields).filter((name) => definition.fields[name]?.history === true)
  if (remembered.length === 0 || before.extended_profiles === after.extended_profiles) return []
  const rows = readParts(after.extended_profiles, definition).flatMap(({ owner, document }) => {
    const stored = readPart(before.extended_profiles, owner, definition).document
    return remembered
      .map((name) => ({ name, old: own(stored, name), fresh: own(document, name) }))
      .filter(({ old, fresh }) => !isEqual(old?.value, fresh?.value))
      .map(({ name, old, fresh }) => ({
        id: context.ids(),
        user_id: before.user.id,
        owner,
        field_name: name,
        old_value: old,
        new_value: fresh,
        changed_by,
        changed_at: instantOf(context.now),
      }))
  })
  return rows.length === 0 ? [] : [{ insert: 'extended_profile_history', rows }]
}

/** Returns the value of a field, wrapped: a stored null differs from a field that is not stored. */
function own(document: JsonObject, name: string) {
  const value = Object.hasOwn(document, name) ? document[name] : undefined
  return value === undefined ? null : { value }
}
