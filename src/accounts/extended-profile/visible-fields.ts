import type { AccountRecord } from '../../port/account-record.ts'
import type { Context } from '../../site/context.ts'
import type { FieldVisibility } from '../../site/define-extended-profile.ts'
import type { JsonObject } from '../../values/json.ts'
import { extendedVisibilityPrefix, preferenceOf, type Reading, type RecordView, viewOf } from '../visibility.ts'
import { type ExtendedProfileField, effectiveFields, type OwnedValue, readParts } from './document.ts'

/** The shown names of each site, made once. */
const namesOfSites = new WeakMap<object, { readonly extendedProfile: object; readonly names: readonly string[] }>()

/** Returns the names that readers can see: those of the setting `extended_profile_fields`, then the declared ones. */
function shownNames({ settings, extendedProfile }: Context): readonly string[] {
  const known = namesOfSites.get(settings)
  if (known?.extendedProfile === extendedProfile) return known.names
  const names = [...new Set([...settings.extended_profile_fields, ...Object.keys(extendedProfile.fields)])]
  namesOfSites.set(settings, { extendedProfile, names })
  return names
}

/** Returns the readers to whom a declared field is shown; `undefined`: it is not declared. */
export function visibilityOf(name: string, { extendedProfile }: Context): FieldVisibility | undefined {
  if (!Object.hasOwn(extendedProfile.fields, name)) return undefined
  return extendedProfile.fields[name]?.visibility ?? 'staff'
}

/**
 * Returns the names of extended profile fields that a reader sees. Those that are not declared are seen by all who see
 * the field `extended_profile`, by default the holder and staff.
 */
export function visibleExtendedNames(
  record: AccountRecord,
  reading: Reading,
  context: Context,
  view: RecordView = viewOf(record, reading, context),
): readonly string[] {
  const names = shownNames(context)
  if (names.length === 0) return names
  const isListed = view.fields.includes('extended_profile')
  const isHolder = view.isHolder || reading.isTrusted
  return names.filter((name) => {
    const visibility = visibilityOf(name, context)
    if (visibility === undefined) return isListed
    if (view.seesEverything) return isHolder || visibility !== 'private'
    if (visibility !== 'shared' || record.profile === undefined) return false
    if (view.privacy !== 'custom') return view.privacy === 'all_users'
    return preferenceOf(record, extendedVisibilityPrefix + name) === 'all_users'
  })
}

/** Returns the values of an extended profile that count, by name of the field. */
export function extendedValues(record: AccountRecord, context: Context): Map<string, OwnedValue> {
  return effectiveFields(readParts(record.extended_profiles, context.extendedProfile))
}

/**
 * Returns extended profile fields as documents show them: in the order of the names, with `''` for one that is not
 * stored. Source: Open edX, `get_extended_profile`.
 */
export function showExtendedProfile(
  record: AccountRecord,
  names: readonly string[],
  context: Context,
): ExtendedProfileField[] {
  const values = extendedValues(record, context)
  return names.map((field_name) => ({
    field_name,
    field_value: values.get(field_name)?.value ?? emptyValue(values, field_name),
  }))
}

/** Returns the same fields as an object, without those that are not stored. */
export function extendedProfileObject(record: AccountRecord, names: readonly string[], context: Context): JsonObject {
  const values = extendedValues(record, context)
  return Object.fromEntries(
    names.flatMap((name) => {
      const owned = values.get(name)
      return owned === undefined ? [] : [[name, owned.value]]
    }),
  )
}

/** Returns null for a stored null, and `''` for a field that is not stored. */
function emptyValue(values: ReadonlyMap<string, OwnedValue>, name: string): null | '' {
  return values.has(name) ? null : ''
}
