import { type Checked, refused } from '../../values/checked.ts'
import { isStorableText } from '../../values/json.ts'
import { isFarLongerThan, lengthOf } from '../../values/text.ts'

/**
 * Checks a field that holds one code of a list. `null` and `''` clear it. Codes are case-sensitive and not trimmed.
 */
export function checkCode(value: unknown, codes: readonly string[], pointer: string): Checked<string | null> {
  if (value === null || value === '') return { value: null }
  return typeof value === 'string' && codes.includes(value) ? { value } : refused(pointer, 'invalid_choice')
}

/**
 * Checks a field that holds free text. White space around is dropped; `null` clears it; a number counts as its digits,
 * since forms send some.
 */
export function checkFreeText(value: unknown, pointer: string, max: number): Checked<string | null> {
  if (value === null) return { value: null }
  if (typeof value !== 'string' && typeof value !== 'number') return refused(pointer, 'not_text')
  if (isFarLongerThan(String(value), max)) return refused(pointer, 'too_long', { max })
  const text = String(value).trim()
  if (!isStorableText(text)) return refused(pointer, 'bad_text')
  return lengthOf(text) > max ? refused(pointer, 'too_long', { max }) : { value: text }
}
