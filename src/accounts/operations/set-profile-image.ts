import { type Actor, isSelf, isStaff, requireAuthenticated } from '../../actor.ts'
import { badArgument } from '../../arguments.ts'
import { type Core, contextOf, decideAndSave } from '../../core.ts'
import { UserCoreError } from '../../errors.ts'
import { message } from '../../events.ts'
import { instantOf, toInstant } from '../../instant.ts'
import { loadAccount, userRef } from '../../load-account.ts'
import { requireWritable } from '../../read-only.ts'
import type { Write } from '../../write.ts'
import { accountChanges } from '../account-changes.ts'
import { accountWrites } from '../account-writes.ts'
import { changeMessages } from '../change-messages.ts'
import { profileImageNames } from '../profile-image.ts'

/** Whether a person has a profile image now, and since when. */
export type ProfileImageState =
  | {
      readonly uploaded: true
      /** Default: now. */
      readonly uploaded_at?: Date | string
    }
  | { readonly uploaded: false }

export async function setProfileImage(
  core: Core,
  actor: Actor,
  username: string,
  state: ProfileImageState,
): Promise<void> {
  requireAuthenticated(actor)
  if (!isStaff(actor) && !isSelf(actor, username)) throw new UserCoreError('not_authorized')
  if (typeof state?.uploaded !== 'boolean') throw badArgument('state')
  await decideAndSave(core, async () => {
    const context = contextOf(core)
    const before = await loadAccount(core, username)
    await requireWritable(core, actor, userRef(before.user), 'profile_image')
    if (before.profile === undefined) throw new UserCoreError('user_not_found')
    const profile_image_uploaded_at = state.uploaded ? toInstant(state.uploaded_at ?? instantOf(context.now)) : null
    if (profile_image_uploaded_at === undefined) throw badArgument('uploaded_at')
    const after = { ...before, profile: { ...before.profile, profile_image_uploaded_at } }
    const writes = accountWrites(before, after)
    const names = Object.values(profileImageNames(before.user.username, core.settings))
    const removed: Write[] =
      writes.length > 0 && !state.uploaded
        ? [
            {
              insert: 'outbox',
              rows: [message('notification', 'profile_image.removed', before.user.id, { names }, context)],
            },
          ]
        : []
    return {
      writes: [
        ...writes,
        ...removed,
        ...changeMessages(before.user.id, accountChanges(before, after, context), context),
      ],
      result: undefined,
    }
  })
}
