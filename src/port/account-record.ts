import type { PersonRetirement } from './retirement-record.ts'
import type {
  AccountRecoveryRow,
  ExtendedProfileRow,
  LanguageProficiencyRow,
  PendingNameChangeRow,
  PreferenceRow,
  ProfileImageRow,
  ProfileRow,
  SocialLinkRow,
  UserRow,
} from './tables.ts'

/** The preferences that come with an account, by key and by the beginning of their keys: they decide which fields a reader sees. */
export const accountPreferences = { key: 'account_privacy', prefix: 'visibility.' } as const

/** Tells whether a preference comes with its account. */
export function comesWithAccount(key: string): boolean {
  return key === accountPreferences.key || key.startsWith(accountPreferences.prefix)
}

/** All rows that make up one account, loaded together. */
export interface AccountRecord {
  readonly user: UserRow
  /** Undefined where the person has no profile. */
  readonly profile: ProfileRow | undefined
  /** Undefined where no file was named yet. */
  readonly profile_image: ProfileImageRow | undefined
  /** Sorted by code. */
  readonly language_proficiencies: readonly LanguageProficiencyRow[]
  /** Sorted by platform. */
  readonly social_links: readonly SocialLinkRow[]
  /** One section per owner. */
  readonly extended_profiles: readonly ExtendedProfileRow[]
  /** Those alone of which `comesWithAccount` is true; deleted ones included. */
  readonly preferences: readonly PreferenceRow[]
  readonly account_recovery: AccountRecoveryRow | undefined
  readonly pending_name_change: PendingNameChangeRow | undefined
  readonly retirement: PersonRetirement
}
