import { isOneOf } from '../port/found-traces.ts'
import type { Settings } from '../site/settings.ts'
import type { JsonValue } from '../values/json.ts'
import { identifierKey } from '../values/text.ts'
import { foldText } from './fold-text.ts'
import { retiredFormsIn } from './retired-forms-in.ts'
import type { SearchTerms } from './search-terms.ts'
import { formsOfText } from './text-forms.ts'

/** The tests that decide whether a value tells of a person. */
export interface TraceMatcher {
  /** Tells whether a value holds one of the terms: within a text, or within JSON at any depth. */
  readonly isTrace: (value: JsonValue) => boolean
  /** Tells whether a value as a whole is one of the identifiers. */
  readonly isIdentifier: (value: JsonValue) => boolean
}

/**
 * Makes the tests for some terms. Letter case and the normal form of Unicode make no difference; a text is decoded where it is
 * percent-encoded or has backslashes; a term counts as a whole word, so that `ada` is not in `Canada`. Retired names are no
 * traces, whatever they look like.
 */
export function traceMatcher({ identifiers, words }: SearchTerms, settings: Settings): TraceMatcher {
  const keys = new Set(identifiers.map(identifierKey))
  const retired = retiredFormsIn(settings)
  const isText = (text: string) =>
    formsOfText(text).some((form) => {
      const folded = foldText(form.replace(retired, ' '))
      return words.some((word) => hasWord(folded, word))
    })
  return {
    isTrace: (value) =>
      textsOf(value).some(({ text, isName }) => (isName ? words.includes(foldText(text)) : isText(text))),
    isIdentifier: (value) => isOneOf(value, keys),
  }
}

/** A text of a value. Names of members count as a whole: they are mostly words of a program. */
interface Text {
  readonly text: string
  readonly isName: boolean
}

/** Returns the texts and numbers in a value, however deep. A text that is JSON itself counts as that. */
function textsOf(value: JsonValue): Text[] {
  const texts: Text[] = []
  const left: JsonValue[] = [value]
  while (left.length > 0) {
    const item = left.pop() ?? null
    if (typeof item === 'number') texts.push({ text: String(item), isName: false })
    if (typeof item === 'string') {
      const parsed = parsedJson(item)
      if (parsed === undefined) texts.push({ text: item, isName: false })
      else left.push(parsed)
    }
    if (typeof item !== 'object' || item === null) continue
    for (const member of Object.values(item)) left.push(member)
    if (!Array.isArray(item)) for (const text of Object.keys(item)) texts.push({ text, isName: true })
  }
  return texts
}

/** Returns the value of a text that is a JSON object or array; `undefined` for any other text. */
function parsedJson(text: string): JsonValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Tells whether a text has a word that begins and ends where words do. */
function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (isEdge(text, at) && isEdge(text, at + word.length)) return true
  }
  return false
}

const inWord = /^[\p{L}\p{M}\p{N}]$/u

/** Matches letters of scripts that are written without blanks between words. */
const unspaced =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u

/** Tells whether a word can end before a place in a text, and another one begin there. */
function isEdge(text: string, at: number): boolean {
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? ''
  const [after = ''] = text.slice(at, at + 2)
  return !(inWord.test(before) && inWord.test(after)) || unspaced.test(before) || unspaced.test(after)
}
