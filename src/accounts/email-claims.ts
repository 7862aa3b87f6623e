import { type Checked, refused } from '../checked.ts'
import type { UserId } from '../tables.ts'
import { identifierKey } from '../text.ts'
import type { AccountRecord } from './account-record.ts'
import { checkEmail } from './email.ts'

/** Somebody's hold on an e-mail address: as main address, as second address, or as one that was retired. */
export interface EmailClaim {
  readonly user_id: UserId
  readonly kind: 'primary' | 'secondary' | 'retired'
  readonly email_key: string
}

/**
 * Checks the address that a person asks for as main one.
 *
 * Answers `undefined` for an address that somebody else holds: to the person it looks accepted, but no confirmation is
 * sent, so that nobody learns who has an account. Another spelling of one's own address is allowed.
 */
export function checkNewEmail(
  value: unknown,
  account: AccountRecord,
  claims: readonly EmailClaim[],
): Checked<string | undefined> {
  const pointer = '/email'
  const checked = checkEmail(value, pointer)
  if ('issues' in checked) return checked
  const address = checked.value
  if (address === account.user.email) return refused(pointer, 'unchanged')
  const holders = claimsOf(address, claims)
  if (holders.some((claim) => claim.kind === 'secondary' && claim.user_id === account.user.id))
    return refused(pointer, 'conflict')
  return { value: holders.some((claim) => claim.user_id !== account.user.id) ? undefined : address }
}

/**
 * Checks the address that a person asks for as second one; taken addresses look accepted here too, unless the site
 * asks to `reveal` them as Open edX does.
 */
export function checkNewSecondaryEmail(
  value: unknown,
  account: AccountRecord,
  claims: readonly EmailClaim[],
  reveal: boolean,
): Checked<string | undefined> {
  const pointer = '/secondary_email'
  const checked = checkEmail(value, pointer)
  if ('issues' in checked) return checked
  const address = checked.value
  const recovery = account.account_recovery
  if (recovery?.is_active === true && recovery.secondary_email === address) return refused(pointer, 'unchanged')
  if (identifierKey(address) === account.user.email_key) return refused(pointer, 'same_as_primary_email')
  const others = claimsOf(address, claims).filter((claim) => claim.user_id !== account.user.id)
  if (reveal && others.some((claim) => claim.kind === 'secondary')) return refused(pointer, 'conflict')
  return { value: others.length > 0 ? undefined : address }
}

function claimsOf(address: string, claims: readonly EmailClaim[]): readonly EmailClaim[] {
  return claims.filter((claim) => claim.email_key === identifierKey(address))
}
