import { sql } from 'kysely'
import type { Repository } from '../repository.ts'
import type { OutboxRow } from '../tables.ts'
import { parameter } from './insert-text.ts'
import { select } from './select.ts'
import type { Statements } from './statements.ts'
import { isBusy, whileBusy } from './unit-of-work.ts'

/** Marks the oldest free messages as taken, and reads what was marked. A race that was lost marks none. */
export async function leaseOutbox(
  on: Statements,
  request: Parameters<Repository['leaseOutbox']>[0],
): Promise<OutboxRow[]> {
  const { now, leased_until, lease, limit } = request
  const [from, until] = [now, leased_until].map((instant) => on.dialect.encode('instant', instant))
  const text = () =>
    on.dialect.updateFirst(
      on.table('outbox'),
      sql`lease = ${parameter}, leased_until = ${parameter}`,
      sql`(leased_until is null or leased_until <= ${parameter})`,
      sql.ref('id'),
    )
  try {
    await whileBusy(on, () => on.run('lease outbox', text, [lease, until, from, limit]))
  } catch (error) {
    if (isBusy(error, on)) return []
    throw error
  }
  const rows = await select(on, 'outbox', { lease })
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}
