import type { ExtendedProfileHistoryRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import type { Context } from '../../site/context.ts'
import { instantOf } from '../../values/instant.ts'
import type { ExtendedFieldChange } from './change-extended-profile.ts'

/** Remembers the changes of those fields that ask for it. */
export function fieldHistoryWrites(
  changes: readonly ExtendedFieldChange[],
  who: Pick<ExtendedProfileHistoryRow, 'user_id' | 'owner' | 'changed_by'>,
  context: Context,
): Write[] {
  const { fields } = context.extendedProfile
  const rows = changes
    .filter(({ name }) => Object.hasOwn(fields, name) && fields[name]?.history === true)
    .map((change) => ({
      id: context.ids(),
      ...who,
      field_name: change.name,
      old_value: change.old === undefined ? null : { value: change.old },
      new_value: change.new === undefined ? null : { value: change.new },
      changed_at: instantOf(context.now),
    }))
  return rows.length === 0 ? [] : [{ insert: 'extended_profile_history', rows }]
}
