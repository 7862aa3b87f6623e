import { sql } from 'kysely'
import type { Repository } from '../port/repository.ts'
import type { OutboxRow } from '../port/tables.ts'
import { parameter } from './insert-text.ts'
import { select } from './select.ts'
import type { Statements } from './statements.ts'

/**
 * Marks the oldest free messages as taken, and returns those that it marked: in one statement where the database can, as
 * SQLite without statistics about rare values would read the whole table for the second.
 */
export async function leaseOutbox(
  on: Statements,
  request: Parameters<Repository['leaseOutbox']>[0],
): Promise<OutboxRow[]> {
  const { now, leased_until, lease, limit } = request
  const [from, until] = [now, leased_until].map((instant) => on.dialect.encode('instant', instant))
  const [ofSet, ofRows] = [
    [lease, until],
    [from, limit],
  ]
  const { rows: updated } = await on.run(
    'lease outbox',
    () =>
      on.dialect.updateFirst(
        on.table('outbox'),
        sql`lease = ${parameter}, leased_until = ${parameter}`,
        sql`(leased_until is null or leased_until <= ${parameter})`,
        'id',
        on.selected('outbox', on.names.table('outbox')),
      ),
    on.dialect.setsLast ? [...ofRows, ...ofSet] : [...ofSet, ...ofRows],
  )
  const rows = on.dialect.returnsUpdated
    ? updated.map((row) => on.codec.row('outbox', row))
    : await select(on, 'outbox', { lease })
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}
