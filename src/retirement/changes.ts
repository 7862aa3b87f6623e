import type { Context } from '../context.ts'
import { message } from '../events.ts'
import { instantOf } from '../instant.ts'
import type { RetirementHistoryRow, RetirementRow, RetirementStateRow, UserId } from '../tables.ts'
import type { Write } from '../write.ts'
import { cleanNote } from './note.ts'

/** Who moves a retirement, and what they have to say. */
export interface MoveBy {
  readonly forced: boolean
  readonly note: unknown
  readonly changed_by: UserId | null
}

/** The writes that move a retirement into another state, guarded by its version. */
export function moveWrites(
  retirement: RetirementRow,
  target: RetirementStateRow,
  by: MoveBy,
  context: Context,
): Write[] {
  const { user_id, version, current_state } = retirement
  const now = instantOf(context.now)
  const { state_name, kind } = target
  const ended = kind === 'end' ? { lease: null, leased_until: null } : {}
  const moved = {
    current_state: state_name,
    last_state: current_state,
    version: version + 1,
    modified_at: now,
    ...ended,
  }
  const payload = { from: current_state, to: state_name, forced: by.forced }
  return [
    { update: 'retirements', set: moved, where: { user_id, version }, guarded: true },
    startedWrite(user_id, kind === 'start' ? null : now),
    historyWrite(retirement, { from_state: current_state, to_state: state_name, ...by }, context),
    { insert: 'outbox', rows: [message('event', 'retirement.moved', user_id, payload, context)] },
  ]
}

/** Remembers since when a retirement has been more than asked for; the first such moment counts. */
function startedWrite(user_id: UserId, started_at: string | null): Write {
  return started_at === null
    ? { update: 'retirement_requests', set: { started_at }, where: { user_id } }
    : { update: 'retirement_requests', set: { started_at }, where: { user_id, started_at: null } }
}

/** Records a move, without saying who the person was. */
export function historyWrite(
  person: Pick<RetirementRow, 'user_id'> & Partial<RetirementRow>,
  { note, ...move }: Pick<RetirementHistoryRow, 'from_state' | 'to_state'> & MoveBy,
  context: Context,
): Write {
  const row = {
    id: context.ids(),
    user_id: person.user_id,
    ...move,
    note: cleanNote(note, person),
    changed_at: instantOf(context.now),
  }
  return { insert: 'retirement_history', rows: [row] }
}

/** What a worker must not lose: nobody else has changed the retirement since it was loaded. */
export function touchWrite({ user_id, version }: RetirementRow, context: Context): Write {
  const set = { version: version + 1, modified_at: instantOf(context.now) }
  return { update: 'retirements', set, where: { user_id, version }, guarded: true }
}
