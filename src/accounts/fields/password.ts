import type { Settings } from '../../site/settings.ts'
import { type Checked, refused } from '../../values/checked.ts'
import { isBeyondStorage, isFarLongerThan, lengthOf } from '../../values/text.ts'

/** From this share of common characters on, a password counts as too similar to a value of the person. */
const similarityLimit = 0.7

/**
 * Returns the form in which a password is checked and handed on: composed and decomposed spellings are the same
 * password (Unicode NFKC). `undefined`: it is far too long to be a password.
 */
export function normalizePassword(
  password: string,
  { password_max_length }: Pick<Settings, 'password_max_length'>,
): string | undefined {
  return isFarLongerThan(password, password_max_length) ? undefined : password.normalize('NFKC')
}

/**
 * Checks a new password: its length, and that it is not nearly the username or the e-mail address.
 *
 * Returns it normalised. The library never stores it: see the `credentials` hook.
 */
export function checkPassword(
  value: unknown,
  pointer: string,
  settings: Settings,
  person: { readonly username?: unknown; readonly email?: unknown } = {},
): Checked<string> {
  if (typeof value !== 'string') return refused(pointer, 'not_text')
  const password = normalizePassword(value, settings)
  if (password === undefined) return refused(pointer, 'too_long', { max: settings.password_max_length })
  const length = lengthOf(password)
  if (length < settings.password_min_length) return refused(pointer, 'too_short', { min: settings.password_min_length })
  if (length > settings.password_max_length) return refused(pointer, 'too_long', { max: settings.password_max_length })
  // A value that is too long for a name or an address is refused as that.
  const [username, email] = [person.username, person.email].map((text) =>
    typeof text === 'string' && !isBeyondStorage(text) ? text : '',
  ) as [string, string]
  const known = [username, email, email.split('@')[0] ?? ''].filter((text) => text !== '')
  return known.some((text) => similarity(password, text) >= similarityLimit)
    ? refused(pointer, 'too_similar')
    : { value: password }
}

/**
 * Returns twice the number of characters that both texts have, divided by the length of both: 1 for anagrams, 0 for
 * nothing in common.
 */
function similarity(a: string, b: string): number {
  const counts = new Map<string, number>()
  const [first, second] = [a, b].map((text) => [...text.toLowerCase()]) as [string[], string[]]
  if (first.length + second.length === 0) return 0
  for (const character of first) counts.set(character, (counts.get(character) ?? 0) + 1)
  let common = 0
  for (const character of second) {
    const left = counts.get(character) ?? 0
    if (left > 0) common++
    counts.set(character, left - 1)
  }
  return (2 * common) / (first.length + second.length)
}

/** Returns values with whether there is a password, in place of the password. */
export function withoutPassword<Values extends { readonly password?: string }>(values: Values) {
  return { ...values, password: values.password !== undefined }
}
