import type { JournalEntry } from '../../port/retirement-journal.ts'
import type { RetirementHistoryRow, RetirementRow, RetirementStateRow } from '../../port/tables.ts'
import type { Core } from '../../runtime/core.ts'
import type { Context } from '../../site/context.ts'
import { nodeCrypto } from '../../values/built-ins.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { byTime } from '../move.ts'
import { complete } from '../pipeline.ts'
import { framePlan } from './plan-retirement.ts'

/** Returns the name of an erasure, which its receipt has as id: that of the move which requested it. */
export function erasureId({ user_id, created_at }: RetirementRow, history: readonly RetirementHistoryRow[]): string {
  const request = history
    .filter((move) => move.user_id === user_id)
    .toSorted(byTime)
    .findLast(({ from_state }) => from_state === null)
  if (request !== undefined) return request.id
  // Another system has made the request.
  const hash = nodeCrypto().createHash('sha256').update(`${user_id} ${created_at}`).digest('hex')
  return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Tells whether a move begins an erasure: until it the person can change their mind. */
function begins(retirement: RetirementRow, to: RetirementStateRow, states: readonly RetirementStateRow[]): boolean {
  const from = states.find(({ state_name }) => state_name === retirement.current_state)
  const isWorkOrDone = (state: RetirementStateRow | undefined) => state?.kind === 'working' || state?.kind === 'done'
  return (isWorkOrDone(to) || to.state_name === complete) && !isWorkOrDone(from)
}

/**
 * Returns the code that tells the journal of a move which begins an erasure, to run in the unit of the move: only once the
 * move has won, and before any other caller sees it. `undefined` where there is nothing to tell. It throws
 * `retirement_state_error`, and nothing begins, where the journal takes no entry.
 */
export async function intending(
  core: Core,
  retirement: RetirementRow,
  to: RetirementStateRow,
  states: readonly RetirementStateRow[],
  context: Context,
): Promise<(() => Promise<void>) | undefined> {
  if (core.journal === undefined || !begins(retirement, to, states)) return undefined
  return telling(core, 'intended', [retirement], context)
}

/** Returns the code that tells the journal of erasures; `undefined` without a journal. */
export async function telling(
  core: Core,
  kind: JournalEntry['kind'],
  retirements: readonly RetirementRow[],
  context: Context,
): Promise<(() => Promise<void>) | undefined> {
  const { journal, repository } = core
  if (journal === undefined || retirements.length === 0) return undefined
  const history = await repository.select('retirement_history', { user_id: retirements.map(({ user_id }) => user_id) })
  const { hash: plan } = await framePlan(core)
  const entries = retirements.map((retirement): JournalEntry => {
    const { user_id, retired_username: username_form, retired_email: email_form } = retirement
    const receipt = erasureId(retirement, history)
    return { kind, receipt, user_id, username_form, email_form, at: instantOf(context.now), plan }
  })
  return async () => {
    try {
      for (const entry of entries) await journal.append(entry)
    } catch (cause) {
      throw new UserCoreError('retirement_state_error', { params: { reason: 'journal_failed' }, cause })
    }
  }
}
