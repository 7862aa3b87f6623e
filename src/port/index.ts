/** The port, for repositories that a host writes itself; `usercore/testing` proves one. */

// The repository
export type { Instant } from '../values/instant.ts'
export { identifierKey } from '../values/text.ts'
export type { AccountFilter, AccountOrder, AccountPage, AccountPlace } from './account-page.ts'
export { type AccountRecord, accountPreferences } from './account-record.ts'
export type { OrgTagRecord } from './org-tag-record.ts'
// Tables with data of people
export type { PersonalDataSource, Replacement, Retained, SourceTreatment, Subject } from './personal-data.ts'
export {
  chunkRows,
  type ErasedChunk,
  type ErasureOptions,
  type FoundTraces,
  mostCounted,
  notErasable,
  type PersonalDataStore,
  type PersonNames,
  type Sought,
  type SourceCount,
  type SourcePage,
  type SourceReference,
  type SourceRow,
  type SourceSearch,
} from './personal-data-store.ts'
export type { PreferenceRecord } from './preference-record.ts'
// Tables and their rows
export { type Reference, references } from './references.ts'
export {
  type AccountSelector,
  type Claim,
  type ClaimSelector,
  type CommitOptions,
  type DeadMessageRow,
  type Inside,
  notStorable,
  type OrgTagSelector,
  type OutboxCounts,
  type PageColumn,
  type PreferenceSelector,
  type Repository,
  type RetirementCount,
  type RetirementLease,
  type RetirementPage,
  type RowPage,
  type RowSelection,
  type Selected,
  StorageError,
} from './repository.ts'
export type { PersonRetirement, RetirementAction, RetirementRecord } from './retirement-record.ts'
export { areStorable } from './storable.ts'
export {
  type AccountHistoryRow,
  type AccountRecoveryRow,
  type ColumnType,
  type CourseTagRow,
  type DeactivationRow,
  type ExtendedProfileHistoryRow,
  type ExtendedProfileRow,
  type FormerUsernameRow,
  type IdempotencyKeyRow,
  type LanguageProficiencyRow,
  type Meaning,
  type OrgTagRow,
  type OutboxRow,
  type PartnerReportRow,
  type PendingEmailChangeRow,
  type PendingNameChangeRow,
  type PersonalMeaning,
  type PreferenceRow,
  type ProfileImageRow,
  type ProfileRow,
  type RateLimitRow,
  type RegistrationRow,
  type RequestGuardRow,
  type RetiredIdentifierRow,
  type RetirementHistoryRow,
  type RetirementHoldRow,
  type RetirementReceiptRow,
  type RetirementRequestRow,
  type RetirementRow,
  type RetirementStateRow,
  type RetirementStepResultRow,
  type RetirementWorkRow,
  type SearchValueRow,
  type SocialLinkRow,
  type TableName,
  type TableShape,
  type Tables,
  tables,
  type UserId,
  type UserRow,
} from './tables.ts'
export { mayHold, type SearchedRows, type TextSearch } from './text-search.ts'
export { takingTurns } from './turns.ts'

// Writes and conditions
export {
  type Earlier,
  type NamedUser,
  notNull,
  type OwnedTable,
  type VersionedTable,
  type Where,
  type Write,
} from './write.ts'
