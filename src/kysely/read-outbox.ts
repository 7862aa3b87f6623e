import { sql } from 'kysely'
import type { DeadMessageRow, OutboxCounts, Repository } from '../port/repository.ts'
import { tables } from '../port/tables.ts'
import type { Instant } from '../values/instant.ts'
import { parameter } from './insert-text.ts'
import type { Statements } from './statements.ts'

/**
 * Counts messages by their state: one statement. All messages are counted in whichever index is the smallest, and the
 * others in parts of one index: no look at every row.
 */
export async function countOutbox(on: Statements, now: Instant): Promise<OutboxCounts> {
  const moment = on.dialect.encode('instant', now)
  const { rows } = await on.run('count outbox', () => {
    const from = sql`from ${on.source('outbox')} as entry`
    const first = sql`select entry.id, entry.created_at ${from} where entry.dead_at is null`
    // A lease that has not ended is the time of the next try.
    const waits = sql`(entry.leased_until is null or entry.leased_until <= ${parameter})`
    return sql`select (select count(*) ${from}) as messages,
        (select count(*) ${from} where entry.dead_at is not null) as dead,
        (select count(*) ${from} where entry.dead_at is null and entry.next_attempt_at > ${parameter}
          and entry.leased_until > ${parameter}) as leased,
        (select ${on.cell('outbox', 'created_at', 'oldest')} from (
          select * from (${first} and entry.next_attempt_at is null
            order by entry.dead_at, entry.next_attempt_at, entry.id limit 1) as fresh
          union all select * from (${first} and entry.next_attempt_at is not null and ${waits}
            order by entry.id limit 1) as tried
        ) as oldest order by oldest.id limit 1) as created_at`
  }, [moment, moment, moment])
  const [row = {}] = rows
  const [messages, dead, leased] = [row.messages, row.dead, row.leased].map(Number) as [number, number, number]
  const { created_at } = on.codec.row('outbox', row)
  return { waiting: messages - dead - leased, leased, dead, oldest_waiting_at: created_at }
}

/** Reads the next dead messages, without their payload: one statement, in the order of its index. */
export async function pageDeadMessages(
  on: Statements,
  { after, limit }: Parameters<Repository['pageDeadMessages']>[0],
): Promise<DeadMessageRow[]> {
  if (after !== undefined && ![after.dead_at, after.id].every((part) => on.canHold('text', part))) return []
  const moment = after && on.dialect.encode('instant', after.dead_at)
  const { rows } = await on.run(`dead messages ${after === undefined}`, () => {
    const columns = Object.keys(tables.outbox.columns)
      .filter((column) => column !== 'payload')
      .map((column) => sql`${on.cell('outbox', column, 'entry')} as ${sql.id(column)}`)
    const behind =
      after === undefined
        ? sql`entry.dead_at is not null`
        : sql`(entry.dead_at > ${parameter} or (entry.dead_at = ${parameter} and entry.id > ${parameter}))`
    return sql`select ${sql.join(columns)} from ${on.source('outbox')} as entry where ${behind}
        order by entry.dead_at, entry.next_attempt_at, entry.id limit ${parameter}`
  }, [...(after === undefined ? [] : [moment, moment, after.id]), limit])
  return rows.map((row) => {
    const { id, kind, name, user_id, created_at, attempts, dead_at } = on.codec.row('outbox', row)
    return { id, kind, name, user_id, created_at, attempts, dead_at: dead_at ?? created_at }
  })
}
