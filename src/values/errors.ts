import { nodeTypes } from './built-ins.ts'
import type { ErrorParams, UserCoreErrorCode } from './error-params.ts'
import { describeError } from './error-sentences.ts'
import { boundedIssue, fieldOf, type Issue, type IssueCode } from './issues.ts'
import { sentenceFor, type Translate } from './sentences.ts'
import { cutText } from './text.ts'

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

/** The facts that a new error needs. */
export interface ErrorFacts<Code extends UserCoreErrorCode> {
  readonly params?: ErrorParams[Code]
  readonly issues?: readonly Issue[]
  readonly translate?: Translate | undefined
  readonly cause?: unknown
  /** Follows the code in the message, in place of its own sentence: the problem and the remedy, without values that came in. */
  readonly detail?: string
}

/** The options of a new error: with params where its code always has some. */
export type UserCoreErrorOptions<Code extends UserCoreErrorCode> = object extends ErrorParams[Code]
  ? [options?: ErrorFacts<Code>]
  : [options: ErrorFacts<Code> & { readonly params: ErrorParams[Code] }]

/**
 * Thrown by every operation that cannot do its work.
 *
 * Carries a `code` from a closed set, `params` with the facts that belong to the code and, for the codes of refused
 * documents, the `issues`. The message says what is wrong and what to do. No member holds a value that came in or was
 * stored; pointers name members as the client did. A lower error is the `cause`: one of storage holds no value either,
 * one of a hook or a schema can hold anything.
 *
 * The size of an error is bounded, whatever it refuses: it holds the first 100 issues, with pointers of at most 512
 * UTF-16 units, and its message and each text of its params have at most 1000; longer texts are cut and end in `…`.
 */
export class UserCoreError<Code extends UserCoreErrorCode = UserCoreErrorCode> extends Error {
  override readonly name = 'UserCoreError'
  /** The kind of error; `errorStatus` gives the HTTP status. */
  readonly code: Code
  /** The facts that belong to the code, such as `{ argument: 'email' }` of a `bad_request`. */
  readonly params: ErrorParams[Code]
  /** One entry per refused field; empty unless the code is a validation code. */
  readonly field_errors: Readonly<Record<string, FieldError>>
  /** All problems, each with its JSON Pointer; several can concern one field. The first 100 where there are more. */
  readonly issues: readonly Issue[]
  /** The number of further issues, which the error does not hold. */
  readonly issues_omitted: number

  constructor(code: Code, ...[given]: UserCoreErrorOptions<Code>) {
    const options: ErrorFacts<Code> = given ?? {}
    const params = boundedParams<ErrorParams[Code]>(options.params)
    const issues = (options.issues ?? []).slice(0, mostIssues).map(boundedIssue)
    const issues_omitted = (options.issues ?? []).length - issues.length
    const field_errors = code.endsWith('_validation_error') ? fieldErrors(issues, options.translate) : {}
    const fields = Object.entries(field_errors).map(([field, error]) => `${field} (${error.code})`)
    const places = issues.map(({ pointer, code }) => `${pointer || 'the document'} (${code})`)
    const wrong = fields.length > 0 ? fields : places
    const omitted = issues_omitted > 0 ? ` and ${issues_omitted} more issues` : ''
    const detail = options.detail ?? describeError(code, params)
    const said = [code, detail, wrong.join(', ')].filter((part) => part !== '').join(': ')
    super(cutText(said, longestText - omitted.length) + omitted, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.params = params
    this.issues = issues
    this.issues_omitted = issues_omitted
    this.field_errors = field_errors
  }
}

/** The params with long texts cut. The type is asserted: a text that is cut stays a text. */
function boundedParams<Params>(params: Params | undefined): Params {
  const bounded = Object.entries(params ?? {}).map(([name, value]) => {
    return [name, typeof value === 'string' ? cutText(value, longestText) : value] as const
  })
  return Object.fromEntries(bounded) as Params
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

/** An error of each code, so that a test of its `code` tells the type of its `params`. */
export type UserCoreErrorOf<Code extends UserCoreErrorCode = UserCoreErrorCode> = Code extends unknown
  ? UserCoreError<Code>
  : never

/**
 * Tells whether a value is a usercore error, of a certain code where one is given. Also true for an error of another
 * installed copy of the package or of another realm.
 *
 * ```ts
 * const error = await users.accounts.me(ada).catch((error: unknown) => error)
 * if (isUserCoreError(error, 'rate_limited')) console.log(error.params.retry_after_seconds)
 * ```
 */
export function isUserCoreError<Code extends UserCoreErrorCode = UserCoreErrorCode>(
  value: unknown,
  code?: Code,
): value is UserCoreErrorOf<Code> {
  const isError = nodeTypes().isNativeError(value) && value.name === 'UserCoreError' && 'code' in value
  return isError && (code === undefined || value.code === code)
}

const statuses: Record<UserCoreErrorCode, number> = {
  not_authenticated: 401,
  not_authorized: 403,
  user_not_found: 404,
  not_found: 404,
  bad_request: 400,
  conflict: 409,
  idempotency_key_reused: 422,
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
