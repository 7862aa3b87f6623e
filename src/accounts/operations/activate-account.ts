import { message } from '../../outbox/messages.ts'
import { requireAllowed } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { findPerson, userRef } from '../../runtime/load-account.ts'
import { guardedElsewhere, isClosed, permitToStore } from '../../runtime/permit.ts'
import { requireWritable } from '../../runtime/read-only.ts'
import { type Actor, isSelf, personOf } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf, showInstant } from '../../values/instant.ts'
import { decideActivation } from '../activation.ts'
import { changeMessages } from '../change-messages.ts'
import { hashKey } from '../fields/confirmation-key.ts'

/** The result of a click on an activation link. */
export interface ActivateResult {
  /** `already_active`: an earlier click did it; nothing happened now. */
  readonly outcome: 'activated' | 'already_active'
}

export async function activateAccount(core: Core, actor: Actor, key: string): Promise<ActivateResult> {
  return decideAndSave<unknown, ActivateResult>(core, async () => {
    const context = contextOf(core)
    const now = instantOf(context.now)
    const [registration] = await core.repository.select('registrations', { key_hash: hashKey(key) })
    const person = registration && (await findPerson(core, { id: registration.user_id }))
    if (registration === undefined || person === undefined)
      throw new UserCoreError('not_found', { params: { what: 'key' } })
    const { user } = person
    if (personOf(actor) !== undefined) requireAllowed(actor, isSelf(actor, user))
    const decision = decideActivation(registration, key, user, now)
    if (decision === 'refuse' || isClosed(core, person))
      throw new UserCoreError('not_found', { params: { what: 'key' } })
    if (decision === 'already_active') return { writes: [], result: { outcome: decision } }
    await requireWritable(core, userRef(user), userRef(user), 'is_active')

    const { id, email } = user
    const { key_hash, proof_hash } = registration
    const activated = message('event', 'account.activated', id, { activated_at: showInstant(now) }, context)
    return {
      permit: guardedElsewhere(permitToStore(core, actor, [person])),
      writes: [
        // Of two clicks at once one finds the account inactive; the other looks again, as does one whose key has just ended.
        { update: 'users', set: { is_active: true }, where: { id, is_active: false, email }, guarded: true },
        {
          update: 'registrations',
          set: { activated_at: now },
          where: { user_id: id, key_hash, proof_hash, activated_at: null },
          guarded: true,
        },
        { insert: 'outbox', rows: [activated] },
        ...changeMessages(id, [{ setting: 'is_active', old: false, new: true }], context),
      ],
      result: { outcome: 'activated' },
    }
  })
}
