import { coolOffThreshold } from '../../accounts/cancellation.ts'
import type { RetirementRow, RetirementStateRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, outcomeOf } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { addMilliseconds, instantOf } from '../../values/instant.ts'
import { minimumCoolOff } from '../move.ts'
import { type RetirementDocument, retirementDocument } from '../retirement-document.ts'
import { loadStates } from './load-retirement.ts'

/** How much work a worker takes. */
export interface ClaimOptions {
  /** Retirements to take. Default 10. */
  readonly limit?: number
  /** Seconds for which nobody else may work on them: more than all that is done under one lease takes. Default 600. */
  readonly leaseSeconds?: number
}

/** A retirement that a worker has for itself. */
export interface ClaimedRetirement {
  /** The fencing token: hand it to every call about this retirement. Once another worker has it they throw `conflict`. */
  readonly lease: string
  readonly retirement: RetirementDocument
}

const pageSize = 100

export async function claimRetirements(
  core: Core,
  actor: Actor,
  { limit = 10, leaseSeconds = 600 }: ClaimOptions,
): Promise<ClaimedRetirement[]> {
  requireRight(core, actor, 'retire_user')
  const states = await loadStates(core)
  const context = contextOf(core)
  const now = instantOf(context.now)
  const wanted = {
    states: states.filter(({ kind }) => kind !== 'end').map(({ state_name }) => state_name),
    before: coolOffThreshold(minimumCoolOff(core.settings), context),
    limit: pageSize,
  }
  const claimed: ClaimedRetirement[] = []
  let after: RetirementRow | undefined
  do {
    const cursor = after === undefined ? {} : { after }
    const page = await core.repository.pageRetirements({ ...wanted, ...cursor })
    after = page.at(-1)?.retirement
    for (const record of page) {
      if (claimed.length === limit) return claimed
      const { retirement } = record
      if (!isFree(retirement, states, now)) continue
      const { user_id, version } = retirement
      const lease = context.ids()
      const leased_until = addMilliseconds(now, leaseSeconds * 1000)
      const set = { lease, leased_until, version: version + 1 }
      const take: Write = { update: 'retirements', set, where: { user_id, version }, guarded: true }
      // Of several workers that see the same one free, one finds it as it was. The others leave it, whatever they lose by.
      const outcome = await outcomeOf(async () =>
        (await core.repository.commit([take])) ? { result: true } : { stopped: [take] },
      )
      if ('result' in outcome) claimed.push({ lease, retirement: retirementDocument(record, states) })
    }
  } while (after !== undefined)
  return claimed
}

/**
 * Whether there is work that nobody is at: nothing was begun, or a worker began and its lease ran out. A step that was
 * begun without a lease belongs to a driver that keeps no leases, and is left to it.
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
