import { sql } from 'kysely'
import type { UserId } from '../../src/port/tables.ts'
import { momentOf } from './by-hand-writes.ts'
import type { Executor, Rows, Statement } from './executor.ts'
import type { Place } from './places.ts'

const skipLocked = ({ dialect }: Place) => (dialect === 'sqlite' ? sql`` : sql` for update skip locked`)

/** Makes the statement that reads the next free retirements, each with the person. */
function freeRetirements(
  place: Place,
): Statement<[states: readonly string[], before: string, now: string, limit: number], { readonly user_id: UserId }> {
  return {
    name: 'free retirements',
    build: (db, states, before, now, limit) =>
      db
        .selectFrom('usercore_retirements as r')
        .innerJoin('usercore_users as u', 'u.id', 'r.user_id')
        .leftJoin('usercore_profiles as p', 'p.user_id', 'r.user_id')
        .selectAll('r')
        .select(['u.username', 'u.email', 'u.is_active', 'u.date_joined', 'p.name'])
        .where('r.current_state', 'in', states)
        .where('r.created_at', '<', before)
        .where((on) => on.or([on('r.leased_until', 'is', null), on('r.leased_until', '<=', now)]))
        .orderBy('r.created_at')
        .orderBy('r.user_id')
        .limit(limit)
        .modifyEnd(place.dialect === 'postgres' ? sql`for update of r skip locked` : skipLocked(place)),
    values: (states, before, now, limit) => [...states, before, now, limit],
  }
}

const leaseRetirements: Statement<[ids: readonly UserId[], lease: string, until: string], unknown> = {
  name: 'lease retirements',
  build: (db, ids, lease, leased_until) =>
    db
      .updateTable('usercore_retirements')
      .set({ lease, leased_until, version: sql<number>`version + 1` })
      .where('user_id', 'in', ids),
  values: (ids, lease, until) => [lease, until, ...ids],
}

/** Takes the next retirements in some states. */
export async function claimByHand(on: Executor, place: Place, states: readonly string[], limit: number): Promise<void> {
  const [now, until] = [new Date(), new Date(Date.now() + 600_000)].map((moment) => momentOf(place, moment))
  const before = momentOf(place, new Date(Date.now() - 14 * 86_400_000))
  await on.transaction(async (unit) => {
    const { rows } = await unit.run(freeRetirements(place), states, before, now ?? '', limit)
    if (rows.length !== limit) throw new Error(`${rows.length} of ${limit} retirements`)
    await unit.run(
      leaseRetirements,
      rows.map(({ user_id }) => user_id),
      crypto.randomUUID(),
      until ?? '',
    )
  })
}

/** Makes the statement that reads the oldest free messages: of each person the first one, while none of them is out. */
function freeMessages(
  place: Place,
): Statement<[now: string, limit: number], { readonly id: string; readonly attempts: number }> {
  return {
    name: 'free messages',
    build: (db, now, limit) =>
      db
        .selectFrom('usercore_outbox as m')
        .selectAll()
        .where('m.dead_at', 'is', null)
        .where((on) => on.or([on('m.next_attempt_at', 'is', null), on('m.next_attempt_at', '<=', now)]))
        .where(({ not, exists, selectFrom }) => {
          const others = selectFrom('usercore_outbox as e').select('e.id').whereRef('e.user_id', '=', 'm.user_id')
          return not(exists(others.where('e.dead_at', 'is', null).whereRef('e.id', '<', 'm.id')))
        })
        .where(({ not, exists, selectFrom }) => {
          const others = selectFrom('usercore_outbox as e').select('e.id').whereRef('e.user_id', '=', 'm.user_id')
          return not(exists(others.where('e.leased_until', '>', now)))
        })
        .orderBy('m.id')
        .limit(limit)
        .modifyEnd(place.dialect === 'postgres' ? sql`for update of m skip locked` : skipLocked(place)),
    values: (now, limit) => [now, now, limit],
  }
}

const leaseMessages: Statement<[ids: readonly string[], lease: string, until: string], unknown> = {
  name: 'lease messages',
  build: (db, ids, lease, leased_until) =>
    db
      .updateTable('usercore_outbox')
      .set({ lease, leased_until, next_attempt_at: leased_until, attempts: sql<number>`attempts + 1` })
      .where('id', 'in', ids),
  values: (ids, lease, until) => [lease, until, until, ...ids],
}

/** Takes the oldest messages. */
export async function takeByHand(on: Executor, place: Place, limit: number, lease: string): Promise<void> {
  const [now, until] = [new Date(), new Date(Date.now() + 60_000)].map((moment) => momentOf(place, moment))
  await on.transaction(async (unit) => {
    const { rows } = await unit.run(freeMessages(place), now ?? '', limit)
    if (rows.length !== limit) throw new Error(`${rows.length} of ${limit} messages`)
    await unit.run(
      leaseMessages,
      rows.map(({ id }) => id),
      lease,
      until ?? '',
    )
  })
}

/**
 * Makes the statement that reads people and their choices, by id. The page comes first, with its length in the text:
 * PostgreSQL joins an open end of ids by merging, for which it reads the other tables from their first row for each page.
 */
const optInPage: Statement<[after: UserId, org: string, limit: number], { readonly id: UserId }> = {
  name: 'opt-ins',
  build: (db, after, org, limit) =>
    db
      .selectFrom((page) =>
        page
          .selectFrom('usercore_users')
          .select(['id', 'username', 'email'])
          .where('id', '>', after)
          .orderBy('id')
          .limit(sql.lit(limit))
          .as('u'),
      )
      .leftJoin('usercore_profiles as p', 'p.user_id', 'u.id')
      .leftJoin('usercore_org_tags as t', (join) =>
        join.onRef('t.user_id', '=', 'u.id').on('t.org', '=', org).on('t.key', '=', 'email-optin'),
      )
      .select(['u.id', 'u.username', 'u.email', 'p.name', 't.value', 't.modified_at'])
      .orderBy('u.id'),
  values: (after, org) => [after, org, 'email-optin'],
}

/** Reads all people with their choices, page by page. Returns their number. */
export async function exportByHand(on: Executor, limit: number): Promise<number> {
  let count = 0
  let after: UserId = 0
  for (;;) {
    const { rows }: Rows<{ readonly id: UserId }> = await on.run(optInPage, after, 'OrgX', limit)
    count += rows.length
    const last = rows.at(-1)
    if (last === undefined || rows.length < limit) return count
    after = last.id
  }
}
