import type { RetirementHoldRow, RetirementRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { idOfActor } from '../../runtime/load-account.ts'
import { nextOf, type Page, type PageOptions, placeOf } from '../../runtime/pages.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { type Instant, instantOf, toInstant } from '../../values/instant.ts'
import { heldLease, holdable, putUnder, sourcesOf, stands, wholeHold } from '../hold.ts'
import { complete } from '../pipeline.ts'
import { receiptWrite } from '../receipt.ts'
import { loadHolds } from './load-holds.ts'
import { findPerson, stateError } from './load-retirement.ts'

/** A hold to place. */
export interface HoldRequest {
  /** A code: 1 to 64 lower-case letters, digits and underscores. Receipts tell it. */
  readonly reason: string
  /** The moment at which it ends by itself. Default: it stands until it is released. */
  readonly until?: Date | string
  /**
   * The sources whose rows are kept: of `personalData`, or of the library, such as `usercore_preferences`. Default: the
   * person is not erased at all.
   */
  readonly sources?: readonly string[]
}

/** The reason for which data of a person are not erased for a time. */
export interface RetirementHold {
  readonly id: string
  readonly user_id: UserId
  readonly reason: string
  /** The sources that it keeps; null: all. */
  readonly sources: readonly string[] | null
  readonly until: Instant | null
  /** The person who placed it; null for code. */
  readonly created_by: UserId | null
  readonly created_at: Instant
  /** The moment at which it first refused a move; null: it refused none. */
  readonly refused_at: Instant | null
  readonly released_at: Instant | null
  /** The moment from which nothing is left to do about it, as what it kept is erased; null: it is open. */
  readonly closed_at: Instant | null
}

function holdOf({ held_until, sources, ...row }: RetirementHoldRow): RetirementHold {
  return { ...row, sources: sources === null ? null : sourcesOf({ sources }), until: held_until }
}

export async function placeHold(core: Core, actor: Actor, whom: Whom, request: HoldRequest): Promise<RetirementHold> {
  requireRight(core, actor, 'hold_data')
  const context = contextOf(core)
  const facts = readHold(core, request, context)
  const id = context.ids()
  return decideAndSave(core, async () => {
    const user = await findPerson(core, whom)
    if (user === undefined) throw new UserCoreError('user_not_found')
    const same = (await loadHolds(core, user.id)).find(
      (hold) => stands(hold, instantOf(context.now)) && isSame(hold, facts),
    )
    if (same !== undefined) return { writes: [], result: holdOf(same) }
    const row: RetirementHoldRow = {
      id,
      user_id: user.id,
      ...facts,
      created_by: await idOfActor(core, actor),
      created_at: instantOf(context.now),
      refused_at: null,
      released_at: null,
      closed_at: null,
    }
    const insert: Write = { insert: 'retirement_holds', rows: [row] }
    return { writes: [...(await guardHold(core, row, context)), insert], permit: housekeeping, result: holdOf(row) }
  })
}

/** Tells whether a hold is the one that is asked for: its caller did not get the answer. */
function isSame(
  { reason, held_until, sources }: RetirementHoldRow,
  asked: Pick<RetirementHoldRow, 'reason' | 'held_until' | 'sources'>,
): boolean {
  const isSameData = JSON.stringify(sources) === JSON.stringify(asked.sources)
  return reason === asked.reason && held_until === asked.held_until && isSameData
}

function readHold(core: Core, { reason, until, sources }: HoldRequest, { now }: Context) {
  if (!/^[a-z0-9_]{1,64}$/.test(reason)) throw badArgument('reason', 'a code of lower-case letters, digits and _')
  const held_until = until === undefined ? null : (toInstant(until) ?? null)
  if (until !== undefined && (held_until === null || held_until <= instantOf(now)))
    throw badArgument('until', 'a moment to come')
  const known = new Set<string>([
    ...holdable.map((table) => `usercore_${table}`),
    ...(core.personalData?.sources ?? [])
      .filter(({ treatment }) => treatment.erase === 'rows' || treatment.erase === 'columns')
      .map(({ source }) => source),
  ])
  const isKnown = sources === undefined || (sources.length > 0 && sources.every((name) => known.has(name)))
  if (!isKnown) throw badArgument('sources', 'names of sources that the library erases, at least one')
  return { reason, held_until, sources: sources === undefined ? null : { names: [...new Set(sources)] } }
}

/**
 * Returns the writes by which of a hold and the first step of the erasure exactly one wins. Throws `retirement_state_error`
 * once it is too late.
 */
async function guardHold({ repository }: Core, hold: RetirementHoldRow, context: Context): Promise<Write[]> {
  const { user_id } = hold
  const [request] = await repository.select('retirement_requests', { user_id })
  // A request that comes meanwhile stops on this row, or stops the unit on its own.
  const row = { user_id, created_at: instantOf(context.now), is_started: false, generation: 1 }
  if (request === undefined) {
    return [
      { insert: 'retirement_requests', rows: [row] },
      { delete: 'retirement_requests', where: { user_id }, guarded: true },
    ]
  }
  const [retirement] = await repository.select('retirements', { user_id })
  if (retirement === undefined || retirement.current_state === complete) throw stateError('already_erased')
  const states = await repository.select('retirement_states', { state_name: retirement.current_state })
  const isAtWork = states.some(({ kind }) => kind === 'working' || kind === 'done')
  if (hold.sources === null && isAtWork) throw stateError('not_pending')
  return [hold.sources === null ? putUnder(retirement, hold) : touched(retirement)]
}

function touched({ user_id, version }: RetirementRow): Write {
  return { update: 'retirements', set: { version: version + 1 }, where: { user_id, version }, guarded: true }
}

export async function releaseHold(core: Core, actor: Actor, holdId: string): Promise<void> {
  requireRight(core, actor, 'hold_data')
  await decideAndSave(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const [hold] = await core.repository.select('retirement_holds', { id: holdId })
    if (hold === undefined) throw new UserCoreError('not_found', { params: { what: 'hold' } })
    if (hold.released_at !== null || hold.closed_at !== null) return { writes: [], result: undefined }
    const { user_id } = hold
    const isWhole = hold.sources === null
    const [request] = isWhole ? await core.repository.select('retirement_requests', { user_id }) : []
    const [retirement] = isWhole ? await core.repository.select('retirements', { user_id }) : []
    const others = (await loadHolds(core, user_id)).filter(({ id }) => id !== hold.id)
    const set = { released_at: now, ...(isWhole ? { closed_at: now } : {}) }
    return {
      permit: housekeeping,
      writes: [
        { update: 'retirement_holds', set, where: { id: hold.id, released_at: null, closed_at: null }, guarded: true },
        ...(retirement?.lease === heldLease(hold).lease ? [putUnder(retirement, wholeHold(others, now))] : []),
        ...(request === undefined ? [] : [releasedReceipt({ ...hold, released_at: now }, context)]),
      ],
      result: undefined,
    }
  })
}

/** Returns the write of the receipt of a hold that has ended, once what it kept is erased. */
export function releasedReceipt(hold: RetirementHoldRow, context: Context): Write {
  const { id, user_id, reason, created_at, held_until, released_at } = hold
  const body = {
    hold: id,
    reason,
    sources: hold.sources === null ? null : [...sourcesOf(hold)],
    placed_at: created_at,
    until: held_until,
    released_at,
    closed_at: instantOf(context.now),
  }
  return receiptWrite('released', user_id, body, context)
}

export async function listHolds(
  core: Core,
  actor: Actor,
  { after, limit = 100 }: PageOptions,
): Promise<Page<RetirementHold>> {
  requireRight(core, actor, 'hold_data')
  const place = placeOf(after)
  const [id, ...more] = place ?? []
  if (place !== undefined && (typeof id !== 'string' || more.length > 0))
    throw badArgument('after', 'the `next` of a page')
  const page = { by: 'id', limit, ...(typeof id === 'string' ? { after: id } : {}) } as const
  const rows = await core.repository.pageRows('retirement_holds', {}, page)
  return { items: rows.map(holdOf), ...nextOf(rows, limit, (last) => [last.id]) }
}
