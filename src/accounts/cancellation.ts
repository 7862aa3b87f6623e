import type { RetirementHoldRow, RetirementRow, RetirementStateRow, UserRow } from '../port/tables.ts'
import type { Context } from '../site/context.ts'
import type { RetirementRefusal } from '../values/error-params.ts'
import { addMilliseconds, type Instant, instantOf } from '../values/instant.ts'

const day = 86_400_000

/** The facts about one retirement that a rule decides by. */
export interface Place {
  readonly retirement: RetirementRow
  readonly states: readonly RetirementStateRow[]
  /** The holds on the person that are not closed. Default: none. */
  readonly holds?: readonly RetirementHoldRow[]
  readonly context: Pick<Context, 'now' | 'settings'>
}

export function stateOf({ retirement, states }: Pick<Place, 'retirement' | 'states'>): RetirementStateRow | undefined {
  return states.find(({ state_name }) => state_name === retirement.current_state)
}

/**
 * Returns the reason against a cancellation, `undefined` when it can be made: no step was begun, and the account is not
 * erased (an operator can force a retirement back after its erasure).
 */
export function refuseCancel(
  place: Omit<Place, 'context'>,
  { username }: Pick<UserRow, 'username'>,
): Extract<RetirementRefusal, 'not_pending' | 'already_erased'> | undefined {
  if (stateOf(place)?.kind !== 'start') return 'not_pending'
  return username === place.retirement.retired_username ? 'already_erased' : undefined
}

/** Tells whether support may promise a cancellation: for `cool_off_days`, while `cancel` would not refuse it. */
export function canPromiseCancel(place: Place, user: Pick<UserRow, 'username'>): boolean {
  const { retirement, context } = place
  const isRecent = coolOffThreshold(context.settings.cool_off_days, context) < retirement.created_at
  return isRecent && refuseCancel(place, user) === undefined
}

/** Returns the moment before which retirements were asked for that have cooled off for so many days. */
export function coolOffThreshold(days: number, { now }: Pick<Context, 'now'>): Instant {
  return addMilliseconds(instantOf(now), -days * day)
}
