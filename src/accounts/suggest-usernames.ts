import { requireKind, requireText } from '../values/arguments.ts'
import { callback } from '../values/kinds.ts'
import { lengthOf } from '../values/text.ts'

/** The most suggestions. */
const most = 3
const maxLength = 30
/** The highest number that is put behind a name. */
const lastNumber = 99

/** Latin letters that have no decomposition in Unicode. */
const plainLetters: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ß: 'ss',
  þ: 'th',
}

/**
 * Suggests usernames for a name: at most three, the closest first.
 *
 * Each has a form that every site takes: 2 to 30 characters, lower-case ASCII letters, digits and `_`. `isTaken` is
 * asked for a limited number of usernames, and those for which it returns true are left out. Returns `[]` for a name
 * without Latin letters and digits.
 *
 * ```ts
 * suggestUsernames('Ada King', (username) => username === 'ada_king')
 * ```
 */
export function suggestUsernames(name: string, isTaken: (username: string) => boolean): readonly string[] {
  requireText(name, 'name')
  requireKind(isTaken, callback, 'isTaken')
  const suggestions = new Set<string>()
  for (const candidate of candidatesFor(name)) {
    if (suggestions.size === most) break
    if (lengthOf(candidate) >= 2 && !suggestions.has(candidate) && !isTaken(candidate)) suggestions.add(candidate)
  }
  return [...suggestions]
}

function* candidatesFor(name: string): Generator<string> {
  const words = wordsOf(name)
  const [first, last] = [words[0], words.at(-1)]
  if (first === undefined || last === undefined) return
  const full = words.join('_').slice(0, maxLength)
  yield full
  yield words.join('').slice(0, maxLength)
  yield first.slice(0, maxLength)
  if (words.length > 1) yield `${first.slice(0, 1)}${last}`.slice(0, maxLength)
  for (let number = 2; number <= lastNumber; number++) yield `${full.slice(0, maxLength - 2)}${number}`
}

/** Returns the words of a name in plain lower-case letters. No more of it is read than a name can have. */
function wordsOf(name: string): string[] {
  const plain = name
    .slice(0, 255)
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .toLowerCase()
    .replace(/[æœøđðħıłßþ]/g, (letter) => plainLetters[letter] ?? '')
  return plain.match(/[a-z0-9]+/g) ?? []
}
