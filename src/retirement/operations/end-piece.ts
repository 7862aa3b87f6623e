import type { RetirementStepResultRow } from '../../port/tables.ts'
import type { Unit } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { StepCounts, StepOutcome } from '../../site/retirement-steps.ts'
import { addMilliseconds, instantOf } from '../../values/instant.ts'
import { type Delays, putOff } from '../../values/put-off.ts'
import { type Advance, stateBehind } from '../next-piece.ts'
import { complete } from '../pipeline.ts'
import { free, type Hold, type MoveBy, moveWrites, restedWork, workWrite } from '../retirement-writes.ts'
import { holdWrite, putOffUntil, resultWrite, stopWrites, workAfterMore } from '../work-writes.ts'
import type { Begun } from './begun.ts'
import type { LoadedWork } from './load-work.ts'
import type { PieceOutcome } from './run-piece.ts'

/** A piece that has ended, with the result of its step so far. */
interface Ended extends Begun {
  readonly before: RetirementStepResultRow | undefined
}

type Ending = Unit<unknown, Advance>

/** Twenty seconds before the second attempt, six hours at most between two. */
const delays: Delays = { first: 20_000, longest: 6 * 3_600_000 }

/** Decides what is stored of a piece by its outcome. */
export function endWrites(loaded: LoadedWork, piece: Ended, outcome: PieceOutcome, by: MoveBy): Ending {
  switch (outcome.outcome) {
    case 'done':
      return doneWrites(loaded, piece, outcome, by)
    case 'more':
      return moreWrites(loaded, piece, outcome)
    case 'retry':
      return retryWrites(loaded, outcome, by)
    case 'interrupted':
      return interruptedWrites(loaded)
    case 'blocked':
    case 'manual': {
      const { outcome: why, code } = outcome
      const writes = stopWrites(loaded, piece.state.kind, why, code, loaded.context)
      return { writes, permit: housekeeping, result: { status: 'stopped', why, code } }
    }
  }
}

/** Returns the hold between two pieces: the caller keeps that of its claim, and any worker can take up the others. */
function holdBetween({ context }: LoadedWork, { isClaimed }: Begun): Hold | undefined {
  return isClaimed ? undefined : putOffUntil(instantOf(context.now), context)
}

function resultOf(loaded: LoadedWork, piece: Ended, outcome: 'more' | 'done', counts: StepCounts = {}) {
  const { step, state_name } = piece.state
  return resultWrite(piece.before, loaded.work, step ?? state_name, outcome, counts, loaded.context)
}

function doneWrites(loaded: LoadedWork, piece: Ended, { counts }: { counts?: StepCounts }, by: MoveBy): Ending {
  const { retirement, states, work, context } = loaded
  const target = stateBehind(states, piece.state) ?? piece.state
  // In a working state without a lease a driver would be at work.
  const between = target.kind === 'working' || piece.isClaimed ? holdBetween(loaded, piece) : free
  const changes = { work: { ...work, ...restedWork }, ...(between !== undefined && { hold: between }) }
  return {
    permit: housekeeping,
    writes: [...moveWrites(retirement, target, by, context, changes), resultOf(loaded, piece, 'done', counts)],
    result: { status: target.state_name === complete ? 'complete' : 'progress', state: target.state_name },
  }
}

function moreWrites(loaded: LoadedWork, piece: Ended, outcome: Extract<StepOutcome, { outcome: 'more' }>): Ending {
  const { retirement, work } = loaded
  const { lease, leased_until } = retirement
  const hold = holdBetween(loaded, piece) ?? { lease, leased_until }
  return {
    permit: housekeeping,
    writes: [
      holdWrite(retirement, hold),
      workWrite(workAfterMore(work, outcome.cursor)),
      resultOf(loaded, piece, 'more', outcome.counts),
    ],
    result: { status: 'progress', state: retirement.current_state },
  }
}

function retryWrites(loaded: LoadedWork, outcome: Extract<StepOutcome, { outcome: 'retry' }>, by: MoveBy): Ending {
  const { retirement, work, context } = loaded
  const { code, after_seconds } = outcome
  if (work.attempts >= context.settings.retirement_max_attempts) return deadWrites(loaded, code, by)
  const delay = after_seconds === undefined ? putOff(work.attempts, delays, context.random) : after_seconds * 1000
  const until = addMilliseconds(instantOf(context.now), delay)
  return {
    permit: housekeeping,
    writes: [holdWrite(retirement, putOffUntil(until, context)), workWrite({ ...work, code, next_attempt_at: until })],
    result: { status: 'waiting', until },
  }
}

/** Decides on a retirement whose attempts are used up: it moves to `ERRORED`. */
export function deadWrites({ retirement, states, work, context }: LoadedWork, code: string, by: MoveBy): Ending {
  const errored = states.find(({ state_name }) => state_name === 'ERRORED')
  const dead = { ...work, stopped: 'dead', code, next_attempt_at: null } as const
  const writes =
    errored === undefined
      ? [holdWrite(retirement, free), workWrite(dead)]
      : moveWrites(retirement, errored, { ...by, note: { code } }, context, { work: dead })
  return { writes, permit: housekeeping, result: { status: 'stopped', why: 'dead', code } }
}

/** Decides on a piece that was broken off: it counts as no attempt, and can be taken up at once. */
function interruptedWrites({ retirement, work, context }: LoadedWork): Ending {
  const now = instantOf(context.now)
  return {
    permit: housekeeping,
    writes: [holdWrite(retirement, putOffUntil(now, context)), workWrite({ ...work, attempts: work.attempts - 1 })],
    result: { status: 'waiting', until: now },
  }
}
