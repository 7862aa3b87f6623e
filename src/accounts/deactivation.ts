import type { DeactivationRow, UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Instant } from '../values/instant.ts'

/** A time in which a person may not log in, as an operator asks for it. */
export interface DeactivationFacts {
  readonly reason: string
  readonly deactivated_until: Instant | null
}

/** A change of a deactivation: by whom, and when. */
export interface ChangedAt {
  /** Null: code, or a person without an account here. */
  readonly by: UserId | null
  readonly now: Instant
}

/** The reasons that the library gives to the end of a deactivation. */
const endReasons = { expired: 'expired', replaced: 'replaced' } as const

/** Tells whether a deactivation keeps its person from logging in at a moment. */
export function isInForce(
  { ended_at, deactivated_until }: Pick<DeactivationRow, 'ended_at' | 'deactivated_until'>,
  now: Instant,
): boolean {
  return ended_at === null && (deactivated_until === null || now < deactivated_until)
}

/** Tells whether a deactivation is in force that is the one that is asked for: the answer to an earlier call was lost. */
export function isSameDeactivation(last: DeactivationRow | undefined, facts: DeactivationFacts, now: Instant): boolean {
  return (
    last !== undefined &&
    isInForce(last, now) &&
    last.reason === facts.reason &&
    last.deactivated_until === facts.deactivated_until
  )
}

/**
 * Returns the writes of a deactivation behind the last one, which it ends where that has not ended. Of several at once
 * one is stored: they are stopped by the number of the row, or by the end of the one before.
 */
export function deactivationWrites(
  user_id: UserId,
  last: DeactivationRow | undefined,
  { reason, deactivated_until }: DeactivationFacts,
  { by, now }: ChangedAt,
): Write[] {
  const row: DeactivationRow = {
    user_id,
    sequence: (last?.sequence ?? 0) + 1,
    reason,
    deactivated_until,
    deactivated_by: by,
    deactivated_at: now,
    ended_at: null,
    ended_by: null,
    end_reason: null,
  }
  return [...endOf(last, endReasons.replaced, { by, now }), { insert: 'deactivations', rows: [row] }]
}

/**
 * Returns the writes that end a deactivation, stopped where another call has ended it. One whose time is over ended then,
 * without a person.
 */
export function endOf(last: DeactivationRow | undefined, end_reason: string, { by, now }: ChangedAt): Write[] {
  if (last === undefined || last.ended_at !== null) return []
  const { user_id, sequence, deactivated_until } = last
  const set = isInForce(last, now)
    ? { ended_at: now, ended_by: by, end_reason }
    : { ended_at: deactivated_until, ended_by: null, end_reason: endReasons.expired }
  return [{ update: 'deactivations', set, where: { user_id, sequence, ended_at: null }, guarded: true }]
}

/** Returns a deactivation as it is at a moment: one whose time is over has ended, although no row says so yet. */
export function asOf(row: DeactivationRow, now: Instant): DeactivationRow {
  if (row.ended_at !== null || isInForce(row, now)) return row
  return { ...row, ended_at: row.deactivated_until, end_reason: endReasons.expired }
}
