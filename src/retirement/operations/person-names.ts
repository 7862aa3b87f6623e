import { isWaiting } from '../../accounts/activation.ts'
import type { PersonNames } from '../../port/personal-data-store.ts'
import type { UserRow } from '../../port/tables.ts'
import type { Core } from '../../runtime/core.ts'

/**
 * Returns everything that names a person in tables of the host: their usernames, earlier ones and that of a request to be
 * forgotten among them, and their addresses in the same way. Addresses count once they were confirmed: another person could
 * have them.
 */
export async function namesOfPerson({ repository }: Core, user: UserRow): Promise<PersonNames> {
  const user_id = user.id
  const [former, [retirement], recoveries, registrations] = await repository.selectEach([
    ['former_usernames', { user_id }],
    ['retirements', { user_id }],
    ['account_recoveries', { user_id, is_active: true }],
    ['registrations', { user_id }],
  ])
  const own = registrations.some(isWaiting) ? [] : [user.email, ...(retirement ? [retirement.original_email] : [])]
  return {
    user_id,
    usernames: [
      user.username,
      ...former.map(({ username }) => username),
      ...(retirement === undefined ? [] : [retirement.original_username]),
    ],
    emails: [...own, ...recoveries.map(({ secondary_email }) => secondary_email)],
  }
}
