import type { RetirementStepResultRow, UserId } from '../../port/tables.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { nameOf, type Whom } from '../../site/whom.ts'
import { requireUserId } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import type { CanRun, WorkPlace } from '../next-piece.ts'
import { workWithout } from '../step-identifiers.ts'
import { openHolds } from './load-holds.ts'
import type { LoadedRetirement } from './load-retirement.ts'
import { allStates, findPerson, findRetirement, populated } from './load-retirement.ts'

/** A retirement with the work on it, the states and the context that the rules need. */
export type LoadedWork = LoadedRetirement &
  WorkPlace & {
    /** The results of its steps so far. */
    readonly results: readonly RetirementStepResultRow[]
  }

/**
 * Loads a retirement with the work on it; `undefined` once it is complete and cleaned up. Throws `not_found` for a person
 * whose retirement was not requested.
 */
export async function loadWork(core: Core, whom: Whom): Promise<LoadedWork | undefined> {
  const name = nameOf(whom)
  const id =
    'id' in name ? requireUserId(name.id, core.repository.idType, 'whom') : (await findRetirement(core, whom))?.user_id
  const loaded = id === undefined ? undefined : await loadWorkOf(core, id)
  if (loaded !== undefined) return loaded
  const user = await findPerson(core, whom)
  const [request] = user === undefined ? [] : await core.repository.select('retirement_requests', { user_id: user.id })
  if (request?.is_started === true) return undefined
  throw new UserCoreError('not_found', { params: { what: 'retirement' } })
}

async function loadWorkOf(core: Core, user_id: UserId): Promise<LoadedWork | undefined> {
  const [retirements, works, holds, states, results] = await core.repository.selectEach([
    ['retirements', { user_id }],
    ['retirement_work', { user_id }],
    openHolds(user_id),
    allStates,
    ['retirement_step_results', { user_id }],
  ])
  const [[retirement], [work]] = [retirements, works]
  return (
    retirement && {
      retirement,
      work: work ?? workWithout(retirement),
      holds,
      states: populated(states),
      results,
      context: contextOf(core),
    }
  )
}

/** Returns the test whether the library or a function of the host does the step of a working state. */
export function runnableBy({ host }: Core): CanRun {
  return ({ action, step }) => action !== null || (step !== null && host.steps.has(step))
}
