import { type Checked, refused } from '../../values/checked.ts'

/** Years; no person is older. */
const oldest = 120

/**
 * Checks a year of birth: a whole number, or text that says one, within the last 120 years. `null` clears it.
 *
 * Source: Open edX takes text as well, since its pages send the text of a select box; the bounds are ours.
 */
export function checkYearOfBirth(value: unknown, pointer: string, currentYear: number): Checked<number | null> {
  if (value === null) return { value: null }
  const year =
    typeof value === 'string' && /^\s*\d{1,5}(?:\.0+)?\s*$/.test(value)
      ? Number(value)
      : typeof value === 'number'
        ? value
        : Number.NaN
  if (!Number.isInteger(year)) return refused(pointer, 'not_an_integer')
  const { minimum: min, maximum: max } = birthYears(currentYear)
  return year < min || year > max ? refused(pointer, 'out_of_range', { min, max }) : { value: year }
}

/** Returns the first and the last year of birth that can be said in a year. */
export function birthYears(currentYear: number): { readonly minimum: number; readonly maximum: number } {
  return { minimum: currentYear - oldest, maximum: currentYear }
}
