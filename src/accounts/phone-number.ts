import { type Checked, refused } from '../checked.ts'

const maxLength = 50

/**
 * Checks a telephone number and brings it into its stored form: digits, after a leading `+` where there was one.
 *
 * `null` and blank text clear it. Text without any digit is refused rather than dropped.
 */
export function checkPhoneNumber(value: unknown, pointer: string): Checked<string | null> {
  if (value === null) return { value: null }
  if (typeof value !== 'string') return refused(pointer, 'not_text')
  const text = value.trim()
  if (text === '') return { value: null }
  const digits = text.replace(/[^0-9]/g, '')
  if (digits === '') return refused(pointer, 'invalid_format')
  const number = text.startsWith('+') ? `+${digits}` : digits
  return number.length > maxLength ? refused(pointer, 'too_long', { max: maxLength }) : { value: number }
}

/**
 * Tells whether text is a telephone number as registration forms take it: digits only, after an optional `+`.
 * Source: Open edX, the rule of the profile's column.
 */
export function isPlainPhoneNumber(text: string): boolean {
  return /^\+?\d*$/.test(text)
}
