import type { RetirementRow } from '../../port/tables.ts'
import type { Core } from '../../runtime/core.ts'
import { isRetiredEmail, looksRetired } from '../../site/retired-formats.ts'
import type { PersonIdentifiers } from '../search-terms.ts'
import { identifiersOf, workWithout } from '../step-identifiers.ts'

/**
 * Returns everything that names a person who is being retired: what the work item holds since the day of the request, and what
 * their account still has. A username that is the id stays, and names no person; nor does a number of another system.
 */
export async function knownIdentifiers(
  { repository, settings }: Core,
  retirement: RetirementRow,
): Promise<PersonIdentifiers> {
  const { user_id, original_username, original_email, original_name } = retirement
  const [[work = workWithout(retirement)], [row], [profile], former, recoveries] = await repository.selectEach([
    ['retirement_work', { user_id }],
    ['users', { id: user_id }],
    ['profiles', { user_id }],
    ['former_usernames', { user_id }],
    ['account_recoveries', { user_id, is_active: true }],
  ])
  // Once the account is erased its names are those that took the place of the person's: a released address too.
  const user = row?.username === retirement.retired_username ? undefined : row
  const told = identifiersOf(work)
  const usernames = [original_username, told.username, user?.username, ...former.map(({ username }) => username)]
  const emails = [original_email, told.email, told.secondary_email, user?.email]
  const fullName = `${user?.first_name ?? ''} ${user?.last_name ?? ''}`
  return {
    usernames: each(usernames).filter((name) => name !== String(user_id) && !looksRetired(name, settings)),
    emails: each([...emails, ...recoveries.map(({ secondary_email }) => secondary_email)]).filter(
      (email) => !isRetiredEmail(email, settings),
    ),
    phone_numbers: each([told.phone_number, profile?.phone_number]),
    names: each([original_name, told.name, profile?.name, fullName]),
    external: each(Object.values(told.external)).filter((id) => !/^\d*$/.test(id)),
  }
}

/** Returns the texts that are not blank, each once. */
function each(texts: readonly (string | null | undefined)[]): string[] {
  return [...new Set(texts.map((text) => text?.trim() ?? ''))].filter((text) => text !== '')
}
