import { coolOffThreshold } from '../../accounts/cancellation.ts'
import type { RetirementRow, RetirementStateRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave, outcomeOf } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { addMilliseconds, type Instant, instantOf } from '../../values/instant.ts'
import { minimumCoolOff } from '../move.ts'
import { retirementDocument } from '../retirement-document.ts'
import { type Claim, everyRetirement, loadRetirement, loadStates } from './load-retirement.ts'

/** The number of retirements that a worker takes, and the length of its lease. */
export interface ClaimOptions {
  /** The most retirements to take. Default 10. */
  readonly limit?: number
  /** Seconds for which no other worker may work on them; longer than the work under one lease takes. Default 600. */
  readonly leaseSeconds?: number
}

export async function claimRetirements(
  core: Core,
  actor: Actor,
  { limit = 10, leaseSeconds = 600 }: ClaimOptions,
): Promise<Claim[]> {
  requireRight(core, actor, 'retire_user')
  const states = await loadStates(core)
  const context = contextOf(core)
  const now = instantOf(context.now)
  const wanted = {
    states: states.filter(({ kind }) => kind !== 'end').map(({ state_name }) => state_name),
    before: coolOffThreshold(minimumCoolOff(core.settings), context),
  }
  const claimed: Claim[] = []
  for await (const record of everyRetirement(core, wanted)) {
    if (claimed.length === limit) return claimed
    const { retirement } = record
    if (!isFree(retirement, states, now)) continue
    const lease = context.ids()
    const take = leaseWrite(retirement, lease, addMilliseconds(now, leaseSeconds * 1000))
    // Of several workers that see the same one free, one finds it as it was. The others leave it, whichever error stops
    // them.
    const outcome = await outcomeOf(async () =>
      (await core.repository.commit([take])) ? { result: true } : { stopped: [take] },
    )
    if ('result' in outcome) claimed.push({ lease, retirement: retirementDocument(record, states) })
  }
  return claimed
}

export async function releaseRetirement(core: Core, actor: Actor, claim: Claim): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const { retirement, context } = await loadRetirement(core, claim)
    // A lease that is over, and not null: by it `isFree` tells a step that a worker began from one of a driver without
    // leases.
    return { writes: [leaseWrite(retirement, context.ids(), instantOf(context.now))], result: undefined }
  })
}

function leaseWrite({ user_id, version }: RetirementRow, lease: string, leased_until: Instant): Write {
  const set = { lease, leased_until, version: version + 1 }
  return { update: 'retirements', set, where: { user_id, version }, guarded: true }
}

/**
 * Tells whether a retirement waits for a worker: nothing was begun, or a worker began and its lease ran out. A step
 * that was begun without a lease belongs to a driver that keeps no leases, and is left to it.
 */
function isFree(
  { current_state, lease, leased_until }: RetirementRow,
  states: readonly RetirementStateRow[],
  now: string,
) {
  const isLeased = lease !== null && leased_until !== null && leased_until > now
  const kind = states.find(({ state_name }) => state_name === current_state)?.kind
  return !isLeased && (kind !== 'working' || lease !== null)
}
