import { extendedVisibilityPrefix, visibilityPrefix } from '../accounts/visibility.ts'
import { type SettingChange, type ToldChange, tellChange } from '../outbox/told-change.ts'
import type { Context } from '../site/context.ts'
import type { PreferenceSchemas, Preferences } from '../site/define-preferences.ts'
import type { Settings } from '../site/settings.ts'
import { hasMeaning } from './reserved-preferences.ts'

/**
 * Returns a change of a preference as an event may carry it: with values where the setting `event_value_fields` has its
 * key, and under the name `preferences` where the site does not know the key. The person has chosen such a key, which can
 * hold personal data.
 */
export function tellPreference(
  change: SettingChange,
  declared: Preferences<PreferenceSchemas>['definitions'],
  context: Context,
): ToldChange {
  const key = change.setting
  const tellsValues = context.settings.event_value_fields.includes(key)
  const isKnown = tellsValues || Object.hasOwn(declared, key) || hasMeaning(key) || isVisibilityOfKnown(key, context)
  return isKnown ? tellChange(change, tellsValues) : tellChange({ ...change, setting: 'preferences' }, false)
}

/** Tells whether a key is that of the visibility of a field that the site knows. */
function isVisibilityOfKnown(key: string, { settings, extendedProfile }: Context): boolean {
  if (key.startsWith(extendedVisibilityPrefix)) {
    const name = key.slice(extendedVisibilityPrefix.length)
    return settings.extended_profile_fields.includes(name) || Object.hasOwn(extendedProfile.fields, name)
  }
  return key.startsWith(visibilityPrefix) && shareableFields(settings).includes(key.slice(visibilityPrefix.length))
}

function shareableFields({ account_visibility_configuration }: Settings): readonly string[] {
  const { public_fields, bulk_shareable_fields, custom_shareable_fields } = account_visibility_configuration
  return [...public_fields, ...bulk_shareable_fields, ...custom_shareable_fields]
}
