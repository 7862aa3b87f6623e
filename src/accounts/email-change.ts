import type { Context } from '../context.ts'
import { message } from '../events.ts'
import { addMilliseconds, instantOf } from '../instant.ts'
import type { PendingEmailChangeRow, UserRow } from '../tables.ts'
import type { Write } from '../write.ts'
import { drawKey, hashKey } from './confirmation-key.ts'

/** Overwrites a pending address before its row is deleted: copies of the table keep the last state of deleted rows. */
const redactedAddress = 'redacted-before-delete@retired.invalid'

/**
 * Asks for the confirmation of an address: a pending change with a fresh key, which makes an earlier link useless,
 * and the mail that carries the key. Only the mail knows the key; storage has its hash.
 */
export function requestEmailChange(
  kind: PendingEmailChangeRow['kind'],
  user: UserRow,
  new_email: string,
  context: Context,
): Write[] {
  const key = drawKey(context.random)
  const requested_at = instantOf(context.now)
  const expires_at = addMilliseconds(requested_at, context.settings.confirmation_key_hours * 3_600_000)
  const name = kind === 'primary' ? 'email_change_confirmation' : 'secondary_email_confirmation'
  return [
    {
      upsert: 'pending_email_changes',
      rows: [{ user_id: user.id, kind, new_email, key_hash: hashKey(key), requested_at, expires_at }],
    },
    {
      insert: 'outbox',
      rows: [message('mail', name, user.id, { to: new_email, username: user.username, key, expires_at }, context)],
    },
  ]
}

/** Uses up a pending change: of several confirmations at once only one finds it. */
export function finishEmailChange(pending: PendingEmailChangeRow): Write[] {
  const { user_id, kind, key_hash } = pending
  const where = { user_id, kind, key_hash }
  return [
    { update: 'pending_email_changes', set: { new_email: redactedAddress }, where, guarded: true },
    { delete: 'pending_email_changes', where, guarded: true },
  ]
}
