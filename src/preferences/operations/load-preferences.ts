import type { PreferenceRecord } from '../../port/preference-record.ts'
import type { PreferenceSelector } from '../../port/repository.ts'
import type { Core } from '../../runtime/core.ts'
import { byUsernames } from '../../runtime/load-account.ts'
import { type Actor, isSelf, isStaff, isSystem, namedOrOwn, requireAuthenticated } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'

/**
 * Whose preferences a call is about: the named person's, or the actor's own. Holders read and write, staff read; to
 * anybody else known and unknown names look the same.
 */
export function targetOf(actor: Actor, username: string | null | undefined, access: 'read' | 'write'): string {
  requireAuthenticated(actor)
  const name = namedOrOwn(actor, username)
  const allowed = isSelf(actor, name) || (access === 'read' ? isStaff(actor) : isSystem(actor))
  if (!allowed) throw new UserCoreError('not_authorized')
  return name
}

/** Loads the preferences of one person. Throws `user_not_found`. */
export async function loadPreferences(
  core: Core,
  username: string,
  selector: Omit<PreferenceSelector, 'by'> = {},
): Promise<PreferenceRecord> {
  const by = byUsernames([username])
  const [record] = await core.repository.findPreferences({ by, ...selector })
  if (record === undefined) throw new UserCoreError('user_not_found')
  return record
}
