import type { SettingChange } from '../outbox/told-change.ts'
import type { AccountRecord } from '../port/account-record.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { accountWrites } from './account-writes.ts'
import { changeMessages } from './change-messages.ts'
import { changedValues } from './changed-values.ts'
import { fieldHistoryWrites } from './extended-profile/field-history.ts'
import { type ChangedBy, historyWrites } from './history.ts'
import { fieldSearchWrites } from './search-values.ts'

/** Everything that goes with a change of one account. */
export interface AccountDifference {
  /** The writes of columns that differ and of histories, and the event. Empty where nothing differs. */
  readonly writes: readonly Write[]
  /** The values that differ, field by field. */
  readonly changes: readonly SettingChange[]
}

/**
 * Returns everything that goes with the change of one account from one state to another: the writes of the columns that
 * differ, guarded by the version of the profile, the histories of the name, of the address and of the fields that ask
 * for one, and the event `account.changed`. Every operation that changes an account stores these writes.
 */
export function accountChange(
  before: AccountRecord,
  after: AccountRecord,
  by: ChangedBy,
  context: Context,
): AccountDifference {
  const changes = changedValues(before, after, context)
  return {
    writes: [
      ...accountWrites(before, after),
      ...fieldSearchWrites(before, after, context),
      ...historyWrites(before, after, by, context),
      ...fieldHistoryWrites(before, after, by.changed_by, context),
      ...changeMessages(before.user.id, changes, context),
    ],
    changes,
  }
}
