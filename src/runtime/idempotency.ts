import type { Actor } from '../site/actor.ts'
import { instantOf } from '../values/instant.ts'
import { actor, count, options } from '../values/kinds.ts'
import { requireTrustedCode } from './authorize.ts'
import { type ArgumentTable, checkedOperations } from './checked-operations.ts'
import { type Core, contextOf, decideAndSave } from './core.ts'
import { housekeeping } from './permit.ts'

/**
 * The calls that were made under an idempotency key: see the option `idempotencyKey` of the operations that take one.
 * They are remembered beside the change, without the key and without anything personal.
 */
export interface IdempotencyOperations {
  /**
   * Removes keys that have expired, the oldest first: up to `limit`, which is 1 to 10,000, by default 1000. Returns their number, those that
   * another caller removed at the same moment included: call it on a timer, and again while it removes as many as the
   * limit. Nothing depends on it but the size of the table, since an expired key counts as absent. Only trusted code may.
   *
   * Throws `not_authorized`.
   *
   * ```ts
   * const { removed } = await users.idempotency.expire(system, { limit: 100 })
   * ```
   */
  expire(actor: Actor, options?: { readonly limit?: number }): Promise<{ readonly removed: number }>
}

/** The kinds of the arguments of each operation. */
export const idempotencyArguments: ArgumentTable<IdempotencyOperations> = {
  expire: [actor, options({ limit: count(1, 10_000) })],
}

/** Returns the operations of idempotency keys. */
export function idempotency(core: Core): IdempotencyOperations {
  return checkedOperations<IdempotencyOperations>(core, 'idempotency', idempotencyArguments, {
    async expire(actor, { limit = 1000 } = {}) {
      requireTrustedCode(actor)
      const rows = await core.repository.expiredKeys({ now: instantOf(contextOf(core).now), limit })
      // A row that another call has put in the place of an expired one lives longer, and stays.
      const where = {
        key_hash: rows.map(({ key_hash }) => key_hash),
        expires_at: [...new Set(rows.map(({ expires_at }) => expires_at))],
      }
      await decideAndSave(core, async () => ({
        writes: rows.length === 0 ? [] : [{ delete: 'idempotency_keys', where }],
        permit: housekeeping,
        result: undefined,
      }))
      return { removed: rows.length }
    },
  })
}
