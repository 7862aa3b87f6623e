// Accounts

export type { AccountDocument, AccountField, AccountFields, AccountPatch } from './account.ts'
export type { AccountListFilter, AccountListOptions } from './account-list.ts'
export type { AccountOperations } from './accounts.ts'
export type { ConsentOptions } from './age.ts'
export type { AccountDescription, DescribedField, FieldDescription } from './describe/describe-account.ts'
export type { FieldLimits, FieldRule, JsonSchema } from './describe/field-rules.ts'
export type { LanguageProficiency } from './fields/language-proficiencies.ts'
export type { ProfileImage } from './fields/profile-image.ts'
export type { SocialLink } from './fields/social-link.ts'
export type { LoginPurpose, LoginRefusal, LoginStatus } from './login-status.ts'
export type { ActivateResult } from './operations/activate-account.ts'
export type { CreateOptions, CreateResult, NewAccount } from './operations/create-account.ts'
export type {
  DeactivateResult,
  Deactivation,
  DeactivationRequest,
  ReactivateResult,
  ReactivationRequest,
} from './operations/deactivate.ts'
export type { VersionedAccount } from './operations/get-accounts.ts'
export type { AccountChange } from './operations/list-account-history.ts'
export type { FieldChange } from './operations/list-field-history.ts'
export type { LoginStatusOptions } from './operations/log-in.ts'
export type { AccountModification } from './operations/modify-account.ts'
export type { ReindexOptions, ReindexProgress } from './operations/reindex-accounts.ts'
export type { ReplaceUsernamesResult, UsernameReplacement } from './operations/replace-usernames.ts'
export type { ProfileImageState } from './operations/set-profile-image.ts'
export type { UpdateOptions, UpdateResult } from './operations/update-account.ts'
export type { Decision, RegistrationValues } from './registration-values.ts'
export type { IdentifierKind, RetiredFormOptions } from './retired-identifier.ts'
export type { GetOptions } from './visibility.ts'

// Extended profiles

export type { ExtendedProfileField, ExtendedProfileSection } from './extended-profile/document.ts'
export type {
  ExtendedProfileInput,
  ExtendedProfileItem,
  ExtendedProfilePatch,
  ExtendedProfileValues,
  MergePatchOf,
} from './extended-profile/typed-values.ts'
export type { ExtendedProfileOperations, ExtendedProfileView } from './extended-profiles.ts'
export type {
  MigrateProfilesOptions,
  MigrateProfilesProgress,
  StuckDocument,
} from './operations/migrate-extended-profiles.ts'
export type { UpdateExtendedProfileOptions, UpdateExtendedProfileResult } from './operations/update-extended-profile.ts'
