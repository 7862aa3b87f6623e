// Codes of fields, JSON and moments

export {
  type AccountPrivacy,
  accountPrivacies,
  type Gender,
  genders,
  type LevelOfEducation,
  levelsOfEducation,
} from './code-lists.ts'
export type { Instant } from './instant.ts'
export type { JsonLimits, JsonObject, JsonValue } from './json.ts'

// Errors, and the issues and sentences in them

export type { DriverParams, ErrorParams, RetirementRefusal, UserCoreErrorCode } from './error-params.ts'
export {
  type ErrorFacts,
  errorStatus,
  type FieldError,
  isUserCoreError,
  UserCoreError,
  type UserCoreErrorOf,
  type UserCoreErrorOptions,
} from './errors.ts'
export type { Issue, IssueCode } from './issues.ts'
export type { SchemaReport } from './schema-issue.ts'
export type { Translate } from './sentences.ts'
