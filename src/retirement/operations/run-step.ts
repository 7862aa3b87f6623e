import type { RetirementAction } from '../../port/retirement-record.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import type { Actor } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { accountErasure, miscErasure } from '../erasure.ts'
import { touchWrite } from '../retirement-writes.ts'
import { type Claim, type LoadedRetirement, loadForAction } from './load-retirement.ts'
import { reportWrites } from './partner-reports.ts'

export async function runStep(core: Core, actor: Actor, target: Whom | Claim, step: RetirementAction): Promise<void> {
  requireRight(core, actor, 'retire_user')
  await decideAndSave(core, async () => {
    const loaded = await loadForAction(core, target, step)
    return { writes: await writesOf[step](core, loaded), erases: step !== 'partner_report', result: undefined }
  })
}

const writesOf: Readonly<Record<RetirementAction, (core: Core, loaded: LoadedRetirement) => Promise<Write[]>>> = {
  misc: async (_, { retirement, context }) => [touchWrite(retirement, context), ...miscErasure(retirement, context)],
  account: accountWritesOf,
  partner_report: reportWrites,
}

async function accountWritesOf(core: Core, { retirement, context }: LoadedRetirement): Promise<Write[]> {
  const { user_id } = retirement
  const [record] = await core.repository.findAccounts({ ids: [user_id] })
  if (record === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
  const former = await core.repository.select('former_usernames', { user_id })
  return [touchWrite(retirement, context), ...accountErasure(record, former, retirement, context)]
}
