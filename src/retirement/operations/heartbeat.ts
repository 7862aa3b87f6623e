import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { requireUserId } from '../../values/arguments.ts'
import { leaseEnd } from '../work-writes.ts'
import type { Claim } from './load-retirement.ts'

/** Options of a heartbeat. */
export interface HeartbeatOptions {
  /** Seconds from now on for which no other worker may work on the people. Default 600. */
  readonly leaseSeconds?: number
}

export async function heartbeat(
  core: Core,
  actor: Actor,
  claims: readonly Claim[],
  { leaseSeconds = 600 }: HeartbeatOptions,
): Promise<{ readonly held: UserId[] }> {
  requireRight(core, actor, 'retire_user')
  const leaseOf = new Map(
    claims.map(({ lease, retirement }) => {
      return [requireUserId(retirement.user.id, core.repository.idType, 'claims'), lease] as const
    }),
  )
  if (leaseOf.size === 0) return { held: [] }
  const user_id = [...leaseOf.keys()]
  const where = { user_id, lease: [...new Set(leaseOf.values())] }
  const leased_until = leaseEnd(leaseSeconds, contextOf(core))
  await decideAndSave(core, async () => {
    const hold: Write = { update: 'retirements', set: { leased_until }, where }
    return { writes: [hold], permit: housekeeping, result: undefined }
  })
  const rows = await core.repository.select('retirements', where)
  return { held: rows.filter((row) => leaseOf.get(row.user_id) === row.lease).map((row) => row.user_id) }
}
