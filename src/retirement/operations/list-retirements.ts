import { coolOffThreshold } from '../../accounts/cancellation.ts'
import type { RetirementPage } from '../../port/repository.ts'
import type { RetirementRecord } from '../../port/retirement-record.ts'
import type { RetirementRow, RetirementStateRow, UserId } from '../../port/tables.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import { badArgument, isStorableInstant, requireUserId } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { addMilliseconds, type Instant, instantOf, toInstant } from '../../values/instant.ts'
import { isPlainObject } from '../../values/json.ts'
import { minimumCoolOff } from '../move.ts'
import { type RetirementDocument, retirementDocument } from '../retirement-document.ts'
import { findRetirement, loadStates } from './load-retirement.ts'
import { findRetiredUser } from './retired-identifiers.ts'

const day = 86_400_000
const largestPage = 1000

/** Where a page of retirements begins: behind this one. Plain data, to be handed back as it came. */
export type RetirementCursor = Pick<RetirementRow, 'created_at' | 'user_id'>

/** Which page of retirements. */
export interface RetirementPageOptions {
  /** `next` of the page before; left out for the first page. */
  readonly after?: RetirementCursor
  /** Retirements of a page. Default 100, at most 1000; text that says a number is taken as well. */
  readonly limit?: number | string
}

/** A page of retirements, oldest first. */
export interface RetirementsPage {
  readonly items: readonly RetirementDocument[]
  /** For `after` of the next page; left out behind the last one. */
  readonly next?: RetirementCursor
}

/** Which retirements to work on. */
export interface QueueRequest extends RetirementPageOptions {
  /** Days since the request, at least; the site's minimum counts if it is longer. Text that says a number will do. */
  readonly cool_off_days: number | string
  readonly states: readonly string[]
}

export async function retirementQueue(core: Core, actor: Actor, request: QueueRequest): Promise<RetirementsPage> {
  requireRight(core, actor, 'retire_user')
  const days = Math.max(readCount(request.cool_off_days, 'cool_off_days'), minimumCoolOff(core.settings))
  const states = await loadStates(core)
  const wanted = readStates(request.states, states)
  return loadPage(core, states, request, { states: wanted, before: coolOffThreshold(days, contextOf(core)) })
}

/** Which retirements, by when they were asked for. */
export interface StatusAndDateRequest extends RetirementPageOptions {
  /** `YYYY-MM-DD`, UTC; this day is included. */
  readonly start_date: string
  /** `YYYY-MM-DD`, UTC; this day is included. */
  readonly end_date: string
  readonly state: string
}

export async function retirementsByStatusAndDate(
  core: Core,
  actor: Actor,
  request: StatusAndDateRequest,
): Promise<RetirementsPage> {
  requireRight(core, actor, 'retire_user')
  const states = await loadStates(core)
  return loadPage(core, states, request, {
    ...readPeriod(request, instantOf(contextOf(core).now)),
    states: readStates([request.state], states, 'state'),
  })
}

/** Reads two days, both included. */
export function readPeriod(
  { start_date, end_date }: Pick<StatusAndDateRequest, 'start_date' | 'end_date'>,
  now: Instant,
): { from: Instant; before: Instant } {
  const [from, end] = [readDate(start_date, 'start_date'), readDate(end_date, 'end_date')]
  if (from > now) throw badArgument('start_date', 'a day that is not in the future')
  if (end > now || from > end) throw badArgument('end_date', 'a day from start_date to today')
  return { from, before: addMilliseconds(end, day) }
}

function readDate(value: unknown, argument: string): Instant {
  const [, year = '', month = '', date = ''] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(String(value)) ?? []
  const text = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`
  const instant = toInstant(`${text}T00:00:00Z`)
  // A day that the month does not have would be read as one of the next month.
  if (!isStorableInstant(instant) || !instant.startsWith(text)) throw badArgument(argument, 'a day as YYYY-MM-DD')
  return instant
}

/** Reads a number of things, or text that says one, as from a query string. Throws `bad_request`. */
function readCount(value: unknown, argument: string): number {
  const isText = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)
  const count = isText ? Number(value) : value
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    throw badArgument(argument, 'a whole number from 0')
  }
  return count
}

function readStates(
  names: readonly string[],
  states: readonly RetirementStateRow[],
  argument = 'states',
): readonly string[] {
  const known = new Set(states.map(({ state_name }) => state_name))
  const isList = Array.isArray(names) && names.length > 0 && new Set(names).size === names.length
  if (!isList || !names.every((name) => known.has(name)))
    throw badArgument(argument, 'states of the pipeline, each once')
  return names
}

function readCursor({ repository }: Core, after: unknown): RetirementCursor {
  const { created_at, user_id } = isPlainObject(after) ? after : {}
  const instant = typeof created_at === 'string' ? toInstant(created_at) : undefined
  if (!isStorableInstant(instant)) throw badArgument('after', 'the cursor of an earlier page')
  return { created_at: instant, user_id: requireUserId(user_id, repository.idType, 'after') }
}

async function loadPage(
  core: Core,
  states: readonly RetirementStateRow[],
  { limit = 100, after }: RetirementPageOptions,
  wanted: Omit<RetirementPage, 'after' | 'limit'>,
): Promise<RetirementsPage> {
  const size = Math.min(readCount(limit, 'limit'), largestPage)
  if (size === 0) return { items: [] }
  const cursor = after === undefined ? {} : { after: readCursor(core, after) }
  const records = await core.repository.pageRetirements({ ...wanted, limit: size, ...cursor })
  const last = records.at(-1)?.retirement
  return {
    items: records.map((record) => retirementDocument(record, states)),
    ...(last === undefined || records.length < size
      ? {}
      : { next: { created_at: last.created_at, user_id: last.user_id } }),
  }
}

export async function getRetirement(core: Core, actor: Actor, username: string): Promise<RetirementDocument> {
  requireRight(core, actor, 'retire_user')
  if (typeof username !== 'string') throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const retirement = (await findRetirement(core, username)) ?? (await retirementOfRetired(core, username))
  if (retirement === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const { user_id } = retirement
  const [user] = await core.repository.select('users', { id: user_id })
  const [profile] = await core.repository.select('profiles', { user_id })
  if (user === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const record: RetirementRecord = { retirement, user, profile_name: profile?.name }
  return retirementDocument(record, await loadStates(core))
}

/** For somebody who asks by the retired username, or by the one they had. */
async function retirementOfRetired(core: Core, username: string): Promise<RetirementRow | undefined> {
  const user = await findRetiredUser(core, username)
  const [row] = user === undefined ? [] : await core.repository.select('retirements', { user_id: user.id })
  return row
}

export async function listRetiredUsers(
  core: Core,
  actor: Actor,
  { after, limit = 100 }: { readonly after?: UserId; readonly limit?: number },
): Promise<{ readonly items: readonly UserId[]; readonly next?: UserId }> {
  requireRight(core, actor, 'retire_user')
  const size = Math.max(1, Math.min(readCount(limit, 'limit'), largestPage))
  const cursor = after === undefined ? {} : { after: requireUserId(after, core.repository.idType, 'after') }
  const items = await core.repository.pageUsers('retirement_requests', { is_started: true }, { limit: size, ...cursor })
  const last = items.at(-1)
  return { items, ...(last === undefined || items.length < size ? {} : { next: last }) }
}
