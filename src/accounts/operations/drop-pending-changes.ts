import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { type Actor, isSelf, isStaff, requireAuthenticated } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { dropPending } from '../pending.ts'

export async function dropPendingChanges(core: Core, actor: Actor, username: string): Promise<void> {
  requireAuthenticated(actor)
  if (!isStaff(actor) && !isSelf(actor, username)) throw new UserCoreError('not_authorized')
  await decideAndSave(core, async () => {
    const { user } = await loadAccount(core, username)
    return { writes: dropPending(user.id, contextOf(core)), people: [user], result: undefined }
  })
}
