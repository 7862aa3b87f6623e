// The core of a site

export {
  type AccountDocumentOf,
  type AccountPatchOf,
  createUserCore,
  type PreferencesOf,
  type UserCore,
  type UserCoreOptions,
} from './create-user-core.ts'
export type { Repository } from './port/repository.ts'
export type { UserId } from './port/tables.ts'
export type { TracingContext } from './runtime/tracing.ts'

// Actors, the people whose accounts they are, and lists that go on

export type { Page, PageOptions } from './runtime/pages.ts'
export {
  type Actor,
  anonymous,
  type Permission,
  type Person,
  type PersonRights,
  type Right,
  type System,
  system,
} from './site/actor.ts'
export type { Whom } from './site/whom.ts'

// Accounts

export type { AccountDocument, AccountField, AccountFields, AccountPatch } from './accounts/account.ts'
export type { AccountOperations } from './accounts/accounts.ts'
export type { ConsentOptions } from './accounts/age.ts'
export type { LanguageProficiency } from './accounts/fields/language-proficiencies.ts'
export type { ProfileImage } from './accounts/fields/profile-image.ts'
export type { SocialLink } from './accounts/fields/social-link.ts'
export type { ActivateResult } from './accounts/operations/activate-account.ts'
export type { CreateOptions, CreateResult, NewAccount } from './accounts/operations/create-account.ts'
export type { VersionedAccount } from './accounts/operations/get-accounts.ts'
export type { AccountChange } from './accounts/operations/list-account-history.ts'
export type { FieldChange } from './accounts/operations/list-field-history.ts'
export type { AccountModification } from './accounts/operations/modify-account.ts'
export type { ReplaceUsernamesResult, UsernameReplacement } from './accounts/operations/replace-usernames.ts'
export type { ProfileImageState } from './accounts/operations/set-profile-image.ts'
export type { UpdateOptions, UpdateResult } from './accounts/operations/update-account.ts'
export type { Decision, RegistrationValues } from './accounts/registration-values.ts'
export type { IdentifierKind, RetiredFormOptions } from './accounts/retired-identifier.ts'
export type { GetOptions } from './accounts/visibility.ts'

// Extended profiles

export type { ExtendedProfileField, ExtendedProfileSection } from './accounts/extended-profile/document.ts'
export type {
  ExtendedProfileInput,
  ExtendedProfileItem,
  ExtendedProfilePatch,
  ExtendedProfileValues,
  MergePatchOf,
} from './accounts/extended-profile/typed-values.ts'
export type { ExtendedProfileOperations, ExtendedProfileView } from './accounts/extended-profiles.ts'
export type {
  MigrateProfilesOptions,
  MigrateProfilesProgress,
  StuckDocument,
} from './accounts/operations/migrate-extended-profiles.ts'
export type {
  UpdateExtendedProfileOptions,
  UpdateExtendedProfileResult,
} from './accounts/operations/update-extended-profile.ts'
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
} from './site/define-extended-profile.ts'

// Preferences

export type { PreferenceSource, ResolvedPreference } from './preferences/declared-values.ts'
export type { PreferenceFilter, PreferenceItem, PreferenceUser } from './preferences/operations/list-preferences.ts'
export type { UpdatePreferencesOptions, UpdatePreferencesResult } from './preferences/operations/update-preferences.ts'
export type {
  KnownPreference,
  PreferenceKey,
  PreferenceOperations,
  PreferencePatch,
  PreferenceValue,
  ResolvedPreferences,
} from './preferences/preferences.ts'
export type { PreferenceScope } from './preferences/scope.ts'
export { isTimeZone, listTimeZones, type TimeZone } from './preferences/time-zones.ts'
export {
  definePreferences,
  type NoPreferences,
  type PreferenceDefinition,
  type PreferenceSchemas,
  type PreferenceScopeKind,
  type Preferences,
  type UndeclaredPreferences,
} from './site/define-preferences.ts'

// E-mail of organisations, tags and groups in courses

export type { CourseTagOperations } from './course-tags/course-tags.ts'
export type { PartitionOperations } from './course-tags/partitions.ts'
export type { Partition, PartitionGroup } from './course-tags/random-partition.ts'
export type { EmailOptInOperations } from './email-opt-ins/email-opt-ins.ts'
export type { EmailOptInChoice } from './email-opt-ins/operations/choose-opt-in.ts'
export type { OptInExport, OptInRow } from './email-opt-ins/operations/export-opt-ins.ts'
export type { OptOut, OptOutManyOptions, OptOutManyResult } from './email-opt-ins/operations/opt-out-many.ts'

// Retirement

export type { RetirementAction } from './port/retirement-record.ts'
export type { CancelTarget } from './retirement/operations/cancel.ts'
export type { ClaimOptions } from './retirement/operations/claim.ts'
export type { ArchiveRecord, ArchiveRequest } from './retirement/operations/clean-up.ts'
export type { Period, RetirementFilter, RetirementMove } from './retirement/operations/list-retirements.ts'
export type { Claim } from './retirement/operations/load-retirement.ts'
export type { MoveManyRequest, MoveManyResult, MoveRequest } from './retirement/operations/move-retirement.ts'
export type {
  OverdueReports,
  PartnerBatch,
  PartnerReport,
  TakeOptions,
} from './retirement/operations/partner-reports.ts'
export type { RehashResult } from './retirement/operations/replace-retired-forms.ts'
export type { RequestManyResult, RetirementCandidate } from './retirement/operations/request.ts'
export type { AccountIdentifier } from './retirement/operations/retired-identifiers.ts'
export {
  defaultPipeline,
  definePipeline,
  type Pipeline,
  type PipelinePlan,
  type RetirementStep,
} from './retirement/pipeline.ts'
export type { RetiredOperations } from './retirement/retired.ts'
export type { PartnerReportOperations, RetirementOperations } from './retirement/retirement.ts'
export type { RetirementDocument, RetirementStateDocument } from './retirement/retirement-document.ts'
export type { CleanUpOptions } from './retirement/retirement-writes.ts'

// Messages

export type {
  EmptyPayload,
  EventPayloads,
  InformingMail,
  KeyMail,
  MailPayloads,
  MessageOf,
  MessagePayloads,
  NotificationPayloads,
  OutboxMessage,
  RetiredNames,
} from './outbox/messages.ts'
export type { DeliverOptions, Delivery, OutboxOperations } from './outbox/outbox.ts'
export type { SettingChange, ToldChange } from './outbox/told-change.ts'

// The hooks and settings of a host

export type { RandomBytes } from './site/context.ts'
export type {
  Credentials,
  DerivedFields,
  Enrollment,
  Enrollments,
  FieldHolder,
  Host,
  Logger,
  LogRecord,
  NameChange,
  UserRef,
} from './site/host.ts'
export type { RetiredIdentifierKey, Settings, SettingsInput, VisibilityConfiguration } from './site/settings.ts'

// Errors, and the values of documents

export type { JsonPatchOperation } from './patch/json-patch.ts'
export {
  type AccountPrivacy,
  accountPrivacies,
  type Gender,
  genders,
  type LevelOfEducation,
  levelsOfEducation,
} from './values/code-lists.ts'
export type { DriverParams, ErrorParams, RetirementRefusal, UserCoreErrorCode } from './values/error-params.ts'
export {
  type ErrorFacts,
  errorStatus,
  type FieldError,
  isUserCoreError,
  UserCoreError,
  type UserCoreErrorOf,
  type UserCoreErrorOptions,
} from './values/errors.ts'
export type { Instant } from './values/instant.ts'
export type { Issue, IssueCode } from './values/issues.ts'
export type { JsonLimits, JsonObject, JsonValue } from './values/json.ts'
export type { SchemaReport } from './values/schema-issue.ts'
export type { Translate } from './values/sentences.ts'
