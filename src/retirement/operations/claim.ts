import { coolOffThreshold } from '../../accounts/cancellation.ts'
import type { RetirementLease } from '../../port/repository.ts'
import type { RetirementStateRow } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { instantOf } from '../../values/instant.ts'
import { isEqual } from '../../values/json.ts'
import { minimumCoolOff } from '../move.ts'
import { retirementDocument } from '../retirement-document.ts'
import { holdWrite, leaseEnd, putOffUntil } from '../work-writes.ts'
import { type Claim, loadRetirement, loadStates } from './load-retirement.ts'
import { requirePlan } from './plan-retirement.ts'

/** The number of retirements that a worker takes, and the length of its lease. */
export interface ClaimOptions {
  /** The most retirements to take. Default 10. */
  readonly limit?: number
  /** Seconds for which no other worker may work on them; longer than the work under one lease takes. Default 600. */
  readonly leaseSeconds?: number
  /** The `hash` of the plan that was agreed to: nothing is taken once another one holds. */
  readonly plan?: string
}

export async function claimRetirements(
  core: Core,
  actor: Actor,
  { limit = 10, leaseSeconds = 600, plan }: ClaimOptions,
): Promise<Claim[]> {
  requireRight(core, actor, 'retire_user')
  await requirePlan(core, plan)
  return claimIn(core, openStates, { limit, leaseSeconds })
}

/** Names the states of a pipeline in which retirements are to be taken. */
export type ChooseStates = (pipeline: readonly RetirementStateRow[]) => Pick<RetirementLease, 'idle' | 'working'>

function openStates(pipeline: readonly RetirementStateRow[]) {
  const namesOf = (...kinds: readonly RetirementStateRow['kind'][]) =>
    pipeline.filter(({ kind }) => kinds.includes(kind)).map(({ state_name }) => state_name)
  return { idle: namesOf('start', 'done'), working: namesOf('working') }
}

interface Wanted {
  readonly limit: number
  readonly leaseSeconds: number
}

/** The states of the site as each core read them last: a claim is made under them, and finds none under others. */
const lastRead = new WeakMap<Core, readonly RetirementStateRow[]>()

/**
 * Takes retirements in some states that have cooled off, under one lease. Reads the states of the site once, and again
 * where it finds none.
 */
export async function claimIn(core: Core, choose: ChooseStates, wanted: Wanted): Promise<Claim[]> {
  const known = lastRead.get(core)
  const claims = known === undefined ? [] : await claimUnder(core, known, choose, wanted)
  if (claims.length > 0) return claims
  const pipeline = await loadStates(core)
  if (isEqual(known, pipeline)) return []
  lastRead.set(core, pipeline)
  return claimUnder(core, pipeline, choose, wanted)
}

async function claimUnder(
  core: Core,
  pipeline: readonly RetirementStateRow[],
  choose: ChooseStates,
  { limit, leaseSeconds }: Wanted,
): Promise<Claim[]> {
  const context = contextOf(core)
  const lease = context.ids()
  const records = await core.repository.leaseRetirements({
    ...choose(pipeline),
    pipeline,
    limit,
    now: instantOf(context.now),
    leased_until: leaseEnd(leaseSeconds, context),
    lease,
    before: coolOffThreshold(minimumCoolOff(core.settings), context),
  })
  return records.map((record) => ({ lease, retirement: retirementDocument(record, pipeline) }))
}

export async function releaseRetirement(core: Core, actor: Actor, claim: Claim): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const { retirement, context } = await loadRetirement(core, claim)
    // By a lease that is over, and not null, `leaseRetirements` tells a step of a worker from one of a driver without leases.
    const give = holdWrite(retirement, putOffUntil(instantOf(context.now), context))
    return { writes: [give], permit: housekeeping, result: undefined }
  })
}
