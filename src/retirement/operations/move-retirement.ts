import type { RetirementRow, UserId } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { idOfActor } from '../../runtime/load-account.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { isUserCoreError, UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import type { JsonValue } from '../../values/json.ts'
import { isFenced, isRepeat, refuseMove, rewindTarget } from '../move.ts'
import { cleanNote } from '../note.ts'
import { moveWrites } from '../retirement-writes.ts'
import { intending } from './journal.ts'
import { type Period, readPeriod } from './list-retirements.ts'
import { loadHolds, refusalWrites } from './load-holds.ts'
import {
  type Claim,
  everyRetirement,
  findRetirement,
  loadRetirement,
  loadStates,
  readTarget,
  requireUnfenced,
  stateError,
} from './load-retirement.ts'

/** A move of a retirement, and its reason. */
export interface MoveRequest {
  /** The name of the state to move into. */
  readonly state: string
  /** The reason, as codes and ids. Names and addresses are taken out, and 1000 characters are kept. Default `''`. */
  readonly note?: JsonValue
  /** Moves against the order of the states as well; needs the right `force_retirement`. Default false. */
  readonly force?: boolean
}

export async function moveRetirement(
  core: Core,
  actor: Actor,
  target: Whom | Claim,
  { state, note = '', force: forced = false }: MoveRequest,
): Promise<void> {
  requireRight(core, actor, 'retire_user')
  if (forced) requireRight(core, actor, 'force_retirement')
  const { whom, lease } = readTarget(core, target)
  const outcome = await decideAndSave<unknown, 'held' | undefined>(core, async () => {
    const retirement = await findRetirement(core, whom)
    if (retirement === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
    if (!forced && (await isAnswerLost(core, actor, retirement, state, note, lease)))
      return { writes: [], result: undefined }
    const context = contextOf(core)
    requireUnfenced(retirement, lease, context)
    const states = await loadStates(core)
    const holds = await loadHolds(core, retirement.user_id)
    const reason = refuseMove({ retirement, states, holds, context }, state, forced)
    if (reason === 'held')
      return { writes: refusalWrites(retirement, holds, context), permit: housekeeping, result: reason }
    const to = states.find(({ state_name }) => state_name === state)
    if (reason !== undefined || to === undefined) throw stateError(reason ?? 'unknown_state')
    const changed_by = await idOfActor(core, actor)
    const inside = await intending(core, retirement, to, states, context)
    return {
      writes: moveWrites(retirement, to, { forced, note, changed_by }, context),
      permit: housekeeping,
      ...(inside && { inside }),
      result: undefined,
    }
  })
  // The receipt of the refusal is stored by now.
  if (outcome === 'held') throw stateError(outcome)
}

/**
 * Tells whether a call repeats a move whose answer its caller did not get. A move into an end gives up the lease, so
 * that the lease of the call does not count then. While another worker holds a claim, the call is no repeat.
 */
async function isAnswerLost(
  core: Core,
  actor: Actor,
  retirement: RetirementRow,
  to_state: string,
  note: JsonValue,
  lease: string | undefined,
): Promise<boolean> {
  if (retirement.current_state !== to_state) return false
  if (retirement.lease !== null && isFenced(retirement, lease, instantOf(contextOf(core).now))) return false
  const history = await core.repository.select('retirement_history', { user_id: retirement.user_id })
  const move = { to_state, note: cleanNote(note, retirement), changed_by: await idOfActor(core, actor) }
  return isRepeat(retirement, history, move)
}

/** Retirements to move at once: those in one state that were asked for within a period. */
export type MoveManyRequest = Required<Period> & {
  /** The name of the state that they are in. */
  readonly state: string
} & (
    | { readonly newState: string; readonly rewind?: false }
    /**
     * `rewind` moves each back to the last state in which nothing was at work, so that the failed step is tried again.
     */
    | { readonly rewind: true; readonly newState?: never }
  )

/** The ids of the people whose retirements were moved, and of those whose retirements were not. */
export interface MoveManyResult {
  readonly moved: readonly UserId[]
  readonly failed: readonly UserId[]
}

export async function moveMany(core: Core, actor: Actor, request: MoveManyRequest): Promise<MoveManyResult> {
  requireRight(core, actor, 'retire_user')
  requireRight(core, actor, 'force_retirement')
  const states = await loadStates(core)
  const known = (name: string | undefined) => states.some(({ state_name }) => state_name === name)
  if (!known(request.state) || (request.rewind !== true && !known(request.newState))) throw stateError('unknown_state')
  const period = readPeriod(request, instantOf(contextOf(core).now))
  const moved: UserId[] = []
  const failed: UserId[] = []
  for await (const { retirement } of everyRetirement(core, { ...period, states: [request.state] })) {
    const list = (await moveOne(core, actor, retirement, request)) ? moved : failed
    list.push(retirement.user_id)
  }
  return { moved, failed }
}

async function moveOne(core: Core, actor: Actor, listed: RetirementRow, request: MoveManyRequest): Promise<boolean> {
  try {
    const outcome = await decideAndSave<unknown, 'held' | undefined>(core, async () => {
      const loaded = await loadRetirement(core, { id: listed.user_id })
      const to = request.rewind === true ? rewindTarget(loaded) : request.newState
      const target = loaded.states.find(({ state_name }) => state_name === to)
      const isListed = loaded.retirement.current_state === request.state
      if (target === undefined || !isListed) throw stateError('unknown_state')
      const reason = refuseMove(loaded, target.state_name, true)
      if (reason === 'held')
        return {
          writes: refusalWrites(loaded.retirement, loaded.holds, loaded.context),
          permit: housekeeping,
          result: reason,
        }
      if (reason !== undefined) throw stateError(reason)
      const by = { forced: true, note: 'bulk', changed_by: await idOfActor(core, actor) }
      const inside = await intending(core, loaded.retirement, target, loaded.states, loaded.context)
      return {
        writes: moveWrites(loaded.retirement, target, by, loaded.context),
        permit: housekeeping,
        ...(inside && { inside }),
        result: undefined,
      }
    })
    return outcome !== 'held'
  } catch (error) {
    if (isUserCoreError(error) && error.code !== 'internal_error') return false
    throw error
  }
}
