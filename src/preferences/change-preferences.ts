import type { SettingChange } from '../outbox/told-change.ts'
import type { Context } from '../site/context.ts'
import type { Checked } from '../values/checked.ts'
import { fieldOf, type Issue, pointerTo } from '../values/issues.ts'
import { isLargerThan, type JsonValue, jsonIssues } from '../values/json.ts'
import { preferenceKeyIssue } from './preference-key.ts'
import { checkPreferenceValue, declaredText, preferenceText, toldText } from './preference-value.ts'
import { reservedPreferenceIssue } from './reserved-preferences.ts'

/** A stored preference, of any of the three tables that keep them. */
export interface StoredPreference {
  readonly key: string
  /** Null for a deleted one. */
  readonly value: string | null
  readonly version: number
}

/** The facts that decide a patch of preferences, beside the stored ones. */
export interface PreferenceRequest {
  /** The number of preferences that the person has in that scope. */
  readonly count: number
  /** The number that a person may have. */
  readonly maxCount: number
  /** Issues of the site and of schemas of declared preferences. At their keys the rules add no further ones. */
  readonly refusals: readonly Issue[]
  /** Keys whose new value is the default, which is not stored. */
  readonly defaults: ReadonlySet<string>
  /** The declarations of the site, by key. */
  readonly definitions: Definitions
}

/** The declarations of a site, by key; only the keys count here. */
type Definitions = Readonly<Record<string, unknown>>

/** The result of a patch of preferences. */
export interface PreferenceChange {
  /** The rows that differ, each with its next version. */
  readonly put: readonly StoredPreference[]
  readonly changes: readonly SettingChange[]
}

/**
 * Applies a merge patch to preferences: a key gets its value as text, null deletes it. Returns all issues of all keys, or
 * the rows to store where there are no issues.
 *
 * A key that is stored already is accepted in any form: the rule of Open edX lets other keys through, and its data can
 * still be changed and deleted. Source: Open edX, `update_user_preferences`.
 */
export function changePreferences(
  stored: readonly StoredPreference[],
  patch: Readonly<Record<string, unknown>>,
  request: PreferenceRequest,
  context: Context,
): Checked<PreferenceChange> {
  const before = new Map(stored.map((row) => [row.key, row]))
  const refusedKeys = new Set(request.refusals.map((issue) => fieldOf(issue.pointer)))
  const issues: Issue[] = [...request.refusals]
  const put: StoredPreference[] = []
  let added = 0
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || refusedKeys.has(key)) continue
    const row = before.get(key)
    const old = row?.value ?? null
    const checked: Checked<string | null> =
      value === null ? { value: null } : checkEntry(key, value, old !== null, request.definitions, context)
    if ('issues' in checked) {
      issues.push(...checked.issues)
      continue
    }
    const text = request.defaults.has(key) ? null : checked.value
    if (text === old) continue
    added += Number(text !== null) - Number(old !== null)
    put.push({ key, value: text, version: (row?.version ?? 0) + 1 })
  }
  if (added > 0 && request.count + added > request.maxCount) {
    const fresh = put.filter(({ key }) => (before.get(key)?.value ?? null) === null)
    issues.push(...fresh.map(({ key }) => tooMany(key, request.maxCount)))
  }
  if (issues.length > 0) return { issues }
  const changes = put.map(({ key, value }) => ({
    setting: key,
    old: told(key, before.get(key)?.value ?? null, request.definitions),
    new: told(key, value, request.definitions),
  }))
  return { value: { put, changes } }
}

/**
 * Returns the issue of a patch that is larger than the setting `patch_max_bytes`. It is checked first: for a larger patch
 * nothing is loaded, and no schema runs.
 */
export function oversizeIssues(patch: Readonly<Record<string, unknown>>, { settings }: Context): Issue[] {
  const max_bytes = settings.patch_max_bytes
  const limits = { maxBytes: max_bytes, maxDepth: settings.extended_profile_max_depth + 1 }
  const isOver =
    isLargerThan(patch, max_bytes) || jsonIssues(patch, '', limits).some(({ code }) => code === 'too_large')
  return isOver ? [{ pointer: '', code: 'too_large', params: { max_bytes } }] : []
}

function checkEntry(
  key: string,
  value: unknown,
  isStored: boolean,
  definitions: Definitions,
  { settings }: Context,
): Checked<string> {
  const pointer = pointerTo('', key)
  const keyIssue = isStored ? undefined : preferenceKeyIssue(key, pointer)
  if (keyIssue !== undefined) return { issues: [keyIssue] }
  const checked = checkPreferenceValue(
    value,
    pointer,
    settings,
    Object.hasOwn(definitions, key) ? declaredText : preferenceText,
  )
  if ('issues' in checked) return checked
  const code = reservedPreferenceIssue(key, checked.value)
  return code === undefined ? checked : { issues: [{ pointer, code }] }
}

function tooMany(key: string, max: number): Issue {
  return { pointer: pointerTo('', key), code: 'too_many', params: { max } }
}

/** Returns the stored text of one preference; null where there is none. */
export function storedText(stored: readonly StoredPreference[], key: string): string | null {
  return stored.find((row) => row.key === key)?.value ?? null
}

/** Returns the value of one preference as text; null where there is none. */
export function preferenceValue(
  stored: readonly StoredPreference[],
  key: string,
  definitions: Definitions = {},
): string | null {
  return told(key, storedText(stored, key), definitions)
}

/**
 * Returns the values of preferences that are not deleted, as texts by key. Keys can be names that every object inherits:
 * callers read own members alone.
 */
export function preferenceValues(
  stored: readonly StoredPreference[],
  definitions: Definitions = {},
): Record<string, string> {
  const texts: [key: string, text: string][] = []
  for (const { key, value } of stored) {
    const text = told(key, value, definitions)
    if (text !== null) texts.push([key, text])
  }
  return Object.fromEntries(texts)
}

function told(key: string, text: string | null, definitions: Definitions): string | null {
  return text !== null && Object.hasOwn(definitions, key) ? toldText(text) : text
}

/** Tells whether a patch names no key. Open edX refuses such a patch. */
export function isEmptyPatch(patch: Readonly<Record<string, JsonValue | undefined>>): boolean {
  return Object.values(patch).every((value) => value === undefined)
}
