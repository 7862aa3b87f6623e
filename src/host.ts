import type { DerivedFields } from './accounts/account.ts'
import type { Actor } from './actor.ts'
import type { RandomBytes } from './context.ts'
import type { Logger } from './log.ts'
import type { Translate } from './messages.ts'
import type { UserId } from './tables.ts'

/** A person, as hooks get to know them. */
export interface UserRef {
  readonly id: UserId
  readonly username: string
}

/**
 * Passwords and sessions: the host keeps them, the library only says when. Without this hook accounts have no
 * password, and operations that need one throw `config_error`.
 */
export interface Credentials<Transaction> {
  /** Tells whether the password is the person's. Gets it normalised (Unicode NFKC), as `set` did. */
  verify(user: UserRef, password: string): Promise<boolean>
  /** Sets the password. Runs in the transaction that creates the account: what it throws undoes the account. */
  set(user: UserRef, password: string, transaction: Transaction): Promise<void>
  /** Makes the password unusable and ends every session and token of the person, in the same transaction. */
  disable(user: UserRef, transaction: Transaction): Promise<void>
}

/** A name that somebody wants to have, with what a site needs to decide whether it must be verified first. */
export interface NameChange {
  readonly user: UserRef
  readonly old_name: string
  readonly new_name: string
  /** When the name changed before, newest last; ISO 8601, UTC. */
  readonly changed_at: readonly string[]
}

/** Somebody's enrolment in a course, active or not. */
export interface Enrollment {
  readonly user_id: UserId
  readonly course_id: string
}

/** Courses and who takes them: the host keeps them. Operations that need them throw `config_error` without this hook. */
export interface Enrollments {
  /** The courses of some organisations, whose names are compared without regard to letter case. */
  coursesOf(orgs: readonly string[]): Promise<readonly { readonly course_id: string; readonly org: string }[]>
  /** Every enrolment of some people, active or not, also in courses that are gone. */
  enrollmentsOf(user_ids: readonly UserId[]): Promise<readonly Enrollment[]>
  /** Everybody who is or was enrolled in some courses, in batches of whatever size the host can bear. */
  enrolledIn(course_ids: readonly string[]): AsyncIterable<readonly Enrollment[]>
}

/** What a host may bring along. Everything is optional; each member says what happens without it. */
export interface Host<Transaction> {
  /** The time. Default: the clock of the machine. */
  readonly clock?: () => Date
  /** Draws an id that sorts by time. Default: UUID v7. */
  readonly ids?: () => string
  /** Draws unpredictable bytes. Default: those of `node:crypto`. */
  readonly random?: RandomBytes
  /** Passwords and sessions. Default: accounts have none. */
  readonly credentials?: Credentials<Transaction>
  /** Fields of account documents that the host computes, for many people in one call. Default: they are null. */
  readonly derivedFields?: (users: readonly UserRef[]) => Promise<ReadonlyMap<UserId, DerivedFields>>
  /** Courses and who takes them. Default: exports that need them throw `config_error`. */
  readonly enrollments?: Enrollments
  /** Whether somebody may not change a field of an account, say because another system owns it. Default: they may. */
  readonly isReadOnly?: (actor: Actor, user: UserRef, field: string) => boolean | Promise<boolean>
  /** Whether a country cannot be chosen, beyond the setting `restricted_countries`. Default: it can. */
  readonly isCountryRestricted?: (country: string) => boolean | Promise<boolean>
  /** Whether a name has to be verified before it can be taken. Default: never. See `isMinorNameEdit`. */
  readonly nameNeedsVerification?: (change: NameChange) => boolean | Promise<boolean>
  /** Makes the sentences of errors. Default: English. */
  readonly translate?: Translate
  /** Hears how every call that answers a promise went. Default: nobody does. See also `tracing:usercore:…`. */
  readonly logger?: Logger
}
