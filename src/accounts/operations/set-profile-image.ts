import { message } from '../../outbox/messages.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import { emptyProfile } from '../../port/empty-profile.ts'
import type { Write } from '../../port/write.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount, userRef } from '../../runtime/load-account.ts'
import { permitToStore, permitToWithdraw } from '../../runtime/permit.ts'
import { requireWritable } from '../../runtime/read-only.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import { instantOf, toInstant } from '../../values/instant.ts'
import { accountChange } from '../account-change.ts'
import { forgetImageWrites, imageWrites, namedImage, toldImageFiles } from '../fields/profile-image.ts'

/** A profile image that was stored, with its time, or that was removed. */
export type ProfileImageState =
  | {
      readonly uploaded: true
      /** Default: now. */
      readonly uploadedAt?: Date | string
    }
  | { readonly uploaded: false }

export async function setProfileImage(core: Core, actor: Actor, whom: Whom, state: ProfileImageState): Promise<void> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  if (typeof state?.uploaded !== 'boolean') throw badArgument('state', 'an object whose uploaded is true or false')
  await decideAndSave(core, async () => {
    const context = contextOf(core)
    const before = await loadAccount(core, target)
    const permitTo = state.uploaded ? permitToStore : permitToWithdraw
    const permit = permitTo(core, actor, [before])
    await requireWritable(core, actor, userRef(before.user), 'profile_image')
    const profile_image_uploaded_at = state.uploaded ? toInstant(state.uploadedAt ?? instantOf(context.now)) : null
    if (profile_image_uploaded_at === undefined) throw badArgument('uploadedAt', 'a Date or text of ISO 8601')
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
      permit,
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
