import { message } from '../outbox/messages.ts'
import type { RetirementHistoryRow, RetirementRow, RetirementStateRow, UserId } from '../port/tables.ts'
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

/** Returns the writes that move a retirement into another state, guarded by its version. An end gives up the lease. */
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
    { update: 'retirement_requests', set: { is_started: kind !== 'start' }, where: { user_id } },
    historyWrite(retirement, { from_state: current_state, to_state: state_name, ...by }, context),
    { insert: 'outbox', rows: [message('event', 'retirement.moved', user_id, payload, context)] },
  ]
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
export function touchWrite({ user_id, version }: RetirementRow, context: Context): Write {
  const set = { version: version + 1, modified_at: instantOf(context.now) }
  return { update: 'retirements', set, where: { user_id, version }, guarded: true }
}
