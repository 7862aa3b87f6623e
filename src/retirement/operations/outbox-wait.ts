import type { RetirementStateRow } from '../../port/tables.ts'
import type { Core } from '../../runtime/core.ts'
import { addMilliseconds, type Instant, instantOf } from '../../values/instant.ts'
import type { LoadedWork } from './load-work.ts'

/** Milliseconds between two looks at the outbox. */
const pause = 60_000

/**
 * Returns the moment of the next look where mail or events of the person still wait to be delivered before the account is
 * erased, which would take them away; `undefined` where none does, or the patience of the site is over. Dead messages wait
 * for no delivery.
 */
export async function outboxWait(
  { repository, settings }: Core,
  { retirement, work, context }: LoadedWork,
  state: RetirementStateRow,
): Promise<Instant | undefined> {
  const { user_id, current_state, modified_at } = retirement
  // What a restored backup has in its outbox was delivered before.
  if (work.is_replay || state.action !== 'account' || current_state === state.state_name) return undefined
  const now = instantOf(context.now)
  const patience = addMilliseconds(modified_at, settings.outbox_patience_hours * 3_600_000)
  if (patience <= now) return undefined
  const messages = await repository.select('outbox', { user_id, kind: ['mail', 'event'], dead_at: null })
  const next = addMilliseconds(now, pause)
  return messages.length === 0 ? undefined : next < patience ? next : patience
}
