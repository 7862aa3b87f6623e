import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { imageFileNames, imageWrites, namedImage } from '../fields/profile-image.ts'

export async function nameProfileImage(core: Core, username: string): Promise<Record<number, string>> {
  return decideAndSave(core, async () => {
    const { settings, random } = contextOf(core)
    const record = await loadAccount(core, username)
    const image = namedImage(record, settings, random)
    return {
      writes: imageWrites(record, image),
      people: [record.user],
      result: imageFileNames(image.name, Object.values(settings.profile_image_sizes)),
    }
  })
}
