import { coolOffThreshold, type Place, stateOf } from '../accounts/cancellation.ts'
import type { RetirementAction } from '../port/retirement-record.ts'
import type { RetirementHistoryRow, RetirementRow } from '../port/tables.ts'
import type { Context } from '../site/context.ts'
import type { Settings } from '../site/settings.ts'
import type { RetirementRefusal } from '../values/error-params.ts'
import { addMilliseconds, type Instant, instantOf } from '../values/instant.ts'
import { isHeldLease, wholeHold } from './hold.ts'
import { aborted, complete } from './pipeline.ts'

/**
 * Returns the reason against a move, `undefined` when it may be made. Unforced moves lead to a later state, and none
 * leads out of an end; a forced one leads anywhere. No move begins an erasure before the minimum cool-off is over,
 * forced or not; an unforced one leads to `ABORTED` alone until then, since any other would take away the right to
 * cancel. A hold on the person lets none begin either.
 */
export function refuseMove(place: Place, to: string, forced: boolean): RetirementRefusal | undefined {
  const target = place.states.find(({ state_name }) => state_name === to)
  const current = stateOf(place)
  if (target === undefined) return 'unknown_state'
  if (!forced && current?.kind === 'end') return 'dead_end'
  if (!forced && target.state_execution_order <= (current?.state_execution_order ?? 0)) return 'not_later'
  const erases = target.kind === 'working' || target.kind === 'done' || to === complete
  const waits = forced ? erases : to !== aborted
  if (waits && !isCooledOff(place)) return 'cool_off'
  return erases && isHeld(place) ? 'held' : undefined
}

/** The target of a move, its note in the form that is kept, and the id of its actor. */
type KeptMove = Pick<RetirementHistoryRow, 'to_state' | 'note' | 'changed_by'>

/**
 * Tells whether an unforced move repeats the last one: the same state, note and actor, with nothing in between. The
 * caller did not get the answer to the last one, and nothing is left to do.
 */
export function isRepeat(retirement: RetirementRow, history: readonly RetirementHistoryRow[], move: KeptMove): boolean {
  if (retirement.current_state !== move.to_state) return false
  const last = history.toSorted(byTime).at(-1)
  return (
    last !== undefined &&
    last.from_state !== null &&
    !last.forced &&
    last.to_state === move.to_state &&
    last.note === move.note &&
    last.changed_by === move.changed_by
  )
}

/**
 * Returns the reason against work of the library on a retirement, `undefined` when it may be done. It is done in a
 * working state after the minimum cool-off, and where the pipeline has a step for this work, in the state of that step
 * alone.
 */
export function refuseAction(place: Place, action: RetirementAction): RetirementRefusal | undefined {
  const current = stateOf(place)
  if (current?.kind !== 'working') return 'not_working'
  const isBound = place.states.some((state) => state.action === action)
  if (isBound && current.action !== action) return 'wrong_step'
  if (!isCooledOff(place)) return 'cool_off'
  return isHeld(place) ? 'held' : undefined
}

function isHeld({ holds = [], context }: Place): boolean {
  return wholeHold(holds, instantOf(context.now)) !== undefined
}

/**
 * Returns the name of the state that a retirement goes back to for another try: the last one, up to the state that it
 * was in before, in which nothing is at work. Behind two ends in a row that state is not known, and the retirement begins
 * anew: a step that is done twice does no harm, one that is left out does.
 */
export function rewindTarget({ retirement, states }: Omit<Place, 'context'>): string | undefined {
  const last = states.find(({ state_name }) => state_name === retirement.last_state)
  if (last?.kind === 'end') return states.find(({ kind }) => kind === 'start')?.state_name
  return states.findLast(
    ({ kind, state_execution_order }) =>
      (kind === 'start' || kind === 'done') && state_execution_order <= (last?.state_execution_order ?? 0),
  )?.state_name
}

/**
 * Returns the days that pass at least between request and erasure: those of `cool_off_days` unless a minimum is set.
 */
export function minimumCoolOff({ minimum_cool_off_days, cool_off_days }: Settings): number {
  return minimum_cool_off_days ?? cool_off_days
}

function isCooledOff({ retirement, context }: Place): boolean {
  return retirement.created_at <= coolOffThreshold(minimumCoolOff(context.settings), context)
}

/**
 * Tells whether no call is under way any more that had loaded the person before the last step of a retirement that is
 * complete.
 */
export function isSettled(
  { modified_at }: RetirementRow,
  { now, settings }: Pick<Context, 'now' | 'settings'>,
): boolean {
  return addMilliseconds(modified_at, settings.settle_minutes * 60_000) <= instantOf(now)
}

/**
 * Tells whether a call must not work on a retirement now. Without a lease: while a worker has a claim on it. With the
 * lease of a claim: once another worker has claimed it, or it was given back or came to an end.
 */
export function isFenced(retirement: RetirementRow, lease: string | undefined, now: Instant): boolean {
  if (lease !== undefined) return retirement.lease !== lease
  if (isHeldLease(retirement.lease)) return false
  return retirement.lease !== null && retirement.leased_until !== null && retirement.leased_until > now
}

/** Compares two moves for a sort by time. Moves of one moment are in the order of their ids, which grow. */
export function byTime(a: RetirementHistoryRow, b: RetirementHistoryRow): number {
  return a.changed_at + a.id < b.changed_at + b.id ? -1 : 1
}
