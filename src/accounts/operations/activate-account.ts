import { type Actor, isSelf, personOf } from '../../actor.ts'
import { requireText } from '../../arguments.ts'
import { type Core, contextOf, decideAndSave } from '../../core.ts'
import { UserCoreError } from '../../errors.ts'
import { message } from '../../events.ts'
import { instantOf, showInstant } from '../../instant.ts'
import { userRef } from '../../load-account.ts'
import { requireWritable } from '../../read-only.ts'
import { changeMessages } from '../change-messages.ts'
import { hashKey } from '../confirmation-key.ts'

/** What a click on an activation link did. */
export interface ActivateResult {
  /** `already_active`: an earlier click did it; nothing happened now. */
  readonly outcome: 'activated' | 'already_active'
}

export async function activateAccount(core: Core, actor: Actor, key: string): Promise<ActivateResult> {
  requireText(key, 'key')
  return decideAndSave<unknown, ActivateResult>(core, async () => {
    const context = contextOf(core)
    const [registration] = await core.repository.select('registrations', { key_hash: hashKey(key) })
    const [user] = registration === undefined ? [] : await core.repository.select('users', { id: registration.user_id })
    if (user === undefined) throw new UserCoreError('not_found')
    if (personOf(actor) !== undefined && !isSelf(actor, user.username)) throw new UserCoreError('not_authorized')
    if (user.is_active) return { writes: [], result: { outcome: 'already_active' } }
    await requireWritable(core, { username: user.username }, userRef(user), 'is_active')

    const now = instantOf(context.now)
    const activated = message('event', 'account.activated', user.id, { activated_at: showInstant(now) }, context)
    return {
      writes: [
        // Of two clicks at once one finds the account inactive; the other looks again.
        { update: 'users', set: { is_active: true }, where: { id: user.id, is_active: false }, guarded: true },
        { update: 'registrations', set: { activated_at: now }, where: { user_id: user.id } },
        { insert: 'outbox', rows: [activated] },
        ...changeMessages(user.id, [{ setting: 'is_active', old: false, new: true }], context),
      ],
      result: { outcome: 'activated' },
    }
  })
}
