/** The port, for repositories that a host writes itself; `usercore/testing` proves one. */

// The repository
export type { Instant } from '../values/instant.ts'
export { identifierKey } from '../values/text.ts'
export { type AccountRecord, accountPreferences } from './account-record.ts'
export type { PreferenceRecord } from './preference-record.ts'
export {
  type AccountSelector,
  type Claim,
  type ClaimSelector,
  type CommitOptions,
  type Inside,
  notStorable,
  type PreferenceSelector,
  type Repository,
  type RetirementPage,
  StorageError,
} from './repository.ts'
export type { RetirementAction, RetirementRecord } from './retirement-record.ts'
export { areStorable } from './storable.ts'

// Tables and their rows
export {
  type AccountHistoryRow,
  type AccountRecoveryRow,
  type ColumnType,
  type CourseTagRow,
  type ExtendedProfileHistoryRow,
  type ExtendedProfileRow,
  type FormerUsernameRow,
  type LanguageProficiencyRow,
  type Meaning,
  type OrgTagRow,
  type OutboxRow,
  type PartnerReportRow,
  type PendingEmailChangeRow,
  type PendingNameChangeRow,
  type PreferenceRow,
  type ProfileImageRow,
  type ProfileRow,
  type RateLimitRow,
  type Reference,
  type RegistrationRow,
  type RequestGuardRow,
  type RetirementHistoryRow,
  type RetirementRequestRow,
  type RetirementRow,
  type RetirementStateRow,
  references,
  type SocialLinkRow,
  type TableName,
  type TableShape,
  type Tables,
  tables,
  type UserId,
  type UserRow,
} from './tables.ts'
export { takingTurns } from './turns.ts'

// Writes and conditions
export { type NamedUser, notNull, type OwnedTable, type VersionedTable, type Where, type Write } from './write.ts'
