import type { AccountRecord } from '../port/account-record.ts'
import type { PendingEmailChangeRow, UserId } from '../port/tables.ts'
import { type Checked, refused } from '../values/checked.ts'
import { identifierKey } from '../values/text.ts'
import { checkEmail } from './fields/email.ts'

/** A hold on an e-mail address: as main address, as second address, or as one that was retired. */
export interface EmailClaim {
  /** Null for a retired one whose person is gone. */
  readonly user_id: UserId | null
  readonly kind: 'primary' | 'secondary' | 'retired'
  readonly email_key: string
}

/** The request of a person that an address in a patch stands for. */
export type EmailRequest =
  /** Another address. With `takenBy` it belongs to another person, and no key for it is told to anyone. */
  | {
      readonly kind: PendingEmailChangeRow['kind']
      readonly wanted: string
      readonly takenBy: EmailClaim | undefined
    }
  /** No change of address any more: `undefined` when no request was pending. */
  | { readonly kind: PendingEmailChangeRow['kind']; readonly withdrawn: PendingEmailChangeRow | undefined }

/** The facts that the rules of addresses depend on beside the account. */
export interface EmailSituation {
  /** The holders of the addresses that the patch asks for. */
  readonly claims: readonly EmailClaim[]
  /** Requests of the person that are not confirmed yet. */
  readonly pending: readonly PendingEmailChangeRow[]
}

/**
 * Checks the address that a person asks for as main one.
 *
 * An address of another person looks accepted, so that requests do not tell who has an account. Another spelling of
 * one's own address is allowed. While a request is pending, null and one's own address withdraw it.
 */
export function checkNewEmail(
  value: unknown,
  account: AccountRecord,
  { claims, pending }: EmailSituation,
): Checked<EmailRequest> {
  const pointer = '/email'
  const kind = 'primary'
  const withdrawn = pending.find((row) => row.kind === kind)
  if (withdrawn !== undefined && (value === null || value === account.user.email)) return { value: { kind, withdrawn } }
  const checked = checkEmail(value, pointer)
  if ('issues' in checked) return checked
  const wanted = checked.value
  if (wanted === account.user.email) return refused(pointer, 'unchanged')
  const holders = claimsOf(wanted, claims)
  if (holders.some((claim) => claim.kind === 'secondary' && claim.user_id === account.user.id))
    return refused(pointer, 'conflict')
  return { value: { kind, wanted, takenBy: holders.find((claim) => claim.user_id !== account.user.id) } }
}

/**
 * Checks the address that a person asks for as second one. A taken address looks accepted here too, unless the site
 * asks to `reveal` it as Open edX does.
 *
 * While a request is pending, one's own second address withdraws it. Null withdraws it and takes the second address out.
 */
export function checkNewSecondaryEmail(
  value: unknown,
  account: AccountRecord,
  { claims, pending }: EmailSituation,
  reveal: boolean,
): Checked<EmailRequest> {
  const pointer = '/secondary_email'
  const kind = 'secondary'
  const withdrawn = pending.find((row) => row.kind === kind)
  const recovery = account.account_recovery
  const own = recovery?.is_active === true ? recovery.secondary_email : undefined
  const isOwn = own !== undefined && value === own
  if (value === null || (withdrawn !== undefined && isOwn)) return { value: { kind, withdrawn } }
  const checked = checkEmail(value, pointer)
  if ('issues' in checked) return checked
  const wanted = checked.value
  if (isOwn) return refused(pointer, 'unchanged')
  if (identifierKey(wanted) === account.user.email_key) return refused(pointer, 'same_as_primary_email')
  const others = claimsOf(wanted, claims).filter((claim) => claim.user_id !== account.user.id)
  if (reveal && others.some((claim) => claim.kind === 'secondary')) return refused(pointer, 'conflict')
  return { value: { kind, wanted, takenBy: others[0] } }
}

function claimsOf(address: string, claims: readonly EmailClaim[]): readonly EmailClaim[] {
  return claims.filter((claim) => claim.email_key === identifierKey(address))
}
