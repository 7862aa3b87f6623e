import { requireHolderOr, requireStaff } from '../../runtime/authorize.ts'
import type { Core } from '../../runtime/core.ts'
import { loadMany } from '../../runtime/load-account.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { PreferenceSchemas, Preferences } from '../../site/define-preferences.ts'
import type { Whom } from '../../site/whom.ts'
import { preferenceValues, type StoredPreference } from '../change-preferences.ts'
import { loadPreferences } from './load-preferences.ts'

/** Returns the stored preferences of one person, for the holder, staff and trusted code. */
export async function getStored(
  core: Core,
  actor: Actor,
  whom: Whom,
  keys?: readonly string[],
): Promise<readonly StoredPreference[]> {
  const holder = await requireHolderOr(core, actor, whom, isStaff)
  return (await loadPreferences(core, holder, keys === undefined ? {} : { keys })).preferences
}

/** Returns preferences of many people, as texts by key, for staff and trusted code. */
export async function getPreferencesOfMany<W extends Whom>(
  core: Core,
  definitions: Preferences<PreferenceSchemas>['definitions'],
  actor: Actor,
  whom: readonly W[],
  keys: readonly string[],
): Promise<Map<W, Record<string, string>>> {
  requireStaff(actor)
  const records = await loadMany(core, whom, (by) => core.repository.findPreferences({ by, keys, counted: false }))
  return new Map(
    [...records].map(([element, { preferences }]) => [element, preferenceValues(preferences, definitions)] as const),
  )
}
