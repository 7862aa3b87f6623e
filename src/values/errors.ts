import { isNativeError } from 'node:util/types'
import { boundedIssue, fieldOf, type Issue, type IssueCode } from './issues.ts'
import { sentenceFor, type Translate } from './sentences.ts'
import { cutText } from './text.ts'

/** All codes of usercore errors. Test the code, not the class: `structuredClone` keeps neither. */
export type UserCoreErrorCode =
  | 'not_authenticated'
  | 'not_authorized'
  | 'user_not_found'
  | 'not_found'
  | 'bad_request'
  | 'conflict'
  | 'rate_limited'
  | 'account_validation_error'
  | 'account_update_error'
  | 'preference_validation_error'
  | 'preference_update_error'
  | 'partition_error'
  | 'patch_error'
  | 'retirement_state_error'
  | 'config_error'
  | 'invalid_salts'
  | 'internal_error'

/**
 * Facts about an error as plain data: numbers, ids and names of settings, never personal data. Where storage failed,
 * `driver_code` is the SQLSTATE, errno or name that the driver gave.
 */
export type ErrorParams = Readonly<Record<string, string | number | boolean | null>>

/** A problem with one field, in the wire format that clients of Open edX read. */
export interface FieldError {
  /** The kind of problem, for programs. */
  readonly code: IssueCode
  /** For the developer of the client: code and place, never the value. */
  readonly developer_message: string
  /** For the person who filled in the field. English unless the host translates. */
  readonly user_message: string
}

/** The most issues that an error holds; `issues_omitted` counts the others. */
const mostIssues = 100

/** The longest message, and the longest text among the params, in UTF-16 units. */
const longestText = 1000

/**
 * Thrown by every operation that cannot do its work.
 *
 * Carries a `code` from a closed set, `params` with facts about it and, for the two validation codes, the issues of
 * each field. No member holds a value that came in or was stored; pointers name members as the client did. The `cause`
 * is the error below it: one of storage holds no value either, one of a hook or a schema can hold anything.
 *
 * The size of an error is bounded, whatever it refuses: it holds the first 100 issues, with pointers of at most 512
 * UTF-16 units, and its message and each text of its params have at most 1000; longer texts are cut and end in `…`.
 */
export class UserCoreError extends Error {
  override readonly name = 'UserCoreError'
  /** The kind of error; `errorStatus` returns its HTTP status. */
  readonly code: UserCoreErrorCode
  /** Facts such as `{ argument: 'email' }` of a `bad_request`; empty for most codes. */
  readonly params: ErrorParams
  /** One entry per refused field; empty unless the code is a validation code. */
  readonly field_errors: Readonly<Record<string, FieldError>>
  /** All problems, each with its JSON Pointer; several can concern one field. The first 100 where there are more. */
  readonly issues: readonly Issue[]
  /** The number of further issues, which the error does not hold. */
  readonly issues_omitted: number

  constructor(
    code: UserCoreErrorCode,
    options: {
      readonly params?: ErrorParams
      readonly issues?: readonly Issue[]
      readonly translate?: Translate | undefined
      readonly cause?: unknown
      /** Follows the code in the message: the problem and its remedy, without values that came in. */
      readonly detail?: string
    } = {},
  ) {
    const { params = {}, translate, detail = '' } = options
    const issues = (options.issues ?? []).slice(0, mostIssues).map(boundedIssue)
    const issues_omitted = (options.issues ?? []).length - issues.length
    const field_errors = code.endsWith('_validation_error') ? fieldErrors(issues, translate) : {}
    const fields = Object.entries(field_errors).map(([field, error]) => `${field} (${error.code})`)
    const omitted = issues_omitted > 0 ? ` and ${issues_omitted} more issues` : ''
    const said = [code, detail, fields.join(', ')].filter((part) => part !== '').join(': ')
    super(cutText(said, longestText - omitted.length) + omitted, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.params = boundedParams(params)
    this.issues = issues
    this.issues_omitted = issues_omitted
    this.field_errors = field_errors
  }
}

function boundedParams(params: ErrorParams): ErrorParams {
  const bounded = Object.entries(params).map(([name, value]) => {
    return [name, typeof value === 'string' ? cutText(value, longestText) : value] as const
  })
  return Object.fromEntries(bounded)
}

function fieldErrors(issues: readonly Issue[], translate: Translate | undefined): Record<string, FieldError> {
  // An object without a prototype: a field may be called `__proto__`, which is one reason to refuse it.
  const errors: Record<string, FieldError> = Object.create(null)
  for (const issue of issues) {
    const field = fieldOf(issue.pointer)
    errors[field] ??= {
      code: issue.code,
      developer_message: `${issue.code} at ${issue.pointer || 'the document'}`,
      user_message: sentenceFor(issue, translate),
    }
  }
  return errors
}

/**
 * Tells whether a value is a usercore error, also one of another installed copy of the package or of another realm.
 */
export function isUserCoreError(value: unknown): value is UserCoreError {
  return isNativeError(value) && value.name === 'UserCoreError' && 'code' in value
}

const statuses: Record<UserCoreErrorCode, number> = {
  not_authenticated: 401,
  not_authorized: 403,
  user_not_found: 404,
  not_found: 404,
  bad_request: 400,
  conflict: 409,
  rate_limited: 429,
  account_validation_error: 400,
  account_update_error: 400,
  preference_validation_error: 400,
  preference_update_error: 400,
  partition_error: 400,
  patch_error: 422,
  retirement_state_error: 400,
  config_error: 500,
  invalid_salts: 500,
  internal_error: 500,
}

/**
 * Returns the HTTP status that fits an error, for hosts that serve HTTP.
 *
 * A value that is no usercore error gives 500. Source: the responses of Open edX's `user_api`; 409 for `conflict` is
 * ours.
 */
export function errorStatus(error: unknown): number {
  return isUserCoreError(error) && Object.hasOwn(statuses, error.code) ? statuses[error.code] : 500
}
