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
  /**
   * Those alone that decide which fields a reader sees: `account_privacy` and `visibility.…`; deleted ones included.
   */
  readonly preferences: readonly PreferenceRow[]
  readonly account_recovery: AccountRecoveryRow | undefined
  readonly pending_name_change: PendingNameChangeRow | undefined
}
