import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { imageFileNames, imageWrites, namedImage } from '../fields/profile-image.ts'

export async function nameProfileImage(core: Core, actor: Actor, whom: Whom): Promise<Record<number, string>> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  return decideAndSave(core, async () => {
    const { settings, random } = contextOf(core)
    const record = await loadAccount(core, target)
    const image = namedImage(record, settings, random)
    return {
      writes: imageWrites(record, image),
      people: [record.user],
      result: imageFileNames(image.name, Object.values(settings.profile_image_sizes)),
    }
  })
}
