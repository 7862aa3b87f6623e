import { extendedVisibilityPrefix, privacyKey, visibilityPrefix } from '../accounts/visibility.ts'
import { accountPrivacies } from '../values/code-lists.ts'
import type { IssueCode } from '../values/issues.ts'
import { isTimeZone } from './time-zones.ts'

/** Preferences whose values mean something to the library or to the stock clients, each with its test. */
const meanings: Readonly<Record<string, (text: string) => boolean>> = {
  [privacyKey]: (text) => accountPrivacies.some((privacy) => privacy === text),
  time_zone: isTimeZone,
  'pref-lang': isLanguageTag,
  'dark-lang': isLanguageTag,
}

/** Whether a key, in exactly this spelling, is one of the names that mean something by themselves. */
export function hasMeaning(key: string): boolean {
  return Object.hasOwn(meanings, key)
}

/** Whether a preference has a meaning, in any spelling of its key. */
export function isReservedPreference(key: string): boolean {
  const name = key.toLowerCase()
  return name.startsWith(visibilityPrefix) || Object.hasOwn(meanings, name)
}

/**
 * Tells whether a preference is a field of the account as well, or says who sees one: what keeps the field from being
 * written keeps the preference.
 */
export function isAccountPreference(key: string): boolean {
  return key === privacyKey || key === 'time_zone' || key.startsWith(visibilityPrefix)
}

/**
 * What is wrong with a value of a preference that has a meaning; `undefined` when nothing is, or when it has none.
 * Another spelling of such a name is refused: two preferences that look alike would mean different things.
 */
export function reservedPreferenceIssue(key: string, text: string): IssueCode | undefined {
  if (!isReservedPreference(key)) return undefined
  const isExtended = key.startsWith(extendedVisibilityPrefix)
  if (!isExtended && key !== key.toLowerCase()) return 'reserved_name'
  const isMeant = key.startsWith(visibilityPrefix) ? text === 'all_users' || text === 'private' : meanings[key]?.(text)
  return isMeant ? undefined : 'invalid_choice'
}

/** Whether a text is a language tag of BCP 47, such as `es-419`. */
function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}
