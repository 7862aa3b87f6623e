import { sql } from 'kysely'
import { type AccountRecord, accountPreferences } from '../port/account-record.ts'
import type { AccountSelector } from '../port/repository.ts'
import type { TableName } from '../port/tables.ts'
import { askedFor, selectorOf } from './people.ts'
import { type PeopleList, readPeople } from './read-people.ts'
import type { Statements } from './statements.ts'

/** Tables with at most one row for each person. */
const singles = [
  'profiles',
  'profile_images',
  'account_recoveries',
  'pending_name_changes',
] as const satisfies readonly TableName[]

const key = sql.ref('part.key')

/** Tables with any number of rows for each person, with the condition of those that are wanted. */
const lists: readonly PeopleList[] = [
  { table: 'language_proficiencies', wanted: sql``, parameters: [] },
  { table: 'social_links', wanted: sql``, parameters: [] },
  { table: 'extended_profiles', wanted: sql``, parameters: [] },
  {
    table: 'preferences',
    wanted: sql` and (${key} = ${sql.lit(accountPreferences.key)} or ${key} like ${sql.lit(`${accountPreferences.prefix}%`)})`,
    parameters: [],
  },
]

/** Loads accounts with all their parts: one statement for any number of names. */
export async function findAccounts(on: Statements, by: AccountSelector): Promise<AccountRecord[]> {
  const people = await readPeople(on, { shape: 'accounts', by: selectorOf(on, by), singles, lists })
  const records = people.map(({ user, single, list }) => ({
    user,
    profile: single('profiles'),
    profile_image: single('profile_images'),
    language_proficiencies: list('language_proficiencies').sort((a, b) => (a.code < b.code ? -1 : 1)),
    social_links: list('social_links').sort((a, b) => (a.platform < b.platform ? -1 : 1)),
    extended_profiles: list('extended_profiles'),
    preferences: list('preferences'),
    account_recovery: single('account_recoveries'),
    pending_name_change: single('pending_name_changes'),
  }))
  return records.filter(askedFor(on, by))
}
