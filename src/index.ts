export type {
  AccountDocument,
  AccountField,
  AccountFields,
  AccountPatch,
  DerivedFields,
} from './accounts/account.ts'
export type { AccountRecord } from './accounts/account-record.ts'
export type { ConsentOptions } from './accounts/age.ts'
export {
  type AccountPrivacy,
  accountPrivacies,
  type Gender,
  genders,
  type LevelOfEducation,
  levelsOfEducation,
} from './accounts/code-lists.ts'
export type { LanguageProficiency } from './accounts/language-proficiencies.ts'
export { isMinorNameEdit } from './accounts/name.ts'
export type { ActivateResult } from './accounts/operations/activate-account.ts'
export type { CreateOptions, CreateResult, NewAccount } from './accounts/operations/create-account.ts'
export type { VersionedAccount } from './accounts/operations/get-accounts.ts'
export type { AccountModification } from './accounts/operations/modify-account.ts'
export type { ReplaceUsernamesResult, UsernameMapping } from './accounts/operations/replace-usernames.ts'
export type { ProfileImageState } from './accounts/operations/set-profile-image.ts'
export type { UpdateOptions, UpdateResult } from './accounts/operations/update-account.ts'
export type { Accounts } from './accounts/operations.ts'
export type { ProfileImage } from './accounts/profile-image.ts'
export type { Decision, RegistrationValues } from './accounts/registration-values.ts'
export { formatSocialLink, type SocialLink } from './accounts/social-link.ts'
export { suggestUsernames } from './accounts/suggest-usernames.ts'
export type { GetOptions } from './accounts/visibility.ts'
export { type Actor, anonymous, type Permission, type Person, type Right, type System, system } from './actor.ts'
export type { RandomBytes } from './context.ts'
export { createUserCore, type UserCore, type UserCoreOptions } from './create-user-core.ts'
export {
  type ErrorParams,
  errorStatus,
  type FieldError,
  isUserCoreError,
  UserCoreError,
  type UserCoreErrorCode,
} from './errors.ts'
export type { SettingChange, ToldChange } from './events.ts'
export {
  defineExtendedProfile,
  type ExtendedFieldDefinition,
  type ExtendedFields,
  type ExtendedFieldsInput,
  type ExtendedProfile,
  type ExtendedProfileOptions,
  type FieldVisibility,
  type NoFields,
  type UpgradeDocument,
} from './extended-profile/define-extended-profile.ts'
export type { ExtendedProfileField, ExtendedProfilePart } from './extended-profile/document.ts'
export type { FieldHistoryEntry } from './extended-profile/operations/list-history.ts'
export type {
  MigrateProfilesOptions,
  MigrateProfilesProgress,
  StuckDocument,
} from './extended-profile/operations/migrate-profiles.ts'
export type { UpdateExtendedProfileResult } from './extended-profile/operations/update-part.ts'
export type { ExtendedProfileOperations, ExtendedProfileReading } from './extended-profile/operations.ts'
export type {
  ExtendedProfileInput,
  ExtendedProfileItem,
  ExtendedProfilePatch,
  ExtendedProfileValues,
  MergePatchOf,
} from './extended-profile/typed-values.ts'
export type { Credentials, Enrollment, Enrollments, FieldHolder, Host, NameChange, UserRef } from './host.ts'
export type { Instant } from './instant.ts'
export type { Issue, IssueCode } from './issues.ts'
export type { JsonLimits, JsonObject, JsonValue } from './json.ts'
export type { Logger, LogRecord } from './log.ts'
export type { Translate } from './messages.ts'
export type { DeliverOptions, Delivery, Outbox, OutboxMessage } from './outbox.ts'
export type { PatchLimits } from './patch/guard.ts'
export { applyJsonPatch, diffJsonPatch, type JsonPatchOperation } from './patch/json-patch.ts'
export { applyMergePatch, diffMergePatch } from './patch/merge-patch.ts'
export type { PreferenceSource, ResolvedPreference } from './preferences/declared-values.ts'
export {
  definePreferences,
  type NoPreferences,
  type PreferenceDefinition,
  type PreferenceSchemas,
  type PreferenceScope,
  type Preferences,
} from './preferences/define-preferences.ts'
export type {
  Page,
  PageOptions,
  PreferenceFilter,
  PreferenceItem,
  PreferenceUser,
} from './preferences/operations/list-preferences.ts'
export type {
  PreferencePlace,
  UpdatePreferencesOptions,
  UpdatePreferencesResult,
} from './preferences/operations/update-preferences.ts'
export type {
  PreferenceKey,
  PreferenceOperations,
  PreferencePatch,
  PreferenceValue,
  ResolvedPreferences,
} from './preferences/operations.ts'
export type { PreferenceRecord } from './preferences/preference-record.ts'
export { isTimeZone, listTimeZones, type TimeZone } from './preferences/time-zones.ts'
// The port, for those who write a repository of their own: prove it with `usercore/testing`.
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
export type { CleanUpOptions } from './retirement/changes.ts'
export type { RetirementRefusal } from './retirement/move.ts'
export type { CancelTarget } from './retirement/operations/cancel.ts'
export type { ClaimedRetirement, ClaimOptions } from './retirement/operations/claim.ts'
export type { ArchiveRecord, ArchiveRequest } from './retirement/operations/clean-up.ts'
export type {
  QueueRequest,
  RetirementCursor,
  RetirementPageOptions,
  RetirementsPage,
  StatusAndDateRequest,
} from './retirement/operations/list-retirements.ts'
export type { LeaseOptions } from './retirement/operations/load-retirement.ts'
export type { BulkMoveRequest, BulkMoveResult, MoveRequest } from './retirement/operations/move-retirement.ts'
export type {
  OverdueReports,
  PartnerBatch,
  PartnerReport,
  TakeOptions,
} from './retirement/operations/partner-reports.ts'
export type { RetirementStateInfo } from './retirement/operations/populate-states.ts'
export type { RehashResult } from './retirement/operations/replace-retired-forms.ts'
export type { BulkRequestResult, RetirementCandidate } from './retirement/operations/request.ts'
export type { AccountIdentifier } from './retirement/operations/retired-identifiers.ts'
export type { RetiredOperations } from './retirement/operations/retired-operations.ts'
export type { PartnerReportOperations, RetirementOperations } from './retirement/operations.ts'
export {
  defaultPipeline,
  definePipeline,
  type Pipeline,
  type PopulationPlan,
  type RetirementAction,
  type RetirementStep,
} from './retirement/pipeline.ts'
export type { IdentifierKind, RetiredFormOptions } from './retirement/retired-identifier.ts'
export type { RetirementDocument, RetirementStateDocument } from './retirement/retirement-document.ts'
export type { RetirementRecord } from './retirement/retirement-record.ts'
export type { SchemaReport } from './schema-issue.ts'
export type { RetiredIdentifierKey, Settings, SettingsInput, VisibilityConfiguration } from './settings.ts'
export { areStorable } from './storable.ts'
export {
  type AccountHistoryRow,
  type AccountRecoveryRow,
  type ColumnType,
  type CourseTagRow,
  type ExtendedProfileHistoryRow,
  type ExtendedProfileRow,
  type FormerUsernameRow,
  type LanguageProficiencyRow,
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
export { orgOfCourse } from './tags/course-id.ts'
export type { BulkOptOutOptions, BulkOptOutResult, OptOut } from './tags/operations/bulk-opt-out.ts'
export type { EmailOptInChoice } from './tags/operations/email-opt-in.ts'
export type { OptInExport, OptInRow } from './tags/operations/export-opt-ins.ts'
export type { TagOperations } from './tags/operations.ts'
export type { Partition, PartitionGroup } from './tags/random-partition.ts'
export { identifierKey } from './text.ts'
export type { TracingContext } from './tracing.ts'
export { takingTurns } from './turns.ts'
export { type NamedUser, notNull, type OwnedTable, type VersionedTable, type Where, type Write } from './write.ts'
