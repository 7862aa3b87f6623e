import { stateOf } from '../../accounts/cancellation.ts'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import { idOfActor } from '../../runtime/load-account.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import type { UserCoreErrorCode } from '../../values/error-params.ts'
import { isUserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { rewindTarget } from '../move.ts'
import { free, moveWrites, restedWork, workWrite } from '../retirement-writes.ts'
import { holdWrite, putOffUntil } from '../work-writes.ts'
import { requireUnfenced, stateError } from './load-retirement.ts'
import { type LoadedWork, loadWork } from './load-work.ts'
import { eachOnce } from './request.ts'

/** The people as they were given, by result. */
export interface ReopenResult<W extends Whom> {
  readonly reopened: readonly W[]
  readonly failed: readonly { readonly whom: W; readonly code: UserCoreErrorCode }[]
}

export async function reopen<W extends Whom>(core: Core, actor: Actor, whom: readonly W[]): Promise<ReopenResult<W>> {
  requireRight(core, actor, 'retire_user')
  requireRight(core, actor, 'force_retirement')
  const reopened: W[] = []
  const failed: { readonly whom: W; readonly code: UserCoreErrorCode }[] = []
  for (const element of eachOnce(whom)) {
    try {
      await reopenOne(core, actor, element)
      reopened.push(element)
    } catch (error) {
      if (!isUserCoreError(error) || error.code === 'internal_error') throw error
      failed.push({ whom: element, code: error.code })
    }
  }
  return { reopened, failed }
}

async function reopenOne(core: Core, actor: Actor, whom: Whom): Promise<void> {
  const changed_by = await idOfActor(core, actor)
  await decideAndSave(core, async () => {
    const loaded = await loadWork(core, whom)
    if (loaded === undefined) throw stateError('dead_end')
    return { writes: reopenWrites(loaded, changed_by), permit: housekeeping, result: undefined }
  })
}

/** Returns the writes that make a retirement ready again at the step that failed, which goes on where it had come to. */
function reopenWrites(loaded: LoadedWork, changed_by: UserId | null): Write[] {
  const { retirement, work, states, context } = loaded
  const current = stateOf(loaded)
  const isErrored = current?.state_name === 'ERRORED'
  if (!isErrored && work.stopped === null) throw stateError(current?.kind === 'end' ? 'dead_end' : 'not_stopped')
  const ready = { ...work, ...restedWork, cursor: work.cursor, started_at: work.started_at }
  if (!isErrored) {
    // Behind a working state without a lease there would be a driver.
    const hold = current?.kind === 'working' ? putOffUntil(instantOf(context.now), context) : free
    return [holdWrite(retirement, hold), workWrite(ready)]
  }
  requireUnfenced(retirement, undefined, context)
  const target = states.find(({ state_name }) => state_name === rewindTarget({ retirement, states }))
  if (target === undefined) throw stateError('unknown_state')
  const by = { forced: true, note: 'reopen', changed_by }
  return moveWrites(retirement, target, by, context, { work: ready })
}
