import { type Checked, refused } from '../../values/checked.ts'
import { isFarLongerThan, isVisible } from '../../values/text.ts'

export const phoneMaxLength = 50

/**
 * Checks a telephone number and brings it into its stored form: digits, after a leading `+` where there was one.
 *
 * `null` and text that shows nothing clear it. Blanks, dashes, dots, slashes and brackets say nothing and are dropped.
 * Whatever else stands in it is refused, since the number would be another without it: an extension, a letter, a digit
 * of another script, a second number.
 */
export function checkPhoneNumber(value: unknown, pointer: string): Checked<string | null> {
  if (value === null) return { value: null }
  if (typeof value !== 'string') return refused(pointer, 'not_text')
  if (isFarLongerThan(value, phoneMaxLength)) return refused(pointer, 'too_long', { max: phoneMaxLength })
  if (!isVisible(value)) return { value: null }
  const number = value.replace(/[\s\p{Pd}\p{Cf}()./]/gu, '')
  if (!/^\+?\d+$/.test(number)) return refused(pointer, 'invalid_format')
  return number.length > phoneMaxLength ? refused(pointer, 'too_long', { max: phoneMaxLength }) : { value: number }
}

/**
 * Tells whether text is a telephone number as registration forms take it: digits only, after an optional `+`.
 * Source: Open edX, the rule of the profile's column.
 */
export function isPlainPhoneNumber(text: string): boolean {
  return /^\+?\d*$/.test(text)
}
