// Actors, and the people whose accounts they are

export {
  type Actor,
  anonymous,
  type Permission,
  type Person,
  type PersonRights,
  type Right,
  type System,
  system,
} from './actor.ts'
export type { Whom } from './whom.ts'

// Declared fields and preferences

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
} from './define-extended-profile.ts'
export {
  definePreferences,
  type NoPreferences,
  type PreferenceDefinition,
  type PreferenceSchemas,
  type PreferenceScopeKind,
  type Preferences,
  type UndeclaredPreferences,
} from './define-preferences.ts'

// Hooks and settings of the host

export type { RandomBytes } from './context.ts'
export type {
  Credentials,
  DerivedFields,
  Enrollment,
  Enrollments,
  FieldHolder,
  Host,
  HostCheckedField,
  Logger,
  LogRecord,
  NameChange,
  UserRef,
  WantedValue,
} from './host.ts'
export type {
  RetainedData,
  StepCounts,
  StepIdentifiers,
  StepOutcome,
  StepRun,
  StepWork,
} from './retirement-steps.ts'
export type { RetiredIdentifierKey, Settings, SettingsInput, VisibilityConfiguration } from './settings.ts'
