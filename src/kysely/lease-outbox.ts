import { sql } from 'kysely'
import type { Repository } from '../repository.ts'
import type { OutboxRow } from '../tables.ts'
import { select } from './select.ts'
import { parameter, type Statements } from './statements.ts'

/** Marks the oldest free messages as taken, and reads what was marked. */
export async function leaseOutbox(
  on: Statements,
  request: Parameters<Repository['leaseOutbox']>[0],
): Promise<OutboxRow[]> {
  const { now, leased_until, lease, limit } = request
  const [from, until] = [now, leased_until].map((instant) => on.dialect.encode('instant', instant))
  await on.run('lease outbox', () => leaseText(on), [lease, until, from, limit, from])
  const rows = await select(on, 'outbox', { lease })
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}

function leaseText(on: Statements) {
  const table = sql.table(on.tableName('outbox'))
  const free = sql`(leased_until is null or leased_until <= ${parameter})`
  // The condition stands twice: whoever waited for the lock of a row looks again whether it is still free.
  return sql`update ${table} set lease = ${parameter}, leased_until = ${parameter}
    where id in (select id from ${table} where ${free} order by id limit ${parameter}) and ${free}`
}
