import type { AccountRecord } from '../port/account-record.ts'
import type { AccountHistoryRow, UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { instantOf } from '../values/instant.ts'

/** The person who makes a change, and the reasons that the history of the account gives. */
export interface ChangedBy {
  /** Null: an operator or a program. */
  readonly changed_by: UserId | null
  /** By field; default: `name_changed` and `email_changed`. */
  readonly reasons?: { readonly name?: string; readonly email?: string }
}

const remembered: Readonly<Record<AccountHistoryRow['field'], (record: AccountRecord) => string | undefined>> = {
  name: (record) => record.profile?.name,
  email: (record) => record.user.email,
}

/**
 * Returns the writes that record the name and the e-mail address that an account had before, where it had one and has
 * another now.
 */
export function historyWrites(
  before: AccountRecord,
  after: AccountRecord,
  { changed_by, reasons = {} }: ChangedBy,
  context: Context,
): Write[] {
  const user_id = before.user.id
  return (['name', 'email'] as const).flatMap((field): Write[] => {
    const [old_value = '', value = ''] = [remembered[field](before), remembered[field](after)]
    if (old_value === '' || old_value === value) return []
    const reason = reasons[field] ?? `${field}_changed`
    const row = { id: context.ids(), user_id, field, old_value, reason, changed_by, changed_at: instantOf(context.now) }
    return [{ insert: 'account_history', rows: [row] }]
  })
}
