import { nodeNet, nodeUrl } from './built-ins.ts'
import { UserCoreError } from './errors.ts'
import { once } from './once.ts'

/** The most characters that columns of short texts hold. */
const columnLength = 255

/**
 * The most UTF-16 units of a name or an address: those of a full column in which every character is a surrogate pair.
 */
const longestIdentifier = 2 * columnLength

/**
 * Returns the form in which usernames and e-mail addresses are compared and kept unique.
 *
 * White space around is dropped, compatibility characters and letter case are folded (Unicode NFKC, full case folding
 * by way of upper case). Behind an `@`, spellings that IDNA takes for one domain are one: `xn--…` and its letters,
 * U+3002 and a full stop, with and without soft hyphens and characters without width (UTS #46); so are the spellings of
 * an IPv6 address. Before it, quotes and backslashes that change nothing are dropped (RFC 5321, section 4.1.2).
 * Computed here and stored, because the collations of databases disagree with each other.
 *
 * A text that is too long for a name or an address has the key `''`, which no account has.
 *
 * ```ts
 * identifierKey(' Ada@Example.com ') === identifierKey('ada@example.com') // true
 * ```
 */
export function identifierKey(value: string): string {
  if (typeof value !== 'string')
    throw new UserCoreError('bad_request', { params: { argument: 'value' }, detail: 'value must be text' })
  if (isBeyondStorage(value)) return ''
  // Most names are their own keys.
  if (/^[-+_.a-z0-9@]*$/.test(value) && !value.includes('xn--')) return value
  const folded = foldIdentifier(value)
  const at = folded.lastIndexOf('@')
  return at < 0 ? folded : `${localKey(folded.slice(0, at))}@${domainKey(folded.slice(at + 1))}`
}

/**
 * Tells whether a text is longer than every name and address that can be stored. Called before any work that takes
 * long.
 */
export function isBeyondStorage(value: string): boolean {
  return value.length > longestIdentifier
}

/** Tells whether two names, or two addresses, are the same one. A text without a key is the same as no other. */
export function isSameIdentifier(a: string, b: string): boolean {
  const key = identifierKey(a)
  return key !== '' && key === identifierKey(b)
}

/**
 * Returns the key of an address, and the other spelling of its domain that tables without keys may hold:
 * `info@bücher.example` and `info@xn--bcher-kva.example`.
 */
export function spellingsOfKey(key: string): readonly string[] {
  if (isAscii(key)) return [key]
  const domain = key.lastIndexOf('@') + 1
  const letters = key.slice(domain)
  const ascii = domain === 0 || isAscii(letters) ? '' : nodeUrl().domainToASCII(letters)
  return [...new Set([key, key.slice(0, domain) + (ascii || letters)])]
}

/**
 * Returns the forms of a name or an address that a table without keys may compare, where its database folds letter case
 * by another rule than ours: ASCII alone, letter by letter, or all of Unicode, and the name composed or not. For ASCII
 * the key is the only one.
 */
export function formsOfName(name: string): readonly string[] {
  if (isBeyondStorage(name)) return []
  // Keys have no blanks around them; names can.
  if (isAscii(name)) return name.trim() === name ? [] : [name]
  const composed = [name, name.normalize('NFC'), name.normalize('NFD')]
  const folds = [
    (text: string) => text,
    (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
    // A capital I with a dot becomes two characters, of which this takes the first.
    (text: string) => Array.from(text, (letter) => Array.from(letter.toLowerCase())[0]).join(''),
    (text: string) => text.toLowerCase(),
  ]
  return [...new Set(composed.flatMap((text) => folds.map((fold) => fold(text))))]
}

/** Folds letter case and compatibility characters of a name or an address; see `identifierKey`. */
export function foldIdentifier(text: string): string {
  return text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC').trim()
}

/** Returns the local part of an address, without backslashes and quotes that it does not need. */
function localKey(local: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(local)?.[1]
  if (quoted === undefined) return local
  const plain = quoted.replace(/\\(.)/g, '$1')
  return isDotAtom(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`
}

/** Tells whether the local part of an address needs no quotes (RFC 5322, dot-atom). */
export function isDotAtom(local: string): boolean {
  return /^[-!#$%&'*+/=?^_`{|}~a-zA-Z0-9]+(?:\.[-!#$%&'*+/=?^_`{|}~a-zA-Z0-9]+)*$/.test(local)
}

/** Returns the letters of a folded domain; a text that is no domain stays as it is. */
function domainKey(domain: string): string {
  const literal = /^\[(.*)\]$/.exec(domain)?.[1]
  if (literal !== undefined) {
    const url = `http://${domain}`
    return nodeNet().isIPv6(literal) && URL.canParse(url) ? new URL(url).hostname : domain
  }
  if (isAscii(domain) ? !domain.includes('xn--') : !/^(?:[-a-z0-9.]|[^\0-\x7f])+$/.test(domain)) return domain
  // Joiners too: IDNA takes them where a script needs them, and its first version took them nowhere.
  const letters = withoutIgnorable(domain)
  return withoutIgnorable(foldIdentifier(nodeUrl().domainToUnicode(letters) || letters))
}

function withoutIgnorable(text: string): string {
  return text.replace(/\p{Default_Ignorable_Code_Point}/gu, '')
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text)
}

/**
 * Tells whether a username or an address has a key that can be stored: the key has a visible character, and fits its
 * column. A single compatibility character can become eighteen.
 */
export function hasStorableKey(value: string): boolean {
  const key = identifierKey(value)
  return isVisible(key) && lengthOf(key) <= columnLength
}

/**
 * Matches a visible character: none of white space, controls, characters without width, fillers, and those that are
 * blank though they count as letters or symbols (Braille, musical notation, Khitan and Egyptian script).
 */
const visible = once(
  () =>
    /[^\p{White_Space}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u{1d159}\u{13441}\u{13442}\u{16fe4}]/u,
)

/** The pattern of a visible character, for the flag `u`. */
export const visiblePattern = (): string => visible().source

/** Tells whether a text has a visible character. */
export function isVisible(text: string): boolean {
  return visible().test(text)
}

/** Tells whether a text has an invisible character, or two blanks in a row: another text can look the same. */
export function hasInvisible(text: string): boolean {
  return /\s\s/.test(text) || [...text].some((character) => !/\s/.test(character) && !isVisible(character))
}

/** Returns the number of Unicode code points, in which the limits of this library are counted. */
export function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

/**
 * Tells whether a text is sure to have more than `max` code points once white space around is dropped and characters
 * are composed. Called before either is done: Unicode normalisation takes time that grows with the square of some
 * texts.
 */
export function isFarLongerThan(text: string, max: number): boolean {
  // Up to four code points compose into one, each of one UTF-16 unit or two; the rest is room for white space.
  return text.length > 8 * max + 64
}

/**
 * Cuts a text that is longer than `max` UTF-16 units, and puts `…` in place of its last one. Half a surrogate pair that
 * the cut would leave is replaced.
 */
export function cutText(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`
}
