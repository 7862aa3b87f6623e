import type { Settings } from '../site/settings.ts'
import { type Checked, refused } from '../values/checked.ts'
import { type JsonValue, jsonIssues } from '../values/json.ts'
import { isVisible } from '../values/text.ts'

/**
 * Returns the text that a value is stored as: text as it is, `true` and `false` as `True` and `False`, numbers and all
 * other values as JSON text. Clients of Open edX know text, booleans and numbers in this form.
 */
export function preferenceText(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return JSON.stringify(value)
}

/**
 * Returns the text that a value of a declared preference is stored as: the same, but for text that spells another value
 * (`5`, `True`, `{}`), which is put in quotes. `declaredValue` reads the value back exactly.
 */
export function declaredText(value: JsonValue): string {
  return typeof value === 'string' && declaredValue(value) !== value ? JSON.stringify(value) : preferenceText(value)
}

/**
 * Returns the value of a declared preference that a stored text spells. A text that `declaredText` returns for no other
 * value is itself: `true`, `1.0` and `"a"` are texts.
 */
export function declaredValue(text: string): JsonValue {
  if (text === 'True') return true
  if (text === 'False') return false
  const spelt = parse(text)
  if (spelt === undefined || spelt === null) return text
  if (typeof spelt === 'string') return declaredValue(spelt) === spelt ? text : spelt
  return preferenceText(spelt) === text ? spelt : text
}

/**
 * Returns the values that a stored text can have been, the likeliest first: the value of which `declaredText` makes it;
 * then the text itself and the JSON that it spells, for texts that were stored by Open edX or before their key was
 * declared.
 */
export function preferenceReadings(text: string): JsonValue[] {
  return [...new Set([declaredValue(text), text, parse(text) ?? text])]
}

/** Returns the text of a declared preference without the quotes that keep its type, as `get` and events have it. */
export function toldText(text: string): string {
  const value = text.startsWith('"') ? declaredValue(text) : text
  return typeof value === 'string' ? value : text
}

/** Returns the JSON that a text spells, or `undefined`. Most texts spell none, and are not parsed. */
function parse(text: string): JsonValue | undefined {
  if (!/^[\s[{"\dtfn-]/.test(text)) return undefined
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

/** Returns the text that a value is stored as, or its issues. Blank text is no value. */
export function checkPreferenceValue(
  value: unknown,
  pointer: string,
  settings: Settings,
  textOf = preferenceText,
): Checked<string> {
  if (value === null || value === undefined) return refused(pointer, 'required')
  const max_bytes = settings.preference_max_bytes
  const issues = jsonIssues(value, pointer, { maxBytes: max_bytes + 2, maxDepth: settings.extended_profile_max_depth })
  if (issues.length > 0) return { issues }
  const text = textOf(value as JsonValue)
  if (!isVisible(text)) return refused(pointer, 'required')
  return Buffer.byteLength(text) > max_bytes ? refused(pointer, 'too_large', { max_bytes }) : { value: text }
}
