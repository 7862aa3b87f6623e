import { message } from '../../outbox/messages.ts'
import type { DeactivationRow, UserId } from '../../port/tables.ts'
import { requireHolderOr, requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { findPerson, idOfActor, isFound } from '../../runtime/load-account.ts'
import { nextOf, type Page, type PageOptions, placeOf } from '../../runtime/pages.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { type Instant, instantOf, showInstant, toInstant } from '../../values/instant.ts'
import {
  asOf,
  type DeactivationFacts,
  deactivationWrites,
  endOf,
  isInForce,
  isSameDeactivation,
} from '../deactivation.ts'

/** A deactivation to store. */
export interface DeactivationRequest {
  /** A code: 1 to 64 lower-case letters, digits and underscores. Never a text about the person. */
  readonly reason: string
  /** The moment from which the person may log in again. Default: they may once `accounts.reactivate` was called. */
  readonly until?: Date | string
}

/** The reason for which a deactivation ends. */
export interface ReactivationRequest {
  /** A code, as in `DeactivationRequest`. */
  readonly reason: string
}

/** The result of `accounts.deactivate`. */
export interface DeactivateResult {
  /** `already_deactivated`: for the same reason and until the same moment; nothing happened now. */
  readonly outcome: 'deactivated' | 'already_deactivated'
}

/** The result of `accounts.reactivate`. */
export interface ReactivateResult {
  /** `already_active`: no deactivation was in force; nothing happened now. */
  readonly outcome: 'reactivated' | 'already_active'
}

/** A time in which a person may not log in. */
export interface Deactivation {
  readonly reason: string
  /** ISO 8601, UTC; null: no end was set. */
  readonly until: string | null
  /** ISO 8601, UTC. */
  readonly deactivatedAt: string
  /** Id of the person who deactivated; null: trusted code, or a person whom the reader does not get to know. */
  readonly deactivatedBy: UserId | null
  /** ISO 8601, UTC; null: it is in force. */
  readonly endedAt: string | null
  /** Id of the person who ended it, as above; null also for time. */
  readonly endedBy: UserId | null
  /** The code of `accounts.reactivate`; `replaced` by another deactivation; `expired`; null: it is in force. */
  readonly endReason: string | null
}

export async function deactivate(
  core: Core,
  actor: Actor,
  whom: Whom,
  request: DeactivationRequest,
): Promise<DeactivateResult> {
  requireRight(core, actor, 'deactivate_user')
  return decideAndSave<unknown, DeactivateResult>(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const facts = readFacts(request, now)
    const { person, permit, last } = await loadLast(core, actor, whom)
    if (isSameDeactivation(last, facts, now)) return { writes: [], result: { outcome: 'already_deactivated' } }
    const { id } = person.user
    const { reason, deactivated_until } = facts
    const payload = { reason, until: deactivated_until && showInstant(deactivated_until) }
    return {
      permit,
      writes: [
        ...deactivationWrites(id, last, facts, { by: await idOfActor(core, actor), now }),
        { insert: 'outbox', rows: [message('event', 'account.deactivated', id, payload, context)] },
      ],
      result: { outcome: 'deactivated' },
    }
  })
}

export async function reactivate(
  core: Core,
  actor: Actor,
  whom: Whom,
  { reason }: ReactivationRequest,
): Promise<ReactivateResult> {
  requireRight(core, actor, 'deactivate_user')
  requireCode(reason)
  return decideAndSave<unknown, ReactivateResult>(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const { person, permit, last } = await loadLast(core, actor, whom)
    if (last === undefined || !isInForce(last, now)) return { writes: [], result: { outcome: 'already_active' } }
    return {
      permit,
      writes: [
        ...endOf(last, reason, { by: await idOfActor(core, actor), now }),
        { insert: 'outbox', rows: [message('event', 'account.reactivated', person.user.id, {}, context)] },
      ],
      result: { outcome: 'reactivated' },
    }
  })
}

export async function listDeactivations(
  core: Core,
  actor: Actor,
  whom: Whom,
  { after, limit = 100 }: PageOptions,
): Promise<Page<Deactivation>> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  const place = placeOf(after)
  const [behind = 0, ...more] = place ?? []
  if (typeof behind !== 'number' || more.length > 0 || place?.length === 0)
    throw badArgument('after', 'the `next` of a page')
  const person = await findPerson(core, target)
  if (person === undefined || !isFound(core, target, person.user, actor)) throw new UserCoreError('user_not_found')
  const now = instantOf(contextOf(core).now)
  const rows = (await loadAll(core, person.user.id)).filter(({ sequence }) => sequence > behind)
  const page = rows.slice(0, limit)
  const isTold = (by: UserId | null) => isStaff(actor) || by === person.user.id
  return {
    items: page.map((row) => deactivationOf(asOf(row, now), isTold)),
    ...(rows.length > page.length ? nextOf(page, page.length, ({ sequence }) => [sequence]) : {}),
  }
}

function deactivationOf(row: DeactivationRow, isTold: (by: UserId | null) => boolean): Deactivation {
  const by = (id: UserId | null) => (isTold(id) ? id : null)
  return {
    reason: row.reason,
    until: row.deactivated_until && showInstant(row.deactivated_until),
    deactivatedAt: showInstant(row.deactivated_at),
    deactivatedBy: by(row.deactivated_by),
    endedAt: row.ended_at && showInstant(row.ended_at),
    endedBy: by(row.ended_by),
    endReason: row.end_reason,
  }
}

/** Loads a person with the permit to store something of them, and their last deactivation. */
async function loadLast(core: Core, actor: Actor, whom: Whom) {
  const person = await findPerson(core, whom)
  if (person === undefined || !isFound(core, whom, person.user)) throw new UserCoreError('user_not_found')
  const permit = permitToStore(core, actor, [person])
  return { person, permit, last: await loadLastDeactivation(core, person.user.id) }
}

/** Loads the last deactivation of a person, whether it is in force or not; `undefined` where there was none. */
export async function loadLastDeactivation(core: Core, user_id: UserId): Promise<DeactivationRow | undefined> {
  return (await loadAll(core, user_id)).at(-1)
}

/** Loads the deactivations of a person, oldest first. Of few people are there more than a handful. */
async function loadAll(core: Core, user_id: UserId): Promise<DeactivationRow[]> {
  return (await core.repository.select('deactivations', { user_id })).sort((a, b) => a.sequence - b.sequence)
}

function readFacts({ reason, until }: DeactivationRequest, now: Instant): DeactivationFacts {
  requireCode(reason)
  const deactivated_until = until === undefined ? null : (toInstant(until) ?? null)
  if (until !== undefined && (deactivated_until === null || deactivated_until <= now))
    throw badArgument('until', 'a moment to come')
  return { reason, deactivated_until }
}

function requireCode(reason: string): void {
  if (!/^[a-z0-9_]{1,64}$/.test(reason)) throw badArgument('reason', 'a code of lower-case letters, digits and _')
}
