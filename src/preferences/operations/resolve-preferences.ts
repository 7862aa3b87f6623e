import type { Core } from '../../runtime/core.ts'
import { byUsernames } from '../../runtime/load-account.ts'
import { type Actor, isSelf, isStaff, requireAuthenticated } from '../../site/actor.ts'
import type { PreferenceSchemas, Preferences } from '../../site/define-preferences.ts'
import { UserCoreError } from '../../values/errors.ts'
import { identifierKey } from '../../values/text.ts'
import { storedText } from '../change-preferences.ts'
import { type ResolvedPreference, resolvePreference } from '../declared-values.ts'
import type { PreferencePlace } from './update-preferences.ts'

/** Resolved preferences of one person, by key. */
export type ResolvedRecord = Record<string, ResolvedPreference<unknown>>

/** The preferences that apply to people, by username in the order of the call; unknown people are left out. */
export async function resolvePreferences(
  core: Core,
  { definitions }: Preferences<PreferenceSchemas>,
  actor: Actor,
  usernames: readonly string[],
  keys: readonly string[],
  { org, course_id }: PreferencePlace,
): Promise<Map<string, ResolvedRecord>> {
  requireAuthenticated(actor)
  if (!isStaff(actor) && !usernames.every((username) => isSelf(actor, username)))
    throw new UserCoreError('not_authorized')
  const records = await core.repository.findPreferences({
    by: byUsernames(usernames),
    keys,
    ...(org === undefined ? {} : { org }),
    ...(course_id === undefined ? {} : { course_id }),
  })
  const byKey = new Map(records.map((record) => [record.user.username_key, record]))
  const resolved = new Map<string, ResolvedRecord>()
  for (const username of usernames) {
    const record = byKey.get(identifierKey(username))
    if (record === undefined) continue
    const values: [string, ResolvedPreference<unknown>][] = []
    for (const key of keys) {
      const definition = Object.hasOwn(definitions, key) ? definitions[key] : undefined
      const value = await resolvePreference(definition, [
        { source: 'course', text: storedText(record.course_tags, key) },
        { source: 'org', text: storedText(record.org_tags, key) },
        { source: 'user', text: storedText(record.preferences, key) },
      ])
      values.push([key, value])
    }
    resolved.set(username, Object.fromEntries(values))
  }
  return resolved
}
