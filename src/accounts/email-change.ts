import { message } from '../outbox/messages.ts'
import type { AccountRecord } from '../port/account-record.ts'
import type { OutboxRow, PendingEmailChangeRow, UserRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { addMilliseconds, type Instant, instantOf } from '../values/instant.ts'
import type { EmailRequest } from './email-claims.ts'
import { drawKey, hashKey } from './fields/confirmation-key.ts'

/** Overwrites a pending address before its row is deleted: copies of the table keep the last state of deleted rows. */
const redactedAddress = 'redacted-before-delete@retired.invalid'

/** Stands in a pending change for an address of another person: copies of that one would outlive its holder. */
const withheldAddress = 'taken@withheld.invalid'

/** Tells whether a pending change can be confirmed before some moment: never where the address was taken. */
export function isConfirmable({ new_email, expires_at }: PendingEmailChangeRow, now: Instant): boolean {
  return new_email !== withheldAddress && now < expires_at
}

/**
 * Returns the writes of a request for an address: a pending change with a fresh key, which ends the key of an earlier
 * request, and one message. A free address gets the key by mail; storage has only its hash.
 *
 * The key for a taken address is told to no one, and the address is not stored, so that the pending change can never be
 * confirmed. The rows and their number are the same: neither the answer, nor its time, nor the effect on an earlier
 * request tells the two apart.
 */
export function requestEmailChange(
  user: UserRow,
  request: Extract<EmailRequest, { readonly wanted: string }>,
  holders: readonly AccountRecord[],
  context: Context,
): Write[] {
  const { kind, wanted, takenBy } = request
  const new_email = takenBy === undefined ? wanted : withheldAddress
  const key = drawKey(context.random)
  const requested_at = instantOf(context.now)
  const expires_at = addMilliseconds(requested_at, context.settings.confirmation_key_hours * 3_600_000)
  const row = { user_id: user.id, kind, new_email, key_hash: hashKey(key), requested_at, expires_at }
  const name = kind === 'primary' ? 'email_change_confirmation' : 'secondary_email_confirmation'
  const told =
    takenBy === undefined
      ? message('mail', name, user.id, { to: new_email, username: user.username, key, expires_at }, context)
      : messageOfTaken(user, takenBy, holders, context)
  return [
    { upsert: 'pending_email_changes', rows: [row] },
    { insert: 'outbox', rows: [told] },
  ]
}

/**
 * Returns the mail to the holder of a wanted address, at the address as it is stored; it does not name the person who
 * wants it. A retired address has no holder to write to: a notification tells the host that it was asked for.
 */
function messageOfTaken(
  user: UserRow,
  claim: NonNullable<Extract<EmailRequest, { readonly wanted: string }>['takenBy']>,
  holders: readonly AccountRecord[],
  context: Context,
): OutboxRow {
  const holder = claim.kind === 'retired' ? undefined : holders.find((record) => record.user.id === claim.user_id)
  const to = claim.kind === 'secondary' ? holder?.account_recovery?.secondary_email : holder?.user.email
  if (holder === undefined || to === undefined)
    return message('notification', 'retired_email_wanted', user.id, {}, context)
  return message('mail', 'email_already_in_use', holder.user.id, { to, username: holder.user.username }, context)
}

/** Returns the writes that use up a pending change, or withdraw it: of several calls at once only one finds it. */
export function finishEmailChange(pending: PendingEmailChangeRow): Write[] {
  const { user_id, kind, key_hash } = pending
  const where = { user_id, kind, key_hash }
  return [
    { update: 'pending_email_changes', set: { new_email: redactedAddress }, where, guarded: true },
    { delete: 'pending_email_changes', where, guarded: true },
  ]
}
