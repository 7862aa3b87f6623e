/**
 * The form in which usernames and e-mail addresses are compared and kept unique.
 *
 * White space around is dropped, compatibility characters and letter case are folded (Unicode NFKC, full case folding
 * by way of upper case). Computed here and stored, because the collations of databases disagree with each other.
 */
export function identifierKey(value: string): string {
  return value.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC').trim()
}

/** Most characters that columns of short texts hold. */
const columnLength = 255

/**
 * Tells whether a username or an address has a key that can be stored: there is something in it, and it fits its
 * column. A single compatibility character can become eighteen.
 */
export function hasStorableKey(value: string): boolean {
  const key = identifierKey(value)
  return key !== '' && lengthOf(key) <= columnLength
}

/** Tells whether a text shows anything: it has more than white space, controls and characters that have no form. */
export function isVisible(text: string): boolean {
  return /[^\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}]/u.test(text)
}

/** Number of Unicode code points: what the limits of this library count. */
export function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

/**
 * Cuts a text that is longer than `max` UTF-16 units, and puts `…` in place of its last one. Half a surrogate pair that
 * the cut would leave is replaced.
 */
export function cutText(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`
}
