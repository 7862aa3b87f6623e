/**
 * The rules of the library, for hosts and their unit tests: functions of values, none of which waits, reads a clock or
 * draws a number. Time, ids and random bytes come in with `ruleContext`.
 */

// The time, ids and random bytes that rules take, and settings

export type { Context, RandomBytes } from '../site/context.ts'
export { defaultSettings } from '../site/default-settings.ts'
export type { Checked } from '../values/checked.ts'
export { type RuleContextOptions, ruleContext } from './rule-context.ts'

// Accounts and their fields

export type { ConsentOptions } from '../accounts/age.ts'
export type { EmailClaim, EmailRequest } from '../accounts/email-claims.ts'
export type { CheckedFields } from '../accounts/fields/checks.ts'
export { isMinorNameEdit } from '../accounts/fields/name.ts'
export { formatSocialLink } from '../accounts/fields/social-link.ts'
export { suggestUsernames } from '../accounts/suggest-usernames.ts'
export { identifierKey } from '../values/text.ts'
export { type ChangeAccountOptions, type ChangedAccount, changeAccount, patchAccount } from './change-account.ts'
export { checkField } from './check-field.ts'
export { type NewPerson, newAccount } from './new-account.ts'
export {
  type AnyAccount,
  age,
  profileImageUrls,
  requiresParentalConsent,
  type ShowAccountOptions,
  showAccount,
  visibleFields,
} from './show-account.ts'

// Extended profiles

export { mergeExtendedProfile, patchExtendedProfile } from './merge-extended-profile.ts'

// Preferences

export {
  type ChangedPreferences,
  changePreferences,
  type PreferenceCandidates,
  type PreferenceTexts,
  resolvePreference,
} from './change-preferences.ts'

// Courses and their partitions

export { drawGroup } from '../course-tags/random-partition.ts'
export { orgOfCourse } from '../values/course-id.ts'

// Retirement, and the names and addresses that are retired

export {
  type IdentifierKind,
  type RetiredFormOptions,
  retiredForm,
  retiredForms,
  rewrapped,
} from '../accounts/retired-identifier.ts'
export { eraseAccount, newRetirement, refuseCancel, refuseMove, refuseStep } from './decide-retirement.ts'

// Messages

export { type CloudEvent, toCloudEvent } from '../outbox/cloud-event.ts'

// Patches of documents

export type { PatchLimits } from '../patch/guard.ts'
export { applyJsonPatch, diffJsonPatch } from '../patch/json-patch.ts'
export { applyMergePatch, diffMergePatch } from '../patch/merge-patch.ts'
