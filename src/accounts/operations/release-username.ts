import type { Actor } from '../../actor.ts'
import { type Core, decideAndSave } from '../../core.ts'
import { UserCoreError } from '../../errors.ts'
import { retiredForms } from '../../retirement/retired-identifier.ts'
import { identifierKey } from '../../text.ts'
import { requireReplacer } from './replace-usernames.ts'

export async function releaseUsername(core: Core, actor: Actor, username: string): Promise<void> {
  requireReplacer(core, actor)
  // Of somebody who was erased only the retired form is left.
  const keys = [username, ...retiredForms('username', username, core.settings)].map(identifierKey)
  await decideAndSave(core, async () => {
    const [row] = await core.repository.select('former_usernames', { username_key: keys })
    if (row === undefined) throw new UserCoreError('not_found')
    const { username_key, user_id } = row
    return {
      writes: [{ delete: 'former_usernames', where: { username_key, user_id }, guarded: true }],
      result: undefined,
    }
  })
}
