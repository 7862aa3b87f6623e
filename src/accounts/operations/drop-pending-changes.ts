import { type Actor, isSelf, isStaff, requireAuthenticated } from '../../actor.ts'
import { type Core, contextOf, decideAndSave } from '../../core.ts'
import { UserCoreError } from '../../errors.ts'
import { loadAccount } from '../../load-account.ts'
import { dropPending } from '../pending.ts'

export async function dropPendingChanges(core: Core, actor: Actor, username: string): Promise<void> {
  requireAuthenticated(actor)
  if (!isStaff(actor) && !isSelf(actor, username)) throw new UserCoreError('not_authorized')
  await decideAndSave(core, async () => {
    const { user } = await loadAccount(core, username)
    return { writes: dropPending(user.id, contextOf(core)), people: [user], result: undefined }
  })
}
