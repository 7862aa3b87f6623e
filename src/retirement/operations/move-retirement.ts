import type { RetirementRow, UserId } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { idOfActor } from '../../runtime/load-account.ts'
import type { Actor } from '../../site/actor.ts'
import { isUserCoreError, UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { isFenced, isRepeat, refuseMove, rewindTarget } from '../move.ts'
import { cleanNote } from '../note.ts'
import { moveWrites } from '../retirement-writes.ts'
import { readPeriod, type StatusAndDateRequest } from './list-retirements.ts'
import {
  findRetirement,
  type LeaseOptions,
  loadRetirement,
  loadStates,
  requireUnfenced,
  stateError,
} from './load-retirement.ts'

/** Where to move a retirement, and why. */
export interface MoveRequest extends LeaseOptions {
  readonly new_state: string
  /** What is to be remembered of it: codes and ids. Names and addresses are taken out, and 1000 characters kept. */
  readonly response: unknown
  /** Whether to move against the order of the states. Only `true` does, and only with the right `force_retirement`. */
  readonly force?: boolean
}

export async function updateState(core: Core, actor: Actor, username: string, request: MoveRequest): Promise<void> {
  requireRight(core, actor, 'retire_user')
  const { lease, force: forced = false } = request
  if (forced) requireRight(core, actor, 'force_retirement')
  await decideAndSave(core, async () => {
    const retirement = await findRetirement(core, username)
    if (retirement === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
    if (!forced && (await isAnswerLost(core, actor, retirement, request))) return { writes: [], result: undefined }
    const context = contextOf(core)
    requireUnfenced(retirement, lease, context)
    const states = await loadStates(core)
    const reason = refuseMove({ retirement, states, context }, request.new_state, forced)
    const target = states.find(({ state_name }) => state_name === request.new_state)
    if (reason !== undefined || target === undefined) throw stateError(reason ?? 'unknown_state')
    const changed_by = await idOfActor(core, actor)
    const by = { forced, note: request.response, changed_by }
    return { writes: moveWrites(retirement, target, by, context), result: undefined }
  })
}

/**
 * Whether a caller says again what was done already. A move into an end gives up the lease, so that one does not count
 * then; that of another worker does.
 */
async function isAnswerLost(
  core: Core,
  actor: Actor,
  retirement: RetirementRow,
  { new_state, response, lease }: MoveRequest,
): Promise<boolean> {
  if (retirement.current_state !== new_state) return false
  if (retirement.lease !== null && isFenced(retirement, lease, instantOf(contextOf(core).now))) return false
  const history = await core.repository.select('retirement_history', { user_id: retirement.user_id })
  const move = { to_state: new_state, note: cleanNote(response, retirement), changed_by: await idOfActor(core, actor) }
  return isRepeat(retirement, history, move)
}

/** Many retirements to move at once: those in one state that were asked for within a period. */
export type BulkMoveRequest = Pick<StatusAndDateRequest, 'start_date' | 'end_date' | 'state'> &
  (
    | { readonly new_state: string; readonly rewind?: false }
    /** Back to the last state in which nothing was at work, so that the step that failed is tried again. */
    | { readonly rewind: true; readonly new_state?: never }
  )

/** What became of each retirement, by the id of the person. */
export interface BulkMoveResult {
  readonly moved: readonly UserId[]
  readonly failed: readonly UserId[]
}

export async function bulkUpdateState(core: Core, actor: Actor, request: BulkMoveRequest): Promise<BulkMoveResult> {
  requireRight(core, actor, 'retire_user')
  requireRight(core, actor, 'force_retirement')
  const states = await loadStates(core)
  const known = (name: string | undefined) => states.some(({ state_name }) => state_name === name)
  if (!known(request.state) || (request.rewind !== true && !known(request.new_state))) throw stateError('unknown_state')
  const period = readPeriod(request, instantOf(contextOf(core).now))
  const moved: UserId[] = []
  const failed: UserId[] = []
  let after: RetirementRow | undefined
  do {
    const cursor = after === undefined ? {} : { after }
    const page = await core.repository.pageRetirements({ ...period, ...cursor, states: [request.state], limit: 100 })
    after = page.at(-1)?.retirement
    for (const { retirement } of page) {
      const list = (await moveOne(core, actor, retirement, request)) ? moved : failed
      list.push(retirement.user_id)
    }
  } while (after !== undefined)
  return { moved, failed }
}

async function moveOne(core: Core, actor: Actor, listed: RetirementRow, request: BulkMoveRequest): Promise<boolean> {
  try {
    await decideAndSave(core, async () => {
      const loaded = await loadRetirement(core, listed.original_username)
      const to = request.rewind === true ? rewindTarget(loaded) : request.new_state
      const target = loaded.states.find(({ state_name }) => state_name === to)
      const isListed = loaded.retirement.current_state === request.state
      if (target === undefined || !isListed) throw stateError('unknown_state')
      const reason = refuseMove(loaded, target.state_name, true)
      if (reason !== undefined) throw stateError(reason)
      const by = { forced: true, note: 'bulk', changed_by: await idOfActor(core, actor) }
      return { writes: moveWrites(loaded.retirement, target, by, loaded.context), result: undefined }
    })
    return true
  } catch (error) {
    if (isUserCoreError(error) && error.code !== 'internal_error') return false
    throw error
  }
}
