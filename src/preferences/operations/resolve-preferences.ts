import type { PreferenceRecord } from '../../port/preference-record.ts'
import { requireHolderOr, requireHoldersOr } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { loadMany } from '../../runtime/load-account.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { PreferenceSchemas, Preferences } from '../../site/define-preferences.ts'
import type { Whom } from '../../site/whom.ts'
import { storedText } from '../change-preferences.ts'
import { type ResolvedPreference, resolvePreference } from '../declared-values.ts'
import { type PreferenceScope, selectorOf } from '../scope.ts'
import { loadPreferences } from './load-preferences.ts'

type Definitions = Preferences<PreferenceSchemas>['definitions']

/** Resolved preferences of one person, by key. */
export type ResolvedRecord = Record<string, ResolvedPreference<unknown>>

/** Returns the preferences that apply to one person. Throws `user_not_found`. */
export async function resolvePreferences(
  core: Core,
  definitions: Definitions,
  actor: Actor,
  whom: Whom,
  keys: readonly string[],
  scope: PreferenceScope,
): Promise<ResolvedRecord> {
  const holder = await requireHolderOr(core, actor, whom, isStaff)
  return resolveRecord(await loadPreferences(core, holder, { keys, ...selectorOf(scope) }), definitions, keys)
}

/** Returns the preferences that apply to each of many people. */
export async function resolvePreferencesOfMany<W extends Whom>(
  core: Core,
  definitions: Definitions,
  actor: Actor,
  whom: readonly W[],
  keys: readonly string[],
  scope: PreferenceScope,
): Promise<Map<W, ResolvedRecord>> {
  await requireHoldersOr(core, actor, whom, isStaff)
  const records = await loadMany(core, whom, (by) =>
    core.repository.findPreferences({ by, keys, ...selectorOf(scope), counted: false }),
  )
  const resolved = new Map<W, ResolvedRecord>()
  for (const [element, record] of records) resolved.set(element, await resolveRecord(record, definitions, keys))
  return resolved
}

async function resolveRecord(
  { preferences, org_tags, course_tags }: PreferenceRecord,
  definitions: Definitions,
  keys: readonly string[],
): Promise<ResolvedRecord> {
  const values: [string, ResolvedPreference<unknown>][] = []
  for (const key of keys) {
    const definition = Object.hasOwn(definitions, key) ? definitions[key] : undefined
    const value = await resolvePreference(definition, [
      { source: 'course', text: storedText(course_tags, key) },
      { source: 'org', text: storedText(org_tags, key) },
      { source: 'user', text: storedText(preferences, key) },
    ])
    values.push([key, value])
  }
  return Object.fromEntries(values)
}
