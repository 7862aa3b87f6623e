import { type Core, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { identifierKey } from '../../values/text.ts'
import { retiredForms } from '../retired-identifier.ts'
import { requireReplacer } from './replace-usernames.ts'

export async function releaseUsername(core: Core, actor: Actor, username: string): Promise<void> {
  requireReplacer(core, actor)
  // Of a person who was erased only the retired form is left.
  const keys = [username, ...retiredForms('username', username, core.settings)].map(identifierKey)
  await decideAndSave(core, async () => {
    const [row] = await core.repository.select('former_usernames', { username_key: keys })
    if (row === undefined) throw new UserCoreError('not_found', { params: { what: 'former_username' } })
    const { username_key, user_id } = row
    return {
      writes: [
        { delete: 'former_usernames', where: { username_key, user_id }, guarded: true },
        { delete: 'retired_identifiers', where: { kind: 'username', form: username_key } },
      ],
      permit: housekeeping,
      result: undefined,
    }
  })
}
