import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { imageFileNames, imageWrites, namedImage } from '../fields/profile-image.ts'

export async function nameProfileImage(core: Core, actor: Actor, whom: Whom): Promise<Record<number, string>> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  return decideAndSave(core, async () => {
    const { settings, random } = contextOf(core)
    const record = await loadAccount(core, target)
    const image = namedImage(record, settings, random)
    const writes = imageWrites(record, image)
    const result = imageFileNames(image.name, Object.values(settings.profile_image_sizes))
    // Files that are named already can be deleted, whatever becomes of the person.
    return writes.length === 0
      ? { writes: [], result }
      : { writes, permit: permitToStore(core, actor, [record]), result }
  })
}
