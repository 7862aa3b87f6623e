import { message } from '../outbox/messages.ts'
import { rowsErasure } from '../port/row-erasure.ts'
import type { OutboxRow, RegistrationRow, UserId, UserRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { addMilliseconds, type Instant, instantOf } from '../values/instant.ts'
import { drawKey, hashKey, proofHash } from './fields/confirmation-key.ts'

/** Returns the writes of the key that confirms the address of a new account: it is mailed, and stored as its hashes. */
export function activationWrites(user: UserRow, context: Context): Write[] {
  const { row, mail } = activationOf(user, context)
  return [
    { insert: 'registrations', rows: [{ user_id: user.id, ...row, activated_at: null }] },
    { insert: 'outbox', rows: [mail] },
  ]
}

/**
 * Returns the writes of another key in the place of one that was not used: the earlier one works no more. They are
 * stopped once that one is used or ended.
 */
export function renewActivation(
  { user_id, key_hash, proof_hash }: RegistrationRow,
  user: UserRow,
  context: Context,
): Write[] {
  const { row, mail } = activationOf(user, context)
  const where = { user_id, key_hash, proof_hash, activated_at: null }
  return [
    { update: 'registrations', set: row, where, guarded: true },
    { insert: 'outbox', rows: [mail] },
  ]
}

function activationOf(
  { id, email: to, username }: UserRow,
  context: Context,
): { readonly row: Pick<RegistrationRow, 'key_hash' | 'proof_hash' | 'expires_at'>; readonly mail: OutboxRow } {
  const key = drawKey(context.random)
  const expires_at = addMilliseconds(instantOf(context.now), context.settings.confirmation_key_hours * 3_600_000)
  return {
    row: { key_hash: hashKey(key), proof_hash: proofHash(key, to), expires_at },
    mail: message('mail', 'activation', id, { to, username, key, expires_at }, context),
  }
}

/**
 * Decides about an activation key: it activates once, before it expires, and while the account has the address that
 * it was mailed to. A used key never activates again: an account that is inactive after it was locked by an operator.
 */
export function decideActivation(
  registration: RegistrationRow,
  key: string,
  user: UserRow,
  now: Instant,
): 'activate' | 'already_active' | 'refuse' {
  const { activated_at, proof_hash, expires_at } = registration
  if (activated_at !== null) return user.is_active ? 'already_active' : 'refuse'
  const isProof = proof_hash === proofHash(key, user.email) && expires_at !== null && now < expires_at
  if (!isProof) return 'refuse'
  return user.is_active ? 'already_active' : 'activate'
}

/** Tells whether an account waits for its activation, with a key that works or none: another key can be sent to it. */
export function isWaiting(registration: RegistrationRow | undefined): registration is RegistrationRow {
  return registration?.activated_at === null
}

/** Returns the write that ends the activation key of an account, which goes on waiting: another key can be sent. */
export function endActivationKey(user_id: UserId, now: Instant): Write {
  return { update: 'registrations', set: { proof_hash: null, expires_at: now }, where: { user_id, activated_at: null } }
}

/**
 * Returns the writes that end the activation of an account: it waits no more, and no other key is sent. They are
 * stopped when the key was just used.
 */
export function endActivation(user_id: UserId, registration: RegistrationRow | undefined): Write[] {
  const guard: Write[] = isWaiting(registration)
    ? [
        {
          delete: 'registrations',
          where: { user_id, key_hash: registration.key_hash, activated_at: null },
          guarded: true,
        },
      ]
    : []
  return [...guard, ...rowsErasure(user_id, ['registrations'])]
}

/** Returns the write that uses up the key of an account that was activated otherwise. */
export function useActivationKey(user_id: UserId, now: Instant): Write {
  return { update: 'registrations', set: { activated_at: now }, where: { user_id, activated_at: null } }
}
