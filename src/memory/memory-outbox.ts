import type { DeadMessageRow, OutboxCounts, Repository } from '../port/repository.ts'
import type { OutboxRow, UserId } from '../port/tables.ts'
import type { Instant } from '../values/instant.ts'
import { select } from './memory-reads.ts'
import type { MemoryStore } from './memory-store.ts'
import { applyWrites } from './memory-writes.ts'

/** Compares messages by id. */
function byId(a: Pick<OutboxRow, 'id'>, b: Pick<OutboxRow, 'id'>): number {
  return a.id < b.id ? -1 : a.id === b.id ? 0 : 1
}

function isLeased({ leased_until }: OutboxRow, now: Instant): boolean {
  return leased_until !== null && leased_until > now
}

/** Returns the messages that are neither delivered nor dead, by id. */
function livingMessages(store: MemoryStore): OutboxRow[] {
  return select(store, 'outbox', { dead_at: null }).sort(byId)
}

export function leaseOutbox(
  store: MemoryStore,
  { now, leased_until, lease, limit, kinds }: Parameters<Repository['leaseOutbox']>[0],
): OutboxRow[] {
  const rows = livingMessages(store)
  const out = new Set<UserId>(rows.filter((row) => isLeased(row, now)).map(({ user_id }) => user_id))
  const heads = new Map<UserId, OutboxRow>()
  for (const row of rows) if (!heads.has(row.user_id)) heads.set(row.user_id, row)
  const taken = [...heads.values()]
    .filter(({ user_id }) => !out.has(user_id))
    .filter(({ next_attempt_at }) => next_attempt_at === null || next_attempt_at <= now)
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .slice(0, limit)
    .map((row) => ({ ...row, lease, leased_until, next_attempt_at: leased_until, attempts: row.attempts + 1 }))
  for (const { id, ...set } of taken) applyWrites(store, [{ update: 'outbox', set, where: { id } }])
  return taken
}

export function countOutbox(store: MemoryStore, now: Instant): OutboxCounts {
  const rows = livingMessages(store)
  const waiting = rows.filter((row) => !isLeased(row, now))
  return {
    waiting: waiting.length,
    leased: rows.length - waiting.length,
    dead: store.table('outbox').rows.size - rows.length,
    oldest_waiting_at: waiting[0]?.created_at ?? null,
  }
}

export function pageDeadMessages(
  store: MemoryStore,
  { after, limit }: Parameters<Repository['pageDeadMessages']>[0],
): DeadMessageRow[] {
  const compare = (a: Pick<DeadMessageRow, 'dead_at' | 'id'>, b: Pick<DeadMessageRow, 'dead_at' | 'id'>) =>
    a.dead_at === b.dead_at ? byId(a, b) : a.dead_at < b.dead_at ? -1 : 1
  return select(store, 'outbox', {})
    .flatMap(({ id, kind, name, user_id, created_at, attempts, dead_at }) =>
      dead_at === null ? [] : [{ id, kind, name, user_id, created_at, attempts, dead_at }],
    )
    .sort(compare)
    .filter((row) => after === undefined || compare(row, after) > 0)
    .slice(0, limit)
}
