import { message } from '../outbox/messages.ts'
import type {
  RetirementHistoryRow,
  RetirementRow,
  RetirementStateRow,
  RetirementWorkRow,
  UserId,
} from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { Context } from '../site/context.ts'
import { instantOf } from '../values/instant.ts'
import { identifierKey } from '../values/text.ts'
import { cleanNote } from './note.ts'

/** A move as its caller gives it: forced or not, with a note, by an actor (null for code). */
export interface MoveBy {
  readonly forced: boolean
  readonly note: unknown
  readonly changed_by: UserId | null
}

/** A hold on a retirement: its name, and its end. Both are null where no worker has it. */
export type Hold = Pick<RetirementRow, 'lease' | 'leased_until'>

/** The work on a step that no attempt was made at. */
export const restedWork = {
  attempts: 0,
  cursor: null,
  started_at: null,
  next_attempt_at: null,
  stopped: null,
  code: null,
} as const satisfies Partial<RetirementWorkRow>

/** No hold: the next `claim` takes a retirement in which nothing is at work. */
export const free: Hold = { lease: null, leased_until: null }

/** The changes that the worker makes together with a move. Left out: the lease stays, and the work on the step begins anew. */
export interface MoveChanges {
  readonly hold?: Hold
  readonly work?: RetirementWorkRow
}

/** Returns the condition that a retirement is as it was loaded: its version, and the lease under which it was. */
export function guardOf({ user_id, version, lease }: RetirementRow) {
  return { user_id, version, lease }
}

/** Returns the writes that move a retirement into another state, guarded. An end gives up the lease. */
export function moveWrites(
  retirement: RetirementRow,
  target: RetirementStateRow,
  by: MoveBy,
  context: Context,
  { hold, work }: MoveChanges = {},
): Write[] {
  const { user_id, version, current_state } = retirement
  const now = instantOf(context.now)
  const { state_name, kind } = target
  const ended = kind === 'end' ? free : hold
  const moved = {
    current_state: state_name,
    last_state: current_state,
    version: version + 1,
    modified_at: now,
    ...ended,
  }
  const payload = { from: current_state, to: state_name, forced: by.forced }
  return [
    { update: 'retirements', set: moved, where: guardOf(retirement), guarded: true },
    work === undefined ? { update: 'retirement_work', set: restedWork, where: { user_id } } : workWrite(work),
    { update: 'retirement_requests', set: { is_started: kind !== 'start' }, where: { user_id } },
    historyWrite(retirement, { from_state: current_state, to_state: state_name, ...by }, context),
    { insert: 'outbox', rows: [message('event', 'retirement.moved', user_id, payload, context)] },
  ]
}

/** Returns the write that stores the work on a retirement, in a unit that guards the retirement. */
export function workWrite(work: RetirementWorkRow): Write {
  return { upsert: 'retirement_work', rows: [work] }
}

/** Returns the write that records a move. Names of the person are taken out of its note. */
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

/** Texts that take the place of the originals before a work item is deleted. Default: `redacted` each. */
export interface CleanUpOptions {
  readonly redactedUsername?: string
  readonly redactedEmail?: string
  readonly redactedName?: string
}

/** Returns the writes that overwrite a work item, then delete it. They fail when it was changed since it was loaded. */
export function forgetWrites({ user_id, version }: RetirementRow, by: CleanUpOptions = {}): Write[] {
  const { redactedUsername = 'redacted', redactedEmail = 'redacted', redactedName = 'redacted' } = by
  const redacted = {
    original_username: redactedUsername,
    original_username_key: identifierKey(redactedUsername),
    original_email: redactedEmail,
    original_email_key: identifierKey(redactedEmail),
    original_name: redactedName,
    version: version + 1,
  }
  return [
    { update: 'retirements', set: redacted, where: { user_id, version }, guarded: true },
    { delete: 'retirements', where: { user_id, version: version + 1 }, guarded: true },
  ]
}

/** Returns the write that guards the work of a step: it fails when the retirement was changed since it was loaded. */
export function touchWrite(retirement: RetirementRow, context: Context): Write {
  const set = { version: retirement.version + 1, modified_at: instantOf(context.now) }
  return { update: 'retirements', set, where: guardOf(retirement), guarded: true }
}
