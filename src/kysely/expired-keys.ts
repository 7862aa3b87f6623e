import { sql } from 'kysely'
import type { Repository } from '../port/repository.ts'
import type { IdempotencyKeyRow } from '../port/tables.ts'
import { parameter } from './insert-text.ts'
import type { Statements } from './statements.ts'

/** Reads the idempotency keys that expired first, in the order of their index. */
export async function expiredKeys(
  on: Statements,
  { now, limit }: Parameters<Repository['expiredKeys']>[0],
): Promise<IdempotencyKeyRow[]> {
  if (!on.canHold('instant', now)) return []
  const { rows } = await on.run(
    'expired keys',
    () => sql`select ${sql.join(on.selected('idempotency_keys', 'entry'))}
      from ${on.source('idempotency_keys')} as entry
      where entry.expires_at <= ${parameter} order by entry.expires_at limit ${parameter}`,
    [on.dialect.encode('instant', now), limit],
  )
  return rows.map((row) => on.codec.row('idempotency_keys', row))
}
