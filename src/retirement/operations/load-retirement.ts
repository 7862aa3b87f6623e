import type { RetirementAction } from '../../port/retirement-record.ts'
import type { RetirementRow, RetirementStateRow } from '../../port/tables.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import type { Context } from '../../site/context.ts'
import type { RetirementRefusal } from '../../values/error-params.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { isFenced, refuseAction } from '../move.ts'
import { sortStates } from '../pipeline.ts'

/** A retirement that is to be worked on, with what the rules need to know. */
export interface LoadedRetirement {
  readonly retirement: RetirementRow
  readonly states: readonly RetirementStateRow[]
  readonly context: Context
}

/** Names the worker that a call comes from. */
export interface LeaseOptions {
  /** `lease` of `claim`. Without it the call is refused while a worker has claimed the retirement. */
  readonly lease?: string
}

/** The error for a retirement that stays as it is. */
export function stateError(reason: RetirementRefusal): UserCoreError {
  return new UserCoreError('retirement_state_error', { params: { reason } })
}

/** The states of the site, in their order. Throws `retirement_state_error` while there are none. */
export async function loadStates(core: Core): Promise<RetirementStateRow[]> {
  const states = await core.repository.select('retirement_states', {})
  if (states.length === 0) throw stateError('states_not_populated')
  return sortStates(states)
}

/**
 * The retirement of somebody who had this username when they asked for it. Of several that differ in letter case the
 * one that is spelt the same. Throws `not_found`; `conflict` while another worker has it.
 */
export async function loadRetirement(
  core: Core,
  username: string,
  { lease }: LeaseOptions = {},
): Promise<LoadedRetirement> {
  const retirement = await findRetirement(core, username)
  if (retirement === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const context = contextOf(core)
  requireUnfenced(retirement, lease, context)
  return { retirement, states: await loadStates(core), context }
}

/** Throws `conflict` while another worker has a retirement. */
export function requireUnfenced(
  retirement: RetirementRow,
  lease: string | undefined,
  { now }: Pick<Context, 'now'>,
): void {
  if (isFenced(retirement, lease, instantOf(now))) throw new UserCoreError('conflict', { params: { reason: 'lease' } })
}

export async function findRetirement(core: Core, username: string): Promise<RetirementRow | undefined> {
  if (typeof username !== 'string' || username === '') return undefined
  const rows = await core.repository.select('retirements', { original_username_key: identifierKey(username) })
  return rows.find((row) => row.original_username === username) ?? (rows.length === 1 ? rows[0] : undefined)
}

/** The same, for something of ours that is done in a step. Throws `retirement_state_error` outside of it. */
export async function loadForAction(
  core: Core,
  username: string,
  action: RetirementAction,
  options: LeaseOptions,
): Promise<LoadedRetirement> {
  const loaded = await loadRetirement(core, username, options)
  const reason = refuseAction(loaded, action)
  if (reason !== undefined) throw stateError(reason)
  return loaded
}
