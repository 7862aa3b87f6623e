import { type Place, stateOf } from '../accounts/cancellation.ts'
import type { RetirementRow, RetirementStateRow, RetirementWorkRow } from '../port/tables.ts'
import { addMilliseconds, type Instant, instantOf } from '../values/instant.ts'
import { isFenced, minimumCoolOff, refuseMove } from './move.ts'
import { aborted, complete } from './pipeline.ts'

/**
 * The result of `retirement.advance`.
 *
 * | status | means |
 * | --- | --- |
 * | `progress` | a piece was done: the next one can follow at once |
 * | `complete` | every step is done |
 * | `waiting` | nothing is due before `until` |
 * | `stopped` | it does not go on by itself: see `retirement.reopen` |
 * | `busy` | another worker has the person, or a driver without leases is at work |
 */
export type Advance =
  | { readonly status: 'progress' | 'complete'; readonly state: string }
  | { readonly status: 'waiting'; readonly until: Instant }
  | {
      readonly status: 'stopped'
      /**
       * `blocked`: a step needs an obstacle removed. `manual`: a person or a driver has to do the step. `dead`: every
       * attempt failed. `held`: the data of the person are on hold.
       */
      readonly why: 'blocked' | 'manual' | 'dead' | 'held'
      /** The code that the step gave; `no_function`: the host has none for it. */
      readonly code: string
    }
  | { readonly status: 'busy' }

/** The next piece of a retirement: an answer that needs none, the step of a working state, or a move. */
export type NextPiece =
  | { readonly is: 'answer'; readonly advance: Advance }
  | { readonly is: 'step'; readonly state: RetirementStateRow }
  | { readonly is: 'move'; readonly state: RetirementStateRow }
  /** A hold keeps the person from being erased. */
  | { readonly is: 'held' }
  /** The process ended in the last attempt. */
  | { readonly is: 'dead' }

/** The facts about a retirement that decide what is due. */
export interface WorkPlace extends Place {
  readonly work: RetirementWorkRow
}

/** Tells whether the library or a function of the host does the step of a working state. */
export type CanRun = (state: RetirementStateRow) => boolean

const day = 86_400_000

/** Returns the next piece of a retirement that is held under a lease; `undefined`: under none. */
export function nextPiece(place: WorkPlace, lease: string | undefined, canRun: CanRun): NextPiece {
  const { retirement, work, context } = place
  const current = stateOf(place)
  const resting = restingAnswer(current, work) ?? heldAnswer(retirement, current, work, lease, instantOf(context.now))
  if (resting !== undefined) return { is: 'answer', advance: resting }
  const state = targetOf(place.states, current)
  if (state === undefined || (state.kind === 'working' && !canRun(state))) return stopped('manual', 'no_function')
  if (current?.kind === 'working') {
    if (work.attempts >= context.settings.retirement_max_attempts) return { is: 'dead' }
    return { is: 'step', state }
  }
  const reason = refuseMove(place, state.state_name, false)
  if (reason === 'held') return { is: 'held' }
  if (reason === 'cool_off') {
    const until = addMilliseconds(retirement.created_at, minimumCoolOff(context.settings) * day)
    return { is: 'answer', advance: { status: 'waiting', until } }
  }
  return { is: state.kind === 'working' ? 'step' : 'move', state }
}

function stopped(why: 'blocked' | 'manual' | 'dead', code: string): NextPiece {
  return { is: 'answer', advance: { status: 'stopped', why, code } }
}

/** Returns the answer about a retirement on which no worker has anything to do. */
function restingAnswer(current: RetirementStateRow | undefined, work: RetirementWorkRow): Advance | undefined {
  if (current?.state_name === complete) return { status: 'complete', state: complete }
  if (work.stopped !== null) return { status: 'stopped', why: work.stopped, code: work.code ?? work.stopped }
  if (current?.state_name === aborted) return { status: 'stopped', why: 'manual', code: 'aborted' }
  return current?.kind === 'end' ? { status: 'stopped', why: 'dead', code: 'errored' } : undefined
}

/** Returns the answer about a retirement that was put off, or that another worker or a driver has. */
function heldAnswer(
  retirement: RetirementRow,
  current: RetirementStateRow | undefined,
  { next_attempt_at }: RetirementWorkRow,
  lease: string | undefined,
  now: Instant,
): Advance | undefined {
  if (next_attempt_at !== null && next_attempt_at > now) return { status: 'waiting', until: next_attempt_at }
  const isOfDriver = current?.kind === 'working' && retirement.lease === null
  return lease === undefined && (isFenced(retirement, lease, now) || isOfDriver) ? { status: 'busy' } : undefined
}

/**
 * Returns the state that comes next: the working state itself until its step is done, otherwise the one behind. Behind the
 * last step it is `COMPLETE`.
 */
function targetOf(
  states: readonly RetirementStateRow[],
  current: RetirementStateRow | undefined,
): RetirementStateRow | undefined {
  return current?.kind === 'working' ? current : stateBehind(states, current)
}

/** Returns the state behind another one, in the order of the pipeline: `COMPLETE` behind the last step. */
export function stateBehind(
  states: readonly RetirementStateRow[],
  current: RetirementStateRow | undefined,
): RetirementStateRow | undefined {
  const next = states[states.findIndex(({ state_name }) => state_name === current?.state_name) + 1]
  return next?.kind === 'end' ? states.find(({ state_name }) => state_name === complete) : next
}

/** Returns the states in which a retirement has a piece of work that the worker can do, by `RetirementLease`. */
export function workableStates(
  states: readonly RetirementStateRow[],
  canRun: CanRun,
): { readonly idle: string[]; readonly working: string[] } {
  const isWorkable = (state: RetirementStateRow) => {
    const target = targetOf(states, state)
    return target !== undefined && (target.kind !== 'working' || canRun(target))
  }
  const namesOf = (...kinds: readonly RetirementStateRow['kind'][]) =>
    states.filter((state) => kinds.includes(state.kind) && isWorkable(state)).map(({ state_name }) => state_name)
  return { idle: namesOf('start', 'done'), working: namesOf('working') }
}
