import { extendedVisibilityPrefix, privacyKey, visibilityPrefix } from '../accounts/visibility.ts'
import { accountPrivacies } from '../values/code-lists.ts'
import type { IssueCode } from '../values/issues.ts'
import { isTimeZone } from './time-zones.ts'

/** Tests of the values of preferences that the library or the stock clients interpret, by key. */
const meanings: Readonly<Record<string, (text: string) => boolean>> = {
  [privacyKey]: (text) => accountPrivacies.some((privacy) => privacy === text),
  time_zone: isTimeZone,
  'pref-lang': isLanguageTag,
  'dark-lang': isLanguageTag,
}

/** Tells whether a key, in exactly this spelling, is one of the names with a meaning. */
export function hasMeaning(key: string): boolean {
  return Object.hasOwn(meanings, key)
}

/** Tells whether a preference has a meaning, in any spelling of its key. */
export function isReservedPreference(key: string): boolean {
  const name = key.toLowerCase()
  return name.startsWith(visibilityPrefix) || Object.hasOwn(meanings, name)
}

/**
 * Tells whether a preference is a field of the account as well, or the visibility of one: a field that is read-only makes
 * the preference read-only.
 */
export function isAccountPreference(key: string): boolean {
  return key === privacyKey || key === 'time_zone' || key.startsWith(visibilityPrefix)
}

/**
 * Returns the code of the issue of a value of a preference that has a meaning; `undefined` where there is none, and for
 * preferences without a meaning. Another spelling of such a name is refused: two preferences that look alike would mean
 * different things.
 */
export function reservedPreferenceIssue(key: string, text: string): IssueCode | undefined {
  if (!isReservedPreference(key)) return undefined
  const isExtended = key.startsWith(extendedVisibilityPrefix)
  if (!isExtended && key !== key.toLowerCase()) return 'reserved_name'
  const isMeant = key.startsWith(visibilityPrefix) ? text === 'all_users' || text === 'private' : meanings[key]?.(text)
  return isMeant ? undefined : 'invalid_choice'
}

/** Tells whether a text is a language tag of BCP 47, such as `es-419`. */
function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}
