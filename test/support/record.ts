import type { AccountRecord } from '../../src/port/account-record.ts'
import { emptyProfile } from '../../src/port/empty-profile.ts'
import type { ProfileRow } from '../../src/port/tables.ts'
import { userRow } from '../../src/testing/rows.ts'

/** The account of ada, born 1990, with id 7 and a profile of version 1. */
export function record(profile: Partial<ProfileRow> = {}, parts: Partial<AccountRecord> = {}): AccountRecord {
  return {
    user: { ...userRow('ada'), id: 7 },
    profile: { ...emptyProfile(7), version: 1, name: 'Ada Example', year_of_birth: 1990, ...profile },
    profile_image: undefined,
    language_proficiencies: [],
    social_links: [],
    extended_profiles: [],
    preferences: [],
    account_recovery: undefined,
    pending_name_change: undefined,
    retirement: 'none',
    ...parts,
  }
}

/** Preferences as the account of ada has them. */
export function preferences(values: Record<string, string | null>): AccountRecord['preferences'] {
  return Object.entries(values).map(([key, value]) => ({ user_id: 7, key, value, version: 1 }))
}
