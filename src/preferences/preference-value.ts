import { type Checked, refused } from '../checked.ts'
import { type JsonValue, jsonIssues } from '../json.ts'
import type { Settings } from '../settings.ts'

/**
 * The text that a value is stored as: text as it is, `true` and `false` as `True` and `False`, numbers in plain
 * decimals, everything else as JSON text. Clients of Open edX know the first three in this form.
 */
export function preferenceText(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return JSON.stringify(value)
}

/**
 * What a stored text can have been: the text itself, and the JSON value it spells. Which of them was meant only a
 * declaration of the preference tells.
 */
export function preferenceReadings(text: string): JsonValue[] {
  if (text === 'True') return [text, true]
  if (text === 'False') return [text, false]
  try {
    return [text, JSON.parse(text)]
  } catch {
    return [text]
  }
}

/** Checks a value, and answers the text that it is stored as. Blank text is no value. */
export function checkPreferenceValue(value: unknown, pointer: string, settings: Settings): Checked<string> {
  if (value === null || value === undefined) return refused(pointer, 'required')
  const max_bytes = settings.preference_max_bytes
  const issues = jsonIssues(value, pointer, { maxBytes: max_bytes + 2, maxDepth: settings.extended_profile_max_depth })
  if (issues.length > 0) return { issues }
  const text = preferenceText(value as JsonValue)
  if (text.trim() === '') return refused(pointer, 'required')
  return Buffer.byteLength(text) > max_bytes ? refused(pointer, 'too_large', { max_bytes }) : { value: text }
}
