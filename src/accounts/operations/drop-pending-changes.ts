import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { dropPending } from '../pending.ts'

export async function dropPendingChanges(core: Core, actor: Actor, whom: Whom): Promise<void> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  await decideAndSave(core, async () => {
    const { user } = await loadAccount(core, target)
    return { writes: dropPending(user.id, contextOf(core)), people: [user], result: undefined }
  })
}
