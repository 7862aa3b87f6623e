import type { RetirementStepResultRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import type { Core } from '../../runtime/core.ts'
import { findUser } from '../../runtime/load-account.ts'
import { instantOf } from '../../values/instant.ts'
import type { JsonObject } from '../../values/json.ts'
import { heldSources, withOwners } from '../hold.ts'
import { areLeft, type Verification } from '../verification.ts'
import type { LoadedWork } from './load-work.ts'
import { lookFor, questFor } from './verify.ts'

/** The name of the verification among the results of steps. */
const verifying = 'retirement.verify'

/** The end of a retirement whose steps are all done: traces keep it from being complete. */
export interface VerifiedEnd {
  readonly hasTraces: boolean
  /** The writes that go with the move to the end: they keep the numbers for the receipt. */
  readonly writes: readonly Write[]
}

/** Looks for a person whose steps are all done, unless the site does not verify. */
export async function verifiedEnd(core: Core, { retirement, holds, context }: LoadedWork): Promise<VerifiedEnd> {
  const { user_id } = retirement
  const user = core.settings.verify === 'off' ? undefined : await findUser(core, { id: user_id })
  if (user === undefined) return { hasTraces: false, writes: [] }
  const quest = await questFor(core, retirement, user, { isDeep: false, signal: undefined })
  const { traces, lookedAt } = await lookFor(core, quest)
  const now = instantOf(context.now)
  const held = withOwners(heldSources(holds, now), core.personalData?.sources ?? [])
  const row: RetirementStepResultRow = {
    user_id,
    step: verifying,
    outcome: 'done',
    removed: 0,
    masked: 0,
    retained: { items: [], looked_at: { ...lookedAt } },
    attempts: 1,
    started_at: now,
    finished_at: now,
  }
  return { hasTraces: areLeft(traces, held), writes: [{ upsert: 'retirement_step_results', rows: [row] }] }
}

/** Reads the numbers that a verification kept; `undefined` where none was done. */
export function lookedAtOf(results: readonly RetirementStepResultRow[]): Verification['lookedAt'] | undefined {
  const kept = results.find(({ step }) => step === verifying)?.retained.looked_at as JsonObject | undefined
  return kept && { columns: Number(kept.columns), rows: Number(kept.rows) }
}
