import type { AccountRecord } from '../port/account-record.ts'
import type { UserRow } from '../port/tables.ts'
import { identifierKey } from '../values/text.ts'

/** Returns the row of a person who joins at a moment, before storage gives them an id. */
export function newUser(username: string, email: string, is_active: boolean, now: string): Omit<UserRow, 'id'> {
  return {
    username,
    username_key: identifierKey(username),
    email,
    email_key: identifierKey(email),
    first_name: '',
    last_name: '',
    is_active,
    date_joined: now,
    last_login: null,
  }
}

/** Makes the record of a person of whom nothing else is stored. */
export function recordOf(user: UserRow): AccountRecord {
  return {
    user,
    profile: undefined,
    profile_image: undefined,
    language_proficiencies: [],
    social_links: [],
    extended_profiles: [],
    preferences: [],
    account_recovery: undefined,
    pending_name_change: undefined,
    retirement: 'none',
  }
}
