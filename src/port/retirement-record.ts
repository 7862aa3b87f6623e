import { isEqual } from '../values/json.ts'
import type { RetirementRequestRow, RetirementRow, RetirementStateRow, UserRow } from './tables.ts'

/**
 * The retirement of a person, as far as other data of theirs depends on it. `requested`: it can still be cancelled.
 * `sealed`: it has left its first state, also once its work item is gone.
 */
export type PersonRetirement = 'none' | 'requested' | 'sealed'

/** Returns the retirement of a person by the evidence of it. */
export function personRetirement(request: Pick<RetirementRequestRow, 'is_started'> | undefined): PersonRetirement {
  if (request === undefined) return 'none'
  return request.is_started ? 'sealed' : 'requested'
}

/** A retirement with the person as they are now. */
export interface RetirementRecord {
  readonly retirement: RetirementRow
  readonly user: UserRow
  /** The name in the profile; undefined for a person without a profile. */
  readonly profile_name: string | undefined
  /** The number of the request of the person; 1 where no request is kept. */
  readonly generation: number
}

/**
 * Work that the library does itself while a retirement is in a working state; see
 * `retirement.runStep`.
 */
export type RetirementAction = NonNullable<RetirementStateRow['action']>

/** The state of a retirement that can still be cancelled. */
export const startState = 'PENDING'

/** Tells whether two lists hold the same states, in whatever order. */
export function isSamePipeline(some: readonly RetirementStateRow[], others: readonly RetirementStateRow[]): boolean {
  return some.length === others.length && some.every((state) => others.some((other) => isEqual(state, other)))
}

/** The actions of states that Open edX knows by name. */
export const knownActions: Readonly<Record<string, RetirementAction>> = {
  RETIRING_LMS: 'account',
  RETIRING_LMS_MISC: 'misc',
  ADDING_TO_PARTNER_QUEUE: 'partner_report',
}
