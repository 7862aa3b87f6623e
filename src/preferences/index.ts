// Preferences, their scopes, and time zones

export type { PreferenceSource, ResolvedPreference } from './declared-values.ts'
export type { PreferenceFilter, PreferenceItem, PreferenceUser } from './operations/list-preferences.ts'
export type { UpdatePreferencesOptions, UpdatePreferencesResult } from './operations/update-preferences.ts'
export type {
  KnownPreference,
  PreferenceKey,
  PreferenceOperations,
  PreferencePatch,
  PreferenceValue,
  ResolvedPreferences,
} from './preferences.ts'
export type { PreferenceScope } from './scope.ts'
export { isTimeZone, listTimeZones, type TimeZone } from './time-zones.ts'
