import { coolOffThreshold, type Place, stateOf } from '../accounts/cancellation.ts'
import type { RetirementAction } from '../port/retirement-record.ts'
import type { RetirementHistoryRow, RetirementRow } from '../port/tables.ts'
import type { Settings } from '../site/settings.ts'
import type { RetirementRefusal } from '../values/error-params.ts'
import type { Instant } from '../values/instant.ts'
import { aborted, complete } from './pipeline.ts'

/**
 * Decides about a move. Unforced moves lead to a later state, and none leads out of an end; a forced one leads anywhere.
 * No move begins an erasure before the minimum cool-off is over, forced or not; an unforced one leads to `ABORTED` alone
 * until then, since any other would take away the right to cancel.
 */
export function refuseMove(place: Place, to: string, forced: boolean): RetirementRefusal | undefined {
  const target = place.states.find(({ state_name }) => state_name === to)
  const current = stateOf(place)
  if (target === undefined) return 'unknown_state'
  if (!forced && current?.kind === 'end') return 'dead_end'
  if (!forced && target.state_execution_order <= (current?.state_execution_order ?? 0)) return 'not_later'
  const erases = target.kind === 'working' || target.kind === 'done' || to === complete
  const waits = forced ? erases : to !== aborted
  return waits && !isCooledOff(place) ? 'cool_off' : undefined
}

/** What a caller says of a move, in the form that is kept of it. */
type KeptMove = Pick<RetirementHistoryRow, 'to_state' | 'note' | 'changed_by'>

/**
 * Tells whether an unforced move repeats the last one: the same state, note and caller, with nothing in between. The
 * answer to it was lost, and there is nothing left to do.
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
 * Decides whether something of ours can be done for a retirement now: in a working state, and in that of the step it
 * belongs to, where the site has one.
 */
export function refuseAction(place: Place, action: RetirementAction): RetirementRefusal | undefined {
  const current = stateOf(place)
  if (current?.kind !== 'working') return 'not_working'
  const isBound = place.states.some((state) => state.action === action)
  if (isBound && current.action !== action) return 'wrong_step'
  return isCooledOff(place) ? undefined : 'cool_off'
}

/** The state that a retirement goes back to for another try: the last one before it in which nothing is at work. */
export function rewindTarget({ retirement, states }: Omit<Place, 'context'>): string | undefined {
  const last = states.find(({ state_name }) => state_name === retirement.last_state)
  return states.findLast(
    ({ kind, state_execution_order }) =>
      (kind === 'start' || kind === 'done') && state_execution_order <= (last?.state_execution_order ?? 0),
  )?.state_name
}

/** Days that pass between request and erasure, at least. */
export function minimumCoolOff({ minimum_cool_off_days, cool_off_days }: Settings): number {
  return minimum_cool_off_days ?? cool_off_days
}

function isCooledOff({ retirement, context }: Place): boolean {
  return retirement.created_at <= coolOffThreshold(minimumCoolOff(context.settings), context)
}

/**
 * Whether somebody may not work on a retirement now: because another worker has claimed it, or because the claim that
 * they name is no longer theirs.
 */
export function isFenced(retirement: RetirementRow, lease: string | undefined, now: Instant): boolean {
  if (lease !== undefined) return retirement.lease !== lease
  return retirement.lease !== null && retirement.leased_until !== null && retirement.leased_until > now
}

/** Orders moves by time. Ids of one moment are drawn in their order. */
export function byTime(a: RetirementHistoryRow, b: RetirementHistoryRow): number {
  return a.changed_at + a.id < b.changed_at + b.id ? -1 : 1
}
