import type { RetirementRow, RetirementWorkRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, decideAndSave, type Unit } from '../../runtime/core.ts'
import { idOfActor } from '../../runtime/load-account.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { StepWork } from '../../site/retirement-steps.ts'
import type { Whom } from '../../site/whom.ts'
import { isUserCoreError, UserCoreError } from '../../values/errors.ts'
import { addMilliseconds, type Instant, instantOf } from '../../values/instant.ts'
import { wholeHold } from '../hold.ts'
import { type Advance, nextPiece } from '../next-piece.ts'
import { complete } from '../pipeline.ts'
import { moveWrites } from '../retirement-writes.ts'
import { identifiersOf } from '../step-identifiers.ts'
import { leaseEnd, startedWork, startWrites, stopWrites, waitWrites } from '../work-writes.ts'
import type { Begun } from './begun.ts'
import { deadWrites, endWrites } from './end-piece.ts'
import { intending } from './journal.ts'
import { refusalWrites } from './load-holds.ts'
import { type Claim, readTarget, requireUnfenced } from './load-retirement.ts'
import { type LoadedWork, loadWork, runnableBy } from './load-work.ts'
import { outboxWait } from './outbox-wait.ts'
import { failureOf, functionOf, type PieceOutcome, runFunction } from './run-piece.ts'
import { actionOutcome, actionWrites } from './step-actions.ts'
import { verifiedEnd } from './verified-end.ts'

/** Options of one piece of work. */
export interface AdvanceOptions {
  /**
   * Seconds for which no other worker may work on the person; a claim that lasts longer stays as it is. A step that takes
   * longer is aborted, and its attempt has failed (`timed_out`). Default 600.
   */
  readonly leaseSeconds?: number
  /** Ends the step early: what it returns then is dropped, and the attempt does not count. */
  readonly signal?: AbortSignal
}

export async function advance(
  core: Core,
  actor: Actor,
  target: Whom | Claim,
  { leaseSeconds = 600, signal }: AdvanceOptions,
): Promise<Advance> {
  requireRight(core, actor, 'retire_user')
  return advanceUntil(core, actor, target, leaseSeconds, {
    stop: signal ?? new AbortController().signal,
    late: AbortSignal.timeout(leaseSeconds * 1000),
  })
}

/** The ends of a step that is under way. */
export interface StepEnds {
  /** The step is broken off, and the attempt does not count. */
  readonly stop: AbortSignal
  /** The step took too long, and the attempt has failed. */
  readonly late: AbortSignal
}

/** Does one piece of work on a retirement. */
export async function advanceUntil(
  core: Core,
  actor: Actor,
  target: Whom | Claim,
  leaseSeconds: number,
  ends: StepEnds,
): Promise<Advance> {
  const begun = await begin(core, actor, target, leaseSeconds).catch((error: unknown) => {
    if (isUserCoreError(error, 'retirement_state_error') && error.params.reason === 'journal_failed')
      return putOffUnrecorded(core, target)
    throw error
  })
  if ('status' in begun) return begun
  const outcome = await run(core, begun, ends)
  try {
    return await end(core, actor, begun, outcome)
  } catch (error) {
    // An action of the library that fails is a failed attempt too; an overtaken worker has nothing to store.
    if (outcome.outcome !== 'done' || begun.state.action === null || isOvertaken(error)) throw error
    return end(core, actor, begun, failureOf(error))
  }
}

function isOvertaken(error: unknown): boolean {
  return isUserCoreError(error) && error.code === 'conflict'
}

/** Stores the start of the next piece, or returns the answer where none is due. */
async function begin(core: Core, actor: Actor, target: Whom | Claim, leaseSeconds: number): Promise<Begun | Advance> {
  const { whom, lease } = readTarget(core, target)
  return decideAndSave<unknown, Begun | Advance>(core, async () => {
    const loaded = await loadWork(core, whom)
    if (loaded === undefined) return { writes: [], result: { status: 'complete', state: complete } }
    const { retirement, work, states, context } = loaded
    const piece = nextPiece(loaded, lease, runnableBy(core))
    if (piece.is === 'answer') return { writes: [], result: piece.advance }
    requireUnfenced(retirement, lease, context)
    if (piece.is === 'held') return heldPiece(loaded)
    const by = { forced: false, note: '', changed_by: await idOfActor(core, actor) }
    if (piece.is === 'dead') return deadWrites(loaded, work.code ?? 'error', by)
    const { state } = piece
    const inside = await intending(core, retirement, state, states, context)
    if (piece.is === 'move') {
      const ended = state.state_name === complete ? await verifiedEnd(core, loaded) : undefined
      if (ended?.hasTraces === true) return tracesLeft(loaded)
      const writes = [...moveWrites(retirement, state, by, context), ...(ended?.writes ?? [])]
      return {
        writes,
        ...(inside && { inside }),
        permit: housekeeping,
        result: { status: state.state_name === complete ? 'complete' : 'progress', state: state.state_name },
      }
    }
    const until = await outboxWait(core, loaded, state)
    if (until !== undefined) {
      const writes = waitWrites(loaded, until, 'outbox', context)
      return { writes, permit: housekeeping, result: { status: 'waiting', until } }
    }
    const hold = { lease: lease ?? context.ids(), leased_until: laterEnd(retirement, lease, leaseSeconds, context) }
    const started = startedWork(work, context)
    return {
      writes: startWrites({ retirement, work: started }, state, hold, by, context),
      ...(inside && { inside }),
      permit: housekeeping,
      result: {
        retirement,
        work: started,
        state,
        states,
        lease: hold.lease,
        isClaimed: lease !== undefined,
      },
    }
  })
}

/** Returns the end of the lease under which a step runs: that of a claim is never brought forward. */
function laterEnd(
  { leased_until }: RetirementRow,
  lease: string | undefined,
  leaseSeconds: number,
  context: Context,
): Instant {
  const end = leaseEnd(leaseSeconds, context)
  return lease !== undefined && leased_until !== null && leased_until > end ? leased_until : end
}

/** Stores that traces of a person are left, who stays as they are until they are reopened. */
function tracesLeft({ retirement, work, context }: LoadedWork): Unit<unknown, Advance> {
  const [why, code] = ['blocked', 'traces_left'] as const
  const writes = stopWrites({ retirement, work }, 'done', why, code, context)
  return { writes, permit: housekeeping, result: { status: 'stopped', why, code } }
}

/** Stores that a hold refuses a person, whom no worker takes again before its end. */
function heldPiece({ retirement, holds, context }: LoadedWork): Unit<unknown, Advance> {
  const code = wholeHold(holds, instantOf(context.now))?.reason ?? 'held'
  const writes = refusalWrites(retirement, holds, context)
  return { writes, permit: housekeeping, result: { status: 'stopped', why: 'held', code } }
}

/** Puts a person off of whom the journal took no entry. */
async function putOffUnrecorded(core: Core, target: Whom | Claim): Promise<Advance> {
  const { whom, lease } = readTarget(core, target)
  return decideAndSave<unknown, Advance>(core, async () => {
    const loaded = await loadWork(core, whom)
    if (loaded === undefined) return { writes: [], result: { status: 'complete', state: complete } }
    requireUnfenced(loaded.retirement, lease, loaded.context)
    const until = addMilliseconds(instantOf(loaded.context.now), journalPause)
    return {
      writes: waitWrites(loaded, until, 'journal_failed', loaded.context),
      permit: housekeeping,
      result: { status: 'waiting', until },
    }
  })
}

/** Milliseconds until an erasure is begun again of which the journal took no entry. */
const journalPause = 60_000

/** Runs the step of a piece. Returns the outcome of every failure, but that another worker has the retirement. */
async function run(core: Core, begun: Begun, { stop, late }: StepEnds): Promise<PieceOutcome> {
  const { retirement, work, state } = begun
  if (state.action !== null) return actionOutcome(core, begun, state.action)
  const step = functionOf(core, state.step)
  if (step === undefined) return { outcome: 'manual', code: 'no_function' }
  const outcome = await runFunction(step, workOf(retirement, work, AbortSignal.any([stop, late])))
  const isLate = outcome.outcome === 'interrupted' && !stop.aborted
  return isLate ? { outcome: 'retry', code: 'timed_out' } : outcome
}

function workOf(retirement: RetirementRow, work: RetirementWorkRow, signal: AbortSignal): StepWork {
  return {
    user_id: retirement.user_id,
    identifiers: identifiersOf(work),
    retired: { username: retirement.retired_username, email: retirement.retired_email },
    fence: work.fence,
    attempt: work.attempts,
    cursor: work.cursor?.cursor ?? null,
    replay: work.is_replay,
    signal,
  }
}

/** Stores the outcome of a piece. Throws `conflict` once another worker has the retirement: nothing of it is stored then. */
async function end(core: Core, actor: Actor, begun: Begun, outcome: PieceOutcome): Promise<Advance> {
  const { state } = begun
  return decideAndSave<unknown, Advance>(core, async () => {
    const loaded = await loadSame(core, begun.retirement.user_id, begun)
    const by = { forced: false, note: '', changed_by: await idOfActor(core, actor) }
    const before = loaded.results.find(({ step }) => step === (state.step ?? state.state_name))
    const decided = endWrites(loaded, { ...begun, before }, outcome, by)
    if (outcome.outcome !== 'done' || state.action === null) return decided
    return withAction(decided, await actionWrites[state.action](core, loaded), state.action !== 'partner_report')
  })
}

/** Loads a retirement again. Throws `conflict` unless it is still in the hands of this piece. */
async function loadSame(core: Core, user_id: UserId, { state, lease, work }: Begun): Promise<LoadedWork> {
  const loaded = await loadWork(core, { id: user_id })
  const isSame =
    loaded?.retirement.lease === lease &&
    loaded.retirement.current_state === state.state_name &&
    loaded.work.fence === work.fence
  if (loaded === undefined || !isSame) throw new UserCoreError('conflict', { params: { reason: 'lease' } })
  return loaded
}

/** Adds the writes of an action behind the write that guards the unit: what it erases is not what the move tells. */
function withAction(
  decided: Unit<unknown, Advance>,
  action: readonly Write[],
  erases: boolean,
): Unit<unknown, Advance> {
  const [guard, ...rest] = decided.writes
  return { ...decided, writes: [...(guard === undefined ? [] : [guard]), ...action, ...rest], erases }
}
