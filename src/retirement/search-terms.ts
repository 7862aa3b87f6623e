import { formsOfName, identifierKey, lengthOf, spellingsOfKey } from '../values/text.ts'
import { foldText } from './fold-text.ts'
import { shortestWord, wordsOfName } from './name-words.ts'

/** Everything that names a person, as far as it is still known. */
export interface PersonIdentifiers {
  readonly usernames: readonly string[]
  readonly emails: readonly string[]
  readonly phone_numbers: readonly string[]
  /** Names of people are those of many: they count in texts, not as a whole column. */
  readonly names: readonly string[]
  /** Names in other systems. */
  readonly external: readonly string[]
}

/** The texts that a verification looks for. */
export interface SearchTerms {
  /** Values of columns that name a person by themselves, in each spelling that a table can have. */
  readonly identifiers: readonly string[]
  /** Texts that tell of the person within others, as `foldText` returns them. */
  readonly words: readonly string[]
}

/** Returns the terms of a person: all that names them, and the words of their names. Shorter ones count as identifiers alone. */
export function searchTermsOf({ usernames, emails, phone_numbers, names, external }: PersonIdentifiers): SearchTerms {
  const identifiers = [...usernames, ...emails, ...phone_numbers, ...external].filter(
    (value) => identifierKey(value) !== '',
  )
  const digits = phone_numbers.map((number) => number.replace(/[^+\d]/g, ''))
  const within = [
    ...identifiers.flatMap((value) => [value, ...spellingsOfKey(identifierKey(value))]),
    ...digits,
    ...names,
    ...names.flatMap(wordsOfName),
  ]
  return {
    identifiers: [...new Set([...identifiers, ...digits].flatMap(spellings))],
    words: [...new Set(within.map(foldText))].filter((word) => lengthOf(word) >= shortestWord),
  }
}

function spellings(value: string): readonly string[] {
  const key = identifierKey(value)
  return key === ''
    ? []
    : [value, value.toLowerCase(), value.toUpperCase(), ...spellingsOfKey(key), ...formsOfName(value)]
}

/** Returns the terms by which a database can find a row: those of ASCII alone, in lower case. */
export function plainTexts(terms: readonly string[]): string[] {
  return [...new Set(terms.map(foldText))].filter((term) => /^[\0-\x7f]+$/.test(term))
}
