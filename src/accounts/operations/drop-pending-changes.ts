import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { permitToWithdraw } from '../../runtime/permit.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { dropPending } from '../pending.ts'

export async function dropPendingChanges(core: Core, actor: Actor, whom: Whom): Promise<void> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  await decideAndSave(core, async () => {
    const record = await loadAccount(core, target)
    const permit = permitToWithdraw(core, actor, [record])
    return { writes: dropPending(record.user.id, contextOf(core)), permit, result: undefined }
  })
}
