import { coolOffThreshold } from '../../accounts/cancellation.ts'
import type { RetirementHistoryRow, RetirementRow, RetirementStateRow, UserId } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import { afterUser, nextOf, type Page, type PageOptions, placeOf } from '../../runtime/pages.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument, isStorableInstant, requireUserId } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { addMilliseconds, type Instant, instantOf, showInstant, toInstant } from '../../values/instant.ts'
import { generationsOf } from '../generations.ts'
import { byTime, minimumCoolOff } from '../move.ts'
import { type RetirementDocument, retirementDocument } from '../retirement-document.ts'
import { findPerson, findRetirementByAnyName, loadStates } from './load-retirement.ts'

const day = 86_400_000

/** The first and the last day on which a retirement was asked for; both are included. */
export interface Period {
  /** `YYYY-MM-DD`, UTC. Default: no limit. */
  readonly from?: string
  /** `YYYY-MM-DD`, UTC. Default: today. */
  readonly to?: string
}

/** A selection of retirements: those that meet every member that is given. */
export interface RetirementFilter extends Period, PageOptions {
  /** The days since the request, at least; the minimum of the site counts if it is longer. Default: no limit. */
  readonly coolOffDays?: number
  /** Names of states, at least one. */
  readonly states?: readonly string[]
  /** Name of one state, in place of `states`. */
  readonly state?: string
}

export async function listRetirements(
  core: Core,
  actor: Actor,
  { limit = 100, after, ...filter }: RetirementFilter,
): Promise<Page<RetirementDocument>> {
  requireRight(core, actor, 'retire_user')
  const cursor = after === undefined ? {} : { after: readCursor(core, after) }
  const context = contextOf(core)
  const { from, before } = readPeriod(filter, instantOf(context.now))
  const cooled = coolOffLimit(filter.coolOffDays, context)
  const states = await loadStates(core)
  const records = await core.repository.pageRetirements({
    ...(from === undefined ? {} : { from }),
    before: cooled !== undefined && cooled < before ? cooled : before,
    states: readStates(filter, states),
    limit,
    ...cursor,
  })
  return {
    items: records.map((record) => retirementDocument(record, states)),
    ...nextOf(records, limit, ({ retirement }) => [retirement.created_at, retirement.user_id]),
  }
}

/** Returns the moment before which requests have cooled off for so many days, and for the minimum of the site. */
function coolOffLimit(days: number | undefined, context: Context): Instant | undefined {
  if (days === undefined) return undefined
  return coolOffThreshold(Math.max(days, minimumCoolOff(context.settings)), context)
}

/** Reads two days, both included. Throws `bad_request` for text that is no day, a future day, and the wrong order. */
export function readPeriod({ from, to }: Period, now: Instant): { readonly from?: Instant; readonly before: Instant } {
  const first = from === undefined ? undefined : readDate(from, 'from')
  const last = readDate(to ?? now.slice(0, 10), 'to')
  if (first !== undefined && first > now) throw badArgument('from', 'a day that has begun')
  if (last > now || (first !== undefined && first > last)) throw badArgument('to', 'a day from `from` to today')
  return { ...(first === undefined ? {} : { from: first }), before: addMilliseconds(last, day) }
}

function readDate(value: string, argument: string): Instant {
  const [, year = '', month = '', date = ''] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(value) ?? []
  const text = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`
  const instant = toInstant(`${text}T00:00:00Z`)
  // A day that the month does not have, such as the 31st of June, would be read as one of the next month.
  if (!isStorableInstant(instant) || !instant.startsWith(text)) throw badArgument(argument, 'a day, as YYYY-MM-DD')
  return instant
}

function readStates(
  { state, states }: Pick<RetirementFilter, 'state' | 'states'>,
  stored: readonly RetirementStateRow[],
): readonly string[] {
  const known = stored.map(({ state_name }) => state_name)
  if (state !== undefined) {
    if (states !== undefined || !known.includes(state))
      throw badArgument('state', 'a state of the pipeline, without `states`')
    return [state]
  }
  if (states === undefined) return known
  const isList =
    states.length > 0 && new Set(states).size === states.length && states.every((name) => known.includes(name))
  if (!isList) throw badArgument('states', 'different states of the pipeline, at least one')
  return states
}

/** Reads the cursor of a page. Throws `bad_request` for text that is none, such as the cursor of another list. */
function readCursor({ repository }: Core, after: string): Pick<RetirementRow, 'created_at' | 'user_id'> {
  const [created_at, user_id, ...more] = placeOf(after) ?? []
  const instant = typeof created_at === 'string' ? toInstant(created_at) : undefined
  if (!isStorableInstant(instant) || more.length > 0) throw badArgument('after', 'the `next` of a page')
  return { created_at: instant, user_id: requireUserId(user_id, repository.idType, 'after') }
}

export async function getRetirement(core: Core, actor: Actor, whom: Whom): Promise<RetirementDocument> {
  requireRight(core, actor, 'retire_user')
  const retirement = await findRetirementByAnyName(core, whom)
  if (retirement === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const { user_id } = retirement
  const [user] = await core.repository.select('users', { id: user_id })
  const [profile] = await core.repository.select('profiles', { user_id })
  if (user === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const [request] = await core.repository.select('retirement_requests', { user_id })
  const record = { retirement, user, profile_name: profile?.name, generation: request?.generation ?? 1 }
  return retirementDocument(record, await loadStates(core))
}

/** A recorded move of a retirement: its request, a change of state, or its cancellation. */
export interface RetirementMove {
  /** Null for the request. */
  readonly from_state: string | null
  /** Null for a cancellation. */
  readonly to_state: string | null
  /** True for a move with `force`, which can go against the order of the states. */
  readonly forced: boolean
  /** The note of the caller without names and addresses; empty after `cleanUp`. */
  readonly note: string
  /** The id of the actor; null for trusted code and for an actor without an account. */
  readonly changed_by: UserId | null
  /** The moment of the move; ISO 8601, UTC. */
  readonly changed_at: string
  /** The number of the request that it belongs to; see `again` of `request`. */
  readonly generation: number
}

export async function retirementHistory(core: Core, actor: Actor, whom: Whom): Promise<RetirementMove[]> {
  requireRight(core, actor, 'retire_user')
  const user_id = (await findPerson(core, whom))?.id
  if (user_id === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const rows = await core.repository.select('retirement_history', { user_id })
  const [request] = await core.repository.select('retirement_requests', { user_id })
  const moves = rows.toSorted(byTime)
  const generations = generationsOf(moves, request?.generation)
  return moves.map((row, index) => moveOf(row, generations[index] ?? 1))
}

function moveOf(
  { from_state, to_state, forced, note, changed_by, changed_at }: RetirementHistoryRow,
  generation: number,
): RetirementMove {
  return { from_state, to_state, forced, note, changed_by, changed_at: showInstant(changed_at), generation }
}

export async function listRetiredUsers(
  core: Core,
  actor: Actor,
  { after, limit = 100 }: PageOptions,
): Promise<Page<UserId>> {
  requireRight(core, actor, 'retire_user')
  const page = { limit, ...afterUser(core, after) }
  const items = await core.repository.pageUsers('retirement_requests', { is_started: true }, page)
  return { items, ...nextOf(items, limit, (id) => [id]) }
}
