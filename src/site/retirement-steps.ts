import type { UserId } from '../port/tables.ts'
import type { JsonValue } from '../values/json.ts'

/** Everything that names a person in other systems, as it was on the day of the request. */
export interface StepIdentifiers {
  readonly username: string
  readonly email: string
  /** The name in the profile; `''` for none. */
  readonly name: string
  readonly secondary_email: string | null
  readonly phone_number: string | null
  /** The names that `externalIdentifiers` gave. */
  readonly external: Readonly<Record<string, string>>
}

/** One attempt at a step of one person's retirement. */
export interface StepWork {
  readonly user_id: UserId
  /** Gone after `cleanUp`: a step must not keep them. */
  readonly identifiers: StepIdentifiers
  /** The names that the account gets, or has, in place of those of the person. */
  readonly retired: { readonly username: string; readonly email: string }
  /** Greater in every later attempt at any step: hand it to systems that can refuse an older one. */
  readonly fence: number
  /** The number of this attempt; pieces that made progress do not count. */
  readonly attempt: number
  /** The place that an earlier piece came to (`more`); null at first. */
  readonly cursor: JsonValue
  /** Tells whether the person was erased before and came back with a restored backup. */
  readonly replay: boolean
  /** Aborted when the lease is lost or has run out, or when the worker stops: what the step then returns is dropped. */
  readonly signal: AbortSignal
}

/** The data that a system keeps of the person. */
export interface RetainedData {
  /** The data, such as `invoices`. */
  readonly what: string
  /** The ground on which they are kept. */
  readonly why: string
  /** The moment at which they go, in ISO 8601; null where none is set. */
  readonly until: string | null
}

/** The effect of a piece of a step, in numbers of records. The results of all pieces of a step are added up. */
export interface StepCounts {
  readonly removed?: number
  readonly masked?: number
  readonly retained?: readonly RetainedData[]
}

/**
 * The outcome of a piece of a step. Codes are 1 to 64 of `a-z`, `0-9` and `_`, and name no person.
 *
 * | outcome | means |
 * | --- | --- |
 * | `done` | the step is done |
 * | `more` | a piece of it is done: the next one begins at `cursor`, any JSON of up to 65,536 bytes |
 * | `retry` | it failed for now, and is tried again, after `after_seconds` where it says so |
 * | `blocked` | it cannot go on before an obstacle is removed: see `retirement.reopen` |
 * | `manual` | a person has to do it, and to move the retirement on |
 */
export type StepOutcome = { readonly counts?: StepCounts } & (
  | { readonly outcome: 'done' }
  | { readonly outcome: 'more'; readonly cursor: JsonValue }
  | { readonly outcome: 'retry'; readonly code: string; readonly after_seconds?: number }
  | { readonly outcome: 'blocked' | 'manual'; readonly code: string }
)

/**
 * Does a piece of a step of a retirement. It can be called more than once for the same piece, by several workers where a
 * lease has run out, and has to bear that; `fence` tells the calls apart. An error that it throws counts as `retry` with
 * the code `error`.
 */
export type StepRun = (work: StepWork) => Promise<StepOutcome>
