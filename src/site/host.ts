import type { UserId } from '../port/tables.ts'
import type { UserCoreErrorCode } from '../values/error-params.ts'
import type { IssueCode } from '../values/issues.ts'
import type { JsonValue } from '../values/json.ts'
import type { Translate } from '../values/sentences.ts'
import type { Actor } from './actor.ts'
import type { RandomBytes } from './context.ts'
import type { StepRun } from './retirement-steps.ts'

/** A person, in the form that hooks get. */
export interface UserRef {
  readonly id: UserId
  readonly username: string
}

/** A person whose account an actor wants to write. */
export interface FieldHolder {
  /** Left out while the account is being created. */
  readonly id?: UserId
  readonly username: string
}

/**
 * Passwords and sessions: the host keeps them, the library only calls for them. Without this hook accounts have no
 * password, and operations that need one throw `config_error`.
 *
 * `set` and `disable` run inside a transaction, after the writes of the change and before its end. All that they read
 * and write of the same database goes through the `transaction` they get: another connection does not see the change
 * yet, and waits for ever where there is one connection or the transaction has locked its rows. They can run again when
 * the database breaks the transaction off, so their effects outside of it have to bear that. Once `signal` is aborted
 * the transaction is over and must not be used.
 */
export interface Credentials<Transaction> {
  /** Tells whether the password is the person's. Gets it normalised (Unicode NFKC), as `set` did. */
  verify(user: UserRef, password: string, signal: AbortSignal): Promise<boolean>
  /** Sets the password. Runs in the transaction that creates the account: an error of it undoes the account. */
  set(user: UserRef, password: string, transaction: Transaction, signal: AbortSignal): Promise<void>
  /** Makes the password unusable and ends every session and token of the person, in the same transaction. */
  disable(user: UserRef, transaction: Transaction, signal: AbortSignal): Promise<void>
}

/** The built-in fields whose values the hook `checkField` is asked about. */
export type HostCheckedField =
  | 'username'
  | 'email'
  | 'secondary_email'
  | 'name'
  | 'bio'
  | 'city'
  | 'country'
  | 'gender'
  | 'goals'
  | 'language_proficiencies'
  | 'level_of_education'
  | 'mailing_address'
  | 'phone_number'
  | 'social_links'
  | 'state'
  | 'year_of_birth'

/** A value that an account would get. */
export interface WantedValue {
  /** Whose account it is. `username` is `''` where a form is checked before one was chosen. */
  readonly user: FieldHolder
  readonly field: HostCheckedField
  /** The value in the form in which it is stored; never null or `''`. Of languages the codes, of links the given ones. */
  readonly value: JsonValue
}

/** A wanted name, with the facts by which a site decides whether it must be verified first. */
export interface NameChange {
  readonly user: UserRef
  readonly old_name: string
  readonly new_name: string
  /** The moments at which the name changed before, newest last; ISO 8601, UTC. */
  readonly changed_at: readonly string[]
}

/** The enrolment of a person in a course, active or not. */
export interface Enrollment {
  readonly user_id: UserId
  readonly course_id: string
}

/**
 * Courses and their learners: the host keeps them. Operations that need them throw `config_error` without this hook.
 */
export interface Enrollments {
  /** Returns the courses of some organisations, whose names are compared without regard to letter case. */
  coursesOf(
    orgs: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly { readonly course_id: string; readonly org: string }[]>
  /** Returns every enrolment of some people, active or not, also in courses that are gone. */
  enrollmentsOf(user_ids: readonly UserId[], signal: AbortSignal): Promise<readonly Enrollment[]>
  /**
   * Yields all people who are or were enrolled in some courses, in batches of any size that the host can bear. A call
   * waits for each batch as long as for the result of another hook.
   */
  enrolledIn(course_ids: readonly string[], signal: AbortSignal): AsyncIterable<readonly Enrollment[]>
}

/**
 * The hooks of a host. All of them are optional; each member says what happens without it.
 *
 * A hook returns exactly what its type says, or the call throws `config_error` with `params.hook` and the reason
 * `wrong_answer`: `1` is no `true`, and a promise is no `Date`. One that returns a promise has `hookTimeoutMs`
 * milliseconds for it. After that its `signal` is aborted, the call throws `internal_error` with `params.hook` and the
 * reason `hook_timed_out`, and nothing of the change is stored. It has to stop its work then; a later result is
 * ignored. An error that a hook throws in time is the cause of the error that the call throws.
 */
export interface Host<Transaction> {
  /** The time: a valid `Date` of a year with four digits. Default: the clock of the machine. */
  readonly clock?: () => Date
  /** Draws an id that sorts by time: 1 to 255 characters, never the same twice. Default: UUID v7. */
  readonly ids?: () => string
  /** Draws unpredictable bytes, as many as it is asked for. Default: those of `node:crypto`. */
  readonly random?: RandomBytes
  /** Passwords and sessions. Default: accounts have none. */
  readonly credentials?: Credentials<Transaction>
  /** Fields of account documents that the host computes, for many people in one call. Default: they are null. */
  readonly derivedFields?: (
    users: readonly UserRef[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<UserId, DerivedFields>>
  /** Courses and their learners. Default: exports that need them throw `config_error`. */
  readonly enrollments?: Enrollments
  /**
   * Tells whether an actor may not write a field of an account, say because another system owns it. Default: they may.
   *
   * Called on every way in, for trusted code too, with the field that would change: members of a patch, of a modification
   * (`email`, `is_active`) and of a new account's `profile`, each `extended_profile.<name>`; `name` for name requests and
   * their approval, `profile_image`, `username` for replacements; `account_privacy`, `time_zone` and `visibility.<field>`
   * for the preferences of that name; and `email`, `secondary_email` and `is_active` when a mailed key confirms them, which
   * counts as the holder's doing. Username, address and name of a new account are exempt: it needs them.
   */
  readonly isReadOnly?: (
    actor: Actor,
    user: FieldHolder,
    field: string,
    signal: AbortSignal,
  ) => boolean | Promise<boolean>
  /** Tells whether a country cannot be chosen, beyond the setting `restricted_countries`. Default: it can. */
  readonly isCountryRestricted?: (country: string, signal: AbortSignal) => boolean | Promise<boolean>
  /**
   * Tightens the rules of built-in fields: returns the kind of problem that a value has, or undefined for one that the site
   * takes. Asked on every way in, for trusted code too, once the rules of the library take the value and where it differs
   * from the stored one: members of a patch, of a modification and of a new account, and a requested name; `validate` asks
   * too. A replacement of a username and a mailed key are exempt. Default: every value is taken.
   */
  readonly checkField?: (
    wanted: WantedValue,
    signal: AbortSignal,
  ) => IssueCode | undefined | Promise<IssueCode | undefined>
  /** Tells whether a name has to be verified before it can be taken. Default: never. See `isMinorNameEdit`. */
  readonly nameNeedsVerification?: (change: NameChange, signal: AbortSignal) => boolean | Promise<boolean>
  /**
   * Does the steps of the pipeline that are the host's, by the name of the step; see `StepRun`. A step with an action is the
   * library's. Calls of them are not bounded by `hookTimeoutMs` but by their lease: `StepWork.signal` is aborted when it
   * ends. Default: none, so that every step of the host waits for a driver.
   */
  readonly steps?: Readonly<Record<string, StepRun>>
  /**
   * Returns the names of people in other systems, by person, each under the name of the system: steps get them. Asked when a
   * retirement is requested. Default: there are none.
   */
  readonly externalIdentifiers?: (
    users: readonly UserRef[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<UserId, Readonly<Record<string, string>>>>
  /** Makes the sentences of errors. Default: English. */
  readonly translate?: Translate
  /** Gets a record of every call that returns a promise. Default: there is no log. See also `tracing:usercore:…`. */
  readonly logger?: Logger
}

/** Fields that the host computes; see the `derivedFields` hook. */
export interface DerivedFields {
  readonly verified_name?: string | null
  readonly time_zone?: string | null
  readonly course_certificates?: JsonValue
}

/** The record of a call in the log: it holds no argument and no result. */
export interface LogRecord {
  /** The name of the operation, such as `accounts.update`. */
  readonly operation: string
  readonly duration_ms: number
  /** The code of its error; left out where it succeeded. */
  readonly code?: UserCoreErrorCode
  /** The code that the database's driver gave for the error, such as `40P01`. */
  readonly driver_code?: string
}

/** Writes a record of each call. An error of it makes no difference to the call, and is thrown outside of it. */
export type Logger = (record: LogRecord) => void
