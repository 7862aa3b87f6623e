import type { RetirementPage } from '../../port/repository.ts'
import type { RetirementAction, RetirementRecord } from '../../port/retirement-record.ts'
import type { RetirementHoldRow, RetirementRow, RetirementStateRow, UserRow } from '../../port/tables.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { findUser } from '../../runtime/load-account.ts'
import { everyPage } from '../../runtime/pages.ts'
import type { Context } from '../../site/context.ts'
import { nameOf, type Whom } from '../../site/whom.ts'
import { badArgument, requireUserId } from '../../values/arguments.ts'
import type { RetirementRefusal } from '../../values/error-params.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { isFenced, refuseAction } from '../move.ts'
import { sortStates } from '../pipeline.ts'
import type { RetirementDocument } from '../retirement-document.ts'
import { openHolds } from './load-holds.ts'
import { findRetiredUser } from './retired-identifiers.ts'

/** The hold of a worker on a retirement: calls about this retirement take it in place of the person. */
export interface Claim {
  /** The fencing token: calls with it throw `conflict` once another worker has the retirement, or it was given back. */
  readonly lease: string
  /** The retirement at the time of the claim; its `user` is the person. */
  readonly retirement: RetirementDocument
}

/** A retirement to be worked on, with the states and the context that the rules need. */
export interface LoadedRetirement {
  readonly retirement: RetirementRow
  readonly states: readonly RetirementStateRow[]
  /** The holds on the person that are not closed. */
  readonly holds: readonly RetirementHoldRow[]
  readonly context: Context
}

/** Makes the error of a call that is refused by the state of a retirement, or of the pipeline. */
export function stateError(reason: RetirementRefusal): UserCoreError {
  return new UserCoreError('retirement_state_error', { params: { reason } })
}

/** Loads the states of the site, in their order. Throws `retirement_state_error` while there are none. */
export async function loadStates(core: Core): Promise<RetirementStateRow[]> {
  return populated(await core.repository.select(...allStates))
}

/** The selection of the states of the site. */
export const allStates = ['retirement_states', {}] as const

/** Returns the states of the site in their order. Throws `retirement_state_error` while there are none. */
export function populated(states: readonly RetirementStateRow[]): RetirementStateRow[] {
  if (states.length === 0) throw stateError('states_not_populated')
  return sortStates(states)
}

/**
 * Reads the target of a call: a person, or a claim with its person and lease. Throws `bad_request` for a claim that
 * lacks them.
 */
export function readTarget(
  { repository }: Core,
  target: Whom | Claim,
): { readonly whom: Whom; readonly lease?: string } {
  if (typeof target === 'string' || !('lease' in target)) return { whom: target }
  const id = target.retirement?.user?.id
  if (id === undefined || typeof target.lease !== 'string') throw badArgument('target', 'a claim, or a person')
  return { whom: { id: requireUserId(id, repository.idType, 'target') }, lease: target.lease }
}

/** Loads a retirement to work on it, with the states. Throws `not_found`; `conflict` while another worker has it. */
export async function loadRetirement(core: Core, target: Whom | Claim): Promise<LoadedRetirement> {
  const { whom, lease } = readTarget(core, target)
  const retirement = await findRetirement(core, whom)
  if (retirement === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const context = contextOf(core)
  requireUnfenced(retirement, lease, context)
  const [holds, states] = await core.repository.selectEach([openHolds(retirement.user_id), allStates])
  return { retirement, states: populated(states), holds, context }
}

/** Throws `conflict` while another worker has the retirement, or when the lease is no longer that of its claim. */
export function requireUnfenced(
  retirement: RetirementRow,
  lease: string | undefined,
  { now }: Pick<Context, 'now'>,
): void {
  if (isFenced(retirement, lease, instantOf(now))) throw new UserCoreError('conflict', { params: { reason: 'lease' } })
}

/**
 * Finds the retirement of a person, by id or by the username at the time of the request. Of several usernames that
 * differ in letter case the one in the same spelling counts; without one there is none.
 */
export async function findRetirement(core: Core, whom: Whom): Promise<RetirementRow | undefined> {
  const name = nameOf(whom)
  if ('id' in name) {
    const user_id = requireUserId(name.id, core.repository.idType, 'whom')
    return (await core.repository.select('retirements', { user_id }))[0]
  }
  const { username } = name
  if (username === '') return undefined
  const rows = await core.repository.select('retirements', { original_username_key: identifierKey(username) })
  return rows.find((row) => row.original_username === username) ?? (rows.length === 1 ? rows[0] : undefined)
}

/** Finds the retirement of a person by id, or by the username at the time of the request or now. */
export async function findRetirementByAnyName(core: Core, whom: Whom): Promise<RetirementRow | undefined> {
  const found = await findRetirement(core, whom)
  const name = nameOf(whom)
  if (found !== undefined || 'id' in name) return found
  const user = await findRetiredUser(core, name.username)
  return user && (await findRetirement(core, { id: user.id }))
}

/** Finds a person by id, or by the username now or at the time of a request, also once that request is forgotten. */
export async function findPerson(core: Core, whom: Whom): Promise<UserRow | undefined> {
  const name = nameOf(whom)
  if ('id' in name) return findUser(core, whom)
  const retirement = await findRetirement(core, whom)
  return retirement === undefined ? findRetiredUser(core, name.username) : findUser(core, { id: retirement.user_id })
}

/**
 * Loads a retirement for a step of the library. Throws `retirement_state_error` outside of the working state of that
 * step.
 */
export async function loadForAction(
  core: Core,
  target: Whom | Claim,
  action: RetirementAction,
): Promise<LoadedRetirement> {
  const loaded = await loadRetirement(core, target)
  const reason = refuseAction(loaded, action)
  if (reason !== undefined) throw stateError(reason)
  return loaded
}

/** Yields all retirements of a selection, oldest request first, in pages of 100. */
export async function* everyRetirement(
  { repository }: Core,
  wanted: Omit<RetirementPage, 'after' | 'limit'>,
): AsyncGenerator<RetirementRecord, void, undefined> {
  const pages = everyPage<RetirementRecord>((last) =>
    repository.pageRetirements({ ...wanted, ...(last === undefined ? {} : { after: last.retirement }), limit: 100 }),
  )
  for await (const page of pages) yield* page
}
