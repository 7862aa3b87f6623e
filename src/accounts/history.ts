import type { AccountRecord } from '../port/account-record.ts'
import type { AccountHistoryRow, UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { instantOf } from '../values/instant.ts'

/** Remembers the name or the e-mail address that an account had before, when it is another now and there was one. */
export function historyWrite(
  field: AccountHistoryRow['field'],
  before: AccountRecord,
  after: AccountRecord,
  changed_by: UserId | null,
  context: Context,
  reason = `${field}_changed`,
): Write[] {
  const fieldValue = (record: AccountRecord) => (field === 'name' ? record.profile?.name : record.user.email) ?? ''
  const old_value = fieldValue(before)
  if (old_value === '' || old_value === fieldValue(after)) return []
  const user_id = before.user.id
  const row = { id: context.ids(), user_id, field, old_value, reason, changed_by, changed_at: instantOf(context.now) }
  return [{ insert: 'account_history', rows: [row] }]
}
