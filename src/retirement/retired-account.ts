import type { AccountRecord } from '../port/account-record.ts'
import { emptyProfile } from '../port/empty-profile.ts'
import type { ProfileRow, RetirementRow } from '../port/tables.ts'
import { identifierKey } from '../values/text.ts'

/** Returns the columns of an empty profile. */
export function emptiedProfile(): Partial<ProfileRow> {
  const { user_id: _user_id, version: _version, ...columns } = emptyProfile(0)
  return columns
}

/** Returns the account with an empty profile. */
export function withoutProfile(record: AccountRecord): AccountRecord {
  return { ...record, profile: record.profile && { ...record.profile, ...emptiedProfile() } }
}

/** Returns the account as its erasure leaves it: with its retired names, an empty profile, and no other value. */
export function retiredAccount(
  record: AccountRecord,
  { retired_username: username, retired_email: email }: RetirementRow,
): AccountRecord {
  return {
    ...withoutProfile(record),
    user: {
      ...record.user,
      username,
      username_key: identifierKey(username),
      email,
      email_key: identifierKey(email),
      first_name: '',
      last_name: '',
      is_active: false,
    },
  }
}
