import { coolOffThreshold } from '../../accounts/cancellation.ts'
import type { RetirementLease } from '../../port/repository.ts'
import type { RetirementStateRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { instantOf } from '../../values/instant.ts'
import { minimumCoolOff } from '../move.ts'
import { retirementDocument } from '../retirement-document.ts'
import { leaseEnd } from '../work-writes.ts'
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
  const states = await loadStates(core)
  const namesOf = (...kinds: readonly RetirementStateRow['kind'][]) =>
    states.filter(({ kind }) => kinds.includes(kind)).map(({ state_name }) => state_name)
  return claimIn(core, states, { idle: namesOf('start', 'done'), working: namesOf('working'), limit, leaseSeconds })
}

/** Takes retirements in some states that have cooled off, under one lease. */
export async function claimIn(
  core: Core,
  states: readonly RetirementStateRow[],
  { leaseSeconds, ...wanted }: Pick<RetirementLease, 'idle' | 'working' | 'limit'> & { readonly leaseSeconds: number },
): Promise<Claim[]> {
  const context = contextOf(core)
  const lease = context.ids()
  const records = await core.repository.leaseRetirements({
    ...wanted,
    now: instantOf(context.now),
    leased_until: leaseEnd(leaseSeconds, context),
    lease,
    before: coolOffThreshold(minimumCoolOff(core.settings), context),
  })
  return records.map((record) => ({ lease, retirement: retirementDocument(record, states) }))
}

export async function releaseRetirement(core: Core, actor: Actor, claim: Claim): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const { retirement, context } = await loadRetirement(core, claim)
    const { user_id, version } = retirement
    // A lease that is over, and not null: by it `leaseRetirements` tells a step that a worker began from one of a driver
    // without leases.
    const set = { lease: context.ids(), leased_until: instantOf(context.now), version: version + 1 }
    const give: Write = { update: 'retirements', set, where: { user_id, version }, guarded: true }
    return { writes: [give], permit: housekeeping, result: undefined }
  })
}
