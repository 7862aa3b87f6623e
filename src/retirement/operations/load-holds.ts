import type { RetirementHoldRow, RetirementRow, TableName, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import type { Core } from '../../runtime/core.ts'
import type { Context } from '../../site/context.ts'
import { instantOf } from '../../values/instant.ts'
import { heldSources, holdable, isHeldLease, putUnder, wholeHold } from '../hold.ts'
import { receiptWrite } from '../receipt.ts'

/** Loads the holds of people that are not closed. */
export function loadHolds({ repository }: Core, user_id: UserId | readonly UserId[]): Promise<RetirementHoldRow[]> {
  return repository.select(...openHolds(user_id))
}

/** Returns the selection of the holds of people that are not closed. */
export function openHolds(user_id: UserId | readonly UserId[]) {
  return ['retirement_holds', { user_id, closed_at: null }] as const
}

/** Returns the tables of the library of which holds keep the rows of a person. */
export function heldTables(holds: readonly RetirementHoldRow[], { now }: Pick<Context, 'now'>): ReadonlySet<TableName> {
  const names = heldSources(holds, instantOf(now))
  return new Set(holdable.filter((table) => names.has(`usercore_${table}`)))
}

/**
 * Returns the writes of a move that a hold refuses: a receipt, once for each hold, and the lease of the hold, under which no
 * worker takes the retirement again before its end.
 */
export function refusalWrites(
  retirement: RetirementRow,
  holds: readonly RetirementHoldRow[],
  context: Context,
): Write[] {
  const now = instantOf(context.now)
  const hold = wholeHold(holds, now)
  if (hold === undefined) return []
  const { id, reason, held_until } = hold
  const body = { hold: id, reason, until: held_until, requested_at: retirement.created_at, refused_at: now }
  return [
    ...(isHeldLease(retirement.lease) ? [] : [putUnder(retirement, hold)]),
    ...(hold.refused_at === null
      ? [
          {
            update: 'retirement_holds',
            set: { refused_at: now },
            where: { id, refused_at: null },
            guarded: true,
          } as const,
          receiptWrite('refused', retirement.user_id, body, context),
        ]
      : []),
  ]
}
