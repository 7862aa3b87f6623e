import { rowsErasure } from '../port/row-erasure.ts'
import type { RegistrationRow, UserId, UserRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { instantOf } from '../values/instant.ts'
import { endActivation, endActivationKey, isWaiting, renewActivation, useActivationKey } from './activation.ts'

/**
 * Returns the writes that end all addresses and names that a person has asked for, or asks for in a call that is under
 * way.
 */
export function endRequests(user_id: UserId, context: Context): Write[] {
  return [stopRequests(user_id, context), ...rowsErasure(user_id, ['pending_email_changes', 'pending_name_changes'])]
}

/** Returns the same for addresses alone: names that wait for approval stay. */
export function endEmailRequests(user_id: UserId, context: Context): Write[] {
  return [stopRequests(user_id, context), ...rowsErasure(user_id, ['pending_email_changes'])]
}

/**
 * Returns the write that keeps requests of calls under way from being stored. It comes first, so that the later writes
 * see requests that were stored before.
 */
function stopRequests(user_id: UserId, { ids }: Context): Write {
  return { upsert: 'request_guards', rows: [{ user_id, ended: ids(), requests: 0 }] }
}

/**
 * Returns the writes that end all that waits for a person: requests, and the activation key. An account without
 * activation can get another.
 */
export function dropPending(user_id: UserId, context: Context): Write[] {
  return [...endRequests(user_id, context), endActivationKey(user_id, instantOf(context.now))]
}

/** The members of an operator's change that end requests that wait. */
export interface OperatorChange {
  readonly email?: string | null
  readonly is_active?: boolean
  readonly password?: string
}

/**
 * Returns the writes by which an operator's change of an account ends requests of the person that wait.
 *
 * | change | ends |
 * | --- | --- |
 * | `is_active: false` | everything, for good: no other activation key is sent |
 * | `is_active: true` | the activation key |
 * | `password` | everything |
 * | `email` | addresses that wait; the activation key, when it is another one, and another key is mailed to it |
 */
export function endByOperator(
  before: UserRow,
  after: UserRow,
  { email, is_active, password }: OperatorChange,
  registration: RegistrationRow | undefined,
  context: Context,
): Write[] {
  const { id } = before
  const now = instantOf(context.now)
  if (is_active === false) return [...endActivation(id, registration), ...endRequests(id, context)]
  const writes: Write[] = []
  if (password !== undefined) writes.push(...endRequests(id, context))
  else if (email != null) writes.push(...endEmailRequests(id, context))
  const hasMoved = after.email !== before.email
  if (isWaiting(registration) && is_active === true) writes.push(useActivationKey(id, now))
  else if (isWaiting(registration) && hasMoved) writes.push(...renewActivation(registration, after, context))
  else if (hasMoved || password !== undefined) writes.push(endActivationKey(id, now))
  return writes
}
