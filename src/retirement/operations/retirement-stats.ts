import type { RetirementCount } from '../../port/repository.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { addMilliseconds, type Instant, instantOf } from '../../values/instant.ts'
import { aborted, complete } from '../pipeline.ts'

/** The retirements of one state that the worker treats alike. */
export interface RetirementGroup {
  readonly state: string
  /** The reason for which the worker leaves them alone; null: it does not. */
  readonly stopped: RetirementCount['stopped']
  /** The code of the last attempt at the step; null: there was none. */
  readonly code: string | null
  readonly count: number
  /** The moment of the earliest request. */
  readonly oldest: Instant
}

/** The retirements of a site, counted. */
export interface RetirementStats {
  readonly groups: readonly RetirementGroup[]
  /** Those that are not at their end although they were requested more than `retirement_deadline_days` ago. */
  readonly overdue: number
}

const day = 86_400_000

export async function retirementStats(core: Core, actor: Actor): Promise<RetirementStats> {
  requireRight(core, actor, 'retire_user')
  const before = addMilliseconds(instantOf(contextOf(core).now), -core.settings.retirement_deadline_days * day)
  const counts = await core.repository.countRetirements({ before })
  const isOpen = ({ current_state }: RetirementCount) => current_state !== complete && current_state !== aborted
  return {
    groups: counts
      .map(({ current_state, stopped, code, retirements, oldest_at }) => {
        return { state: current_state, stopped, code, count: retirements, oldest: oldest_at }
      })
      .sort((a, b) => (a.oldest < b.oldest ? -1 : 1)),
    overdue: counts.filter(isOpen).reduce((sum, { late }) => sum + late, 0),
  }
}
