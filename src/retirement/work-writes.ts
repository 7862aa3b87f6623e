import type { RetirementRow, RetirementStateRow, RetirementStepResultRow, RetirementWorkRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import type { StepCounts } from '../site/retirement-steps.ts'
import { addMilliseconds, type Instant, instantOf } from '../values/instant.ts'
import type { JsonValue } from '../values/json.ts'
import { free, guardOf, type Hold, type MoveBy, moveWrites, workWrite } from './retirement-writes.ts'

/** A retirement with the work on it. */
export interface Worked {
  readonly retirement: RetirementRow
  readonly work: RetirementWorkRow
}

/** A hold that no worker has, until a moment: the retirement is taken again from then on, also in a working state. */
export function putOffUntil(leased_until: Instant, context: Context): Hold {
  return { lease: context.ids(), leased_until }
}

/** Returns the work on a retirement with one more attempt, under the next fence. */
export function startedWork(work: RetirementWorkRow, context: Context): RetirementWorkRow {
  return {
    ...work,
    fence: work.fence + 1,
    attempts: work.attempts + 1,
    started_at: work.started_at ?? instantOf(context.now),
    next_attempt_at: null,
  }
}

/** Returns the writes that store the start of an attempt, before the step runs; `work` is that with the attempt. */
export function startWrites(
  { retirement, work }: Worked,
  state: RetirementStateRow,
  hold: Hold,
  by: MoveBy,
  context: Context,
): Write[] {
  return retirement.current_state === state.state_name
    ? [holdWrite(retirement, hold), workWrite(work)]
    : moveWrites(retirement, state, by, context, { hold, work })
}

/** Returns the write that gives a retirement another hold, guarded by its version and the lease that it was loaded with. */
export function holdWrite(retirement: RetirementRow, hold: Hold): Write {
  const set = { ...hold, version: retirement.version + 1 }
  return { update: 'retirements', set, where: guardOf(retirement), guarded: true }
}

/** Returns the writes that put a retirement off until a moment, without a try. */
export function waitWrites({ retirement, work }: Worked, until: Instant, code: string, context: Context): Write[] {
  return [holdWrite(retirement, putOffUntil(until, context)), workWrite({ ...work, next_attempt_at: until, code })]
}

/** A moment that no worker waits for. */
const endOfTime: Instant = '9999-12-31T23:59:59.999999Z'

/**
 * Returns the writes that keep workers away from a retirement until it is reopened. In a working state it belongs to a
 * driver from then on, which a state without a lease says; in others no driver may take it either.
 */
export function stopWrites(
  { retirement, work }: Worked,
  kind: RetirementStateRow['kind'],
  stopped: 'blocked' | 'manual',
  code: string,
  context: Context,
): Write[] {
  const hold = kind === 'working' ? free : putOffUntil(endOfTime, context)
  return [holdWrite(retirement, hold), workWrite({ ...work, stopped, code, next_attempt_at: null })]
}

/** Returns the work behind a piece that made progress, which is no failed attempt. */
export function workAfterMore(work: RetirementWorkRow, cursor: JsonValue): RetirementWorkRow {
  return { ...work, attempts: work.attempts - 1, cursor: { cursor }, code: null }
}

/** The greatest number that a column holds. */
const most = 2 ** 31 - 1

/** Returns the write that adds the counts of a piece to the result of its step. */
export function resultWrite(
  before: RetirementStepResultRow | undefined,
  { user_id, attempts, started_at }: RetirementWorkRow,
  step: string,
  outcome: 'more' | 'done',
  { removed = 0, masked = 0, retained = [] }: StepCounts,
  context: Context,
): Write {
  const now = instantOf(context.now)
  const kept = before?.retained.items
  const row: RetirementStepResultRow = {
    user_id,
    step,
    outcome,
    removed: Math.min((before?.removed ?? 0) + removed, most),
    masked: Math.min((before?.masked ?? 0) + masked, most),
    retained: { items: [...(Array.isArray(kept) ? kept : []), ...retained.map((item) => ({ ...item }))] },
    attempts,
    started_at: started_at ?? now,
    finished_at: now,
  }
  return { upsert: 'retirement_step_results', rows: [row] }
}

/** Returns the end of a lease that begins now. */
export function leaseEnd(leaseSeconds: number, context: Context): Instant {
  return addMilliseconds(instantOf(context.now), leaseSeconds * 1000)
}
