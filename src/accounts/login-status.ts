import type { PreferenceRecord } from '../port/preference-record.ts'
import type { Instant } from '../values/instant.ts'
import { isInForce } from './deactivation.ts'

/** The reason for which a person may not log in. */
export type LoginRefusal = 'unconfirmed' | 'deactivated' | 'retirement_requested' | 'retired'

/** The answer to whether a person may log in. */
export type LoginStatus =
  | { readonly allowed: true; readonly reason: null }
  | { readonly allowed: false; readonly reason: LoginRefusal }

/** What a person is about to do: log in, or set a password that was forgotten. */
export type LoginPurpose = 'log_in' | 'reset_password'

/**
 * Decides whether a person may log in, or set another password. An address that is not confirmed keeps no one from a
 * password: the link to it is mailed there. Source: Open edX, `PasswordResetFormNoActive`.
 */
export function decideLogin(
  { user, retirement, deactivations }: Pick<PreferenceRecord, 'user' | 'retirement' | 'deactivations'>,
  purpose: LoginPurpose,
  now: Instant,
): LoginStatus {
  if (retirement === 'sealed') return { allowed: false, reason: 'retired' }
  if (retirement === 'requested') return { allowed: false, reason: 'retirement_requested' }
  if (deactivations.some((row) => isInForce(row, now))) return { allowed: false, reason: 'deactivated' }
  if (!user.is_active && purpose === 'log_in') return { allowed: false, reason: 'unconfirmed' }
  return { allowed: true, reason: null }
}
