import { type Core, contextOf } from '../../runtime/core.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import type { CanRun, WorkPlace } from '../next-piece.ts'
import { workWithout } from '../step-identifiers.ts'
import { loadHolds } from './load-holds.ts'
import type { LoadedRetirement } from './load-retirement.ts'
import { findPerson, findRetirement, loadStates } from './load-retirement.ts'

/** A retirement with the work on it, the states and the context that the rules need. */
export type LoadedWork = LoadedRetirement & WorkPlace

/**
 * Loads a retirement with the work on it; `undefined` once it is complete and cleaned up. Throws `not_found` for a person
 * whose retirement was not requested.
 */
export async function loadWork(core: Core, whom: Whom): Promise<LoadedWork | undefined> {
  const retirement = await findRetirement(core, whom)
  if (retirement === undefined) {
    const user = await findPerson(core, whom)
    const [request] =
      user === undefined ? [] : await core.repository.select('retirement_requests', { user_id: user.id })
    if (request?.is_started === true) return undefined
    throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  }
  const { user_id } = retirement
  const [work = workWithout(retirement)] = await core.repository.select('retirement_work', { user_id })
  const holds = await loadHolds(core, user_id)
  return { retirement, work, states: await loadStates(core), holds, context: contextOf(core) }
}

/** Returns the test whether the library or a function of the host does the step of a working state. */
export function runnableBy({ host }: Core): CanRun {
  return ({ action, step }) => action !== null || (step !== null && host.steps.has(step))
}
