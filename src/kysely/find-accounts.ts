import { sql } from 'kysely'
import { type AccountRecord, accountPreferences, comesWithAccount } from '../port/account-record.ts'
import type { AccountSelector } from '../port/repository.ts'
import { personRetirement } from '../port/retirement-record.ts'
import type { PreferenceRow, TableName } from '../port/tables.ts'
import { askedFor, selectorOf } from './people.ts'
import { type PeopleList, type PersonRead, rowsOf } from './people-read.ts'
import { readPeople } from './read-people.ts'
import type { Statements } from './statements.ts'

/** Tables with at most one row for each person. */
const singles = [
  'profiles',
  'profile_images',
  'account_recoveries',
  'pending_name_changes',
  'retirement_requests',
] as const satisfies readonly TableName[]

const key = sql.ref('part.key')
const prefix = accountPreferences.prefix

/** The least text behind all that begin with the prefix, whose last character is a full stop. */
const behindPrefix = `${prefix.slice(0, -1)}/`

/** Tables with any number of rows for each person, with the condition of those that are wanted. */
const lists: readonly PeopleList[] = [
  { table: 'language_proficiencies', wanted: () => sql``, parameters: [] },
  { table: 'social_links', wanted: () => sql``, parameters: [] },
  { table: 'extended_profiles', wanted: () => sql``, parameters: [] },
  {
    table: 'preferences',
    // A range, because `like` folds letter case on SQLite, which cannot use the index for it.
    wanted: () => sql` and (${key} = ${sql.lit(accountPreferences.key)}
      or (${key} >= ${sql.lit(prefix)} and ${key} < ${sql.lit(behindPrefix)}))`,
    parameters: [],
  },
]

const tables = [...singles, ...lists.map(({ table }) => table)]

/** Loads accounts with all their parts: one statement for any number of names. */
export async function findAccounts(on: Statements, by: AccountSelector): Promise<AccountRecord[]> {
  const request = { shape: 'accounts', by: selectorOf(on, by), singles, lists }
  const isAskedFor = askedFor(on, by)
  return (await readPeople(on, request)).filter(isAskedFor).map(recordOf)
}

const profile = rowsOf(tables, 'profiles')
const image = rowsOf(tables, 'profile_images')
const recovery = rowsOf(tables, 'account_recoveries')
const nameChange = rowsOf(tables, 'pending_name_changes')
const retirement = rowsOf(tables, 'retirement_requests')
const languages = rowsOf(tables, 'language_proficiencies')
const links = rowsOf(tables, 'social_links')
const documents = rowsOf(tables, 'extended_profiles')
const preferences = rowsOf(tables, 'preferences')

function recordOf(person: PersonRead): AccountRecord {
  return {
    user: person.user,
    profile: profile(person)[0],
    profile_image: image(person)[0],
    language_proficiencies: sortedBy('code', languages(person)),
    social_links: sortedBy('platform', links(person)),
    extended_profiles: documents(person),
    preferences: withAccount(preferences(person)),
    account_recovery: recovery(person)[0],
    pending_name_change: nameChange(person)[0],
    retirement: personRetirement(retirement(person)[0]),
  }
}

/** Returns the preferences that come with an account; collations of foreign tables find more. */
function withAccount(rows: readonly PreferenceRow[]): readonly PreferenceRow[] {
  return rows.every(({ key }) => comesWithAccount(key)) ? rows : rows.filter(({ key }) => comesWithAccount(key))
}

/** Sorts rows by a column; most come in its order. */
function sortedBy<Column extends string, Row extends Readonly<Record<Column, string>>>(
  column: Column,
  rows: readonly Row[],
): readonly Row[] {
  const isInOrder = rows.every((row, index) => index === 0 || (rows[index - 1] as Row)[column] < row[column])
  return isInOrder ? rows : rows.toSorted((a, b) => (a[column] < b[column] ? -1 : 1))
}
