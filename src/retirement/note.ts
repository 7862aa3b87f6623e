import type { RetirementRow } from '../port/tables.ts'
import { wordsOfName } from './name-words.ts'

const longestNote = 1000
const removed = '[removed]'

/** The UTF-16 units of a text that are read: enough for a whole note after names were taken out. */
const longestText = 4 * longestNote

/**
 * UTF-16 units of the longest name or address: where a text was cut, half of one is within so many units of its end.
 */
const longestName = 510

/**
 * Returns the part of a note that is kept: drivers send the text of errors, which can hold anything. Names and
 * addresses of the person are replaced by `[removed]`, as is every other text that looks like an e-mail address.
 */
export function cleanNote(text: unknown, person: Partial<RetirementRow>): string {
  const whole = typeof text === 'string' ? text : (JSON.stringify(text) ?? '')
  const said = whole.slice(0, longestText)
  const { original_username = '', original_email = '', original_name = '' } = person
  const nameless = [original_email, original_name, original_username, ...wordsOfName(original_name)]
    .map((value) => value.trim())
    .filter((value) => value !== '')
    .reduce((note, value) => note.replace(wholeWords(value), removed), said.normalize('NFC'))
  const cleaned = nameless.replace(/[^\s"'<>()[\]]+/g, (word) => (/.(?:@|%40)./iu.test(word) ? removed : word))
  return cleaned
    .slice(0, whole.length > longestText ? -longestName : undefined)
    .replaceAll('\0', '')
    .slice(0, longestNote)
    .toWellFormed()
}

function wholeWords(value: string): RegExp {
  const escaped = value.normalize('NFC').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'giu')
}
