import type { AccountRecord } from '../../port/account-record.ts'
import type { Context } from '../../site/context.ts'
import type { FieldVisibility } from '../../site/define-extended-profile.ts'
import type { JsonObject, JsonValue } from '../../values/json.ts'
import { extendedVisibilityPrefix, preferenceOf, type Reading, type RecordView, viewOf } from '../visibility.ts'
import {
  type ExtendedProfileField,
  effectiveFields,
  type OwnedValue,
  type ReadDocuments,
  readDocumentsAgain,
  readParts,
} from './document.ts'

/** The names of a site that readers can see. */
interface ShownNames {
  readonly extendedProfile: object
  /** Those of the setting `extended_profile_fields`, then the declared ones. */
  readonly names: readonly string[]
  readonly areDeclared: boolean
}

/** The shown names of each site, made once. */
const namesOfSites = new WeakMap<object, ShownNames>()

/** Returns the names of the extended profile that a site has. */
export function shownNames({ settings, extendedProfile }: Context): ShownNames {
  const known = namesOfSites.get(settings)
  if (known?.extendedProfile === extendedProfile) return known
  const declared = Object.keys(extendedProfile.fields)
  const names = [...new Set([...settings.extended_profile_fields, ...declared])]
  const shown = { extendedProfile, names, areDeclared: declared.length > 0 }
  namesOfSites.set(settings, shown)
  return shown
}

const none: readonly string[] = []

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
  const { names, areDeclared } = shownNames(context)
  if (names.length === 0) return none
  const isListed = view.fields.includes('extended_profile')
  if (!areDeclared) return isListed ? names : none
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
export function extendedValues(
  record: AccountRecord,
  context: Pick<Context, 'extendedProfile'>,
): Map<string, OwnedValue> {
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
  readDocuments: ReadDocuments,
): ExtendedProfileField[] {
  const documents = readDocuments(record.extended_profiles, context.extendedProfile)
  return names.map((field_name) => {
    const value = valueIn(documents, field_name)
    return { field_name, field_value: value === undefined ? '' : value }
  })
}

/** Returns the same fields as an object, without those that are not stored. */
export function extendedProfileObject(record: AccountRecord, names: readonly string[], context: Context): JsonObject {
  const documents = readDocumentsAgain(record.extended_profiles, context.extendedProfile)
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = valueIn(documents, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Returns the value of a field that counts; `undefined` where no document has the field. */
export function valueIn(documents: readonly JsonObject[], name: string): JsonValue | undefined {
  for (const document of documents) {
    if (Object.hasOwn(document, name)) return document[name]
  }
  return undefined
}
