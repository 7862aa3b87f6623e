import type { PreferenceRecord } from '../../port/preference-record.ts'
import type { Core } from '../../runtime/core.ts'
import { byUsernames } from '../../runtime/load-account.ts'
import { type Actor, isSelf, namedOrOwn, requireAuthenticated } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'

/** Returns the username that a call is about. `others` tells actors who may deal with the tags of other people. */
export function targetOf(actor: Actor, username: string | null | undefined, others: (actor: Actor) => boolean): string {
  requireAuthenticated(actor)
  const name = namedOrOwn(actor, username)
  if (!isSelf(actor, name) && !others(actor)) throw new UserCoreError('not_authorized')
  return name
}

/** Loads a person with one course tag. Throws `user_not_found`. */
export async function loadCourseTag(
  core: Core,
  username: string,
  course_id: string,
  key: string,
): Promise<PreferenceRecord> {
  const by = byUsernames([username])
  const [record] = await core.repository.findPreferences({ by, course_id, keys: [key] })
  if (record === undefined) throw new UserCoreError('user_not_found')
  return record
}
