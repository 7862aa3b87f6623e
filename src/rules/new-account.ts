import { newUser, recordOf } from '../accounts/new-record.ts'
import type { AccountRecord } from '../port/account-record.ts'
import { emptyProfile } from '../port/empty-profile.ts'
import type { ProfileRow, UserId } from '../port/tables.ts'
import type { Context } from '../site/context.ts'
import { instantOf } from '../values/instant.ts'

/** The person of an account that `newAccount` makes. */
export interface NewPerson {
  /** Names the person for good. */
  readonly id: UserId
  /** The username, which is not checked: see `checkField`. */
  readonly username: string
  /** The confirmed address, which is not checked either. */
  readonly email: string
}

/**
 * Returns an account as it is stored, of a person who joined now, is active, and has filled in the columns that are
 * given. The rules take such a record; a repository gives the same.
 *
 * Expects columns of the types of `ProfileRow`, and a context of `ruleContext`; neither is checked.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context, { year_of_birth: 1980 })
 * ```
 */
export function newAccount(
  { id, username, email }: NewPerson,
  { now }: Pick<Context, 'now'>,
  profile: Partial<Omit<ProfileRow, 'user_id'>> = {},
): AccountRecord {
  const user = { ...newUser(username, email, true, instantOf(now)), id }
  return { ...recordOf(user), profile: { ...emptyProfile(id), version: 1, ...profile } }
}
