import type { UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'

/**
 * Returns the writes that erase the second address of a person. The column is unique, so that each one is overwritten
 * by a text of its own.
 */
export function recoveryErasure(user_id: UserId): Write[] {
  const secondary_email = `redact-before-delete+${user_id}@redacted.invalid`
  const set = { secondary_email, secondary_email_key: secondary_email }
  return [
    { update: 'account_recoveries', set, where: { user_id } },
    { delete: 'account_recoveries', where: { user_id } },
  ]
}
