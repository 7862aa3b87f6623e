import { message } from '../../outbox/messages.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import { emptyProfile } from '../../port/empty-profile.ts'
import type { Write } from '../../port/write.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount, userRef } from '../../runtime/load-account.ts'
import { requireWritable } from '../../runtime/read-only.ts'
import { type Actor, isSelf, isStaff, requireAuthenticated } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { badArgument } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf, toInstant } from '../../values/instant.ts'
import { accountChange } from '../account-change.ts'
import { forgetImageWrites, imageWrites, namedImage, toldImageFiles } from '../fields/profile-image.ts'

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
  if (typeof state?.uploaded !== 'boolean') throw badArgument('state', 'an object whose uploaded is true or false')
  await decideAndSave(core, async () => {
    const context = contextOf(core)
    const before = await loadAccount(core, username)
    await requireWritable(core, actor, userRef(before.user), 'profile_image')
    const profile_image_uploaded_at = state.uploaded ? toInstant(state.uploaded_at ?? instantOf(context.now)) : null
    if (profile_image_uploaded_at === undefined) throw badArgument('uploaded_at', 'a Date or text of ISO 8601')
    const after = {
      ...before,
      profile: { ...(before.profile ?? emptyProfile(before.user.id)), profile_image_uploaded_at },
    }
    const { writes } = accountChange(before, after, { changed_by: null }, context)
    const files = state.uploaded
      ? imageWrites(before, namedImage(before, core.settings, context.random))
      : writes.length > 0
        ? removalWrites(before, context)
        : []
    return {
      people: [before.user],
      writes: [...writes, ...files],
      result: undefined,
    }
  })
}

/** Tells the host which files to delete. */
function removalWrites(before: AccountRecord, context: Context): Write[] {
  const names = toldImageFiles(before, context.settings)
  return [
    ...forgetImageWrites(before, context.settings),
    { insert: 'outbox', rows: [message('notification', 'profile_image.removed', before.user.id, { names }, context)] },
  ]
}
