import type { RetirementAction } from '../../port/retirement-record.ts'
import type { Write } from '../../port/write.ts'
import type { Core } from '../../runtime/core.ts'
import { UserCoreError } from '../../values/errors.ts'
import { accountErasure, miscErasure } from '../erasure.ts'
import type { Begun } from './begun.ts'
import { eraseNextSources, erasesSources, readCursor } from './erase-sources.ts'
import { heldTables, loadHolds } from './load-holds.ts'
import type { LoadedRetirement } from './load-retirement.ts'
import { reportWrites } from './partner-reports.ts'
import { failureOf, type PieceOutcome } from './run-piece.ts'

/** The writes of each action of the library, beside those that guard the retirement. */
export const actionWrites: Readonly<
  Record<RetirementAction, (core: Core, loaded: LoadedRetirement) => Promise<Write[]>>
> = {
  misc: async (_, { retirement, context }) => miscErasure(retirement, context),
  account: accountWritesOf,
  partner_report: reportWrites,
  // Chunk by chunk, before this unit.
  sources: async () => [],
}

async function accountWritesOf(core: Core, { retirement, holds, context }: LoadedRetirement): Promise<Write[]> {
  const { user_id } = retirement
  const [record] = await core.repository.findAccounts({ ids: [user_id] })
  if (record === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const former = await core.repository.select('former_usernames', { user_id })
  return accountErasure(record, former, retirement, context, heldTables(holds, context))
}

/**
 * Does what a piece of an action does before its unit: erases the next chunk of the sources of the host. The outcome is
 * `done` once nothing is left to do before the unit.
 */
export async function actionOutcome(
  core: Core,
  { retirement, work, states }: Begun,
  action: RetirementAction,
): Promise<PieceOutcome> {
  if (!erasesSources(core, states, action)) return { outcome: 'done' }
  try {
    const holds = await loadHolds(core, retirement.user_id)
    const cursor = await eraseNextSources(core, retirement.user_id, readCursor(work.cursor?.cursor), holds)
    return cursor === null ? { outcome: 'done' } : { outcome: 'more', cursor }
  } catch (error) {
    return failureOf(error)
  }
}
