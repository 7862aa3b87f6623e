import type { RetirementRow } from '../port/tables.ts'

const longestNote = 1000
const removed = '[removed]'

/** UTF-16 units of a text that are looked at: enough for a note out of which names were taken. */
const longestText = 4 * longestNote

/** No name or address of a person is longer, so that half of one, where a text was cut, is in so many units at its end. */
const longestName = 510

/** Words of a name shorter than this are in too many other words to take them out. */
const shortestWord = 3

/**
 * What is kept of what a caller says of a move: drivers send the text of errors, which can hold anything. Names and
 * addresses of the person are taken out, and whatever else looks like an e-mail address.
 */
export function cleanNote(text: unknown, person: Partial<RetirementRow>): string {
  const whole = typeof text === 'string' ? text : (JSON.stringify(text) ?? '')
  const said = whole.slice(0, longestText)
  const { original_username = '', original_email = '', original_name = '' } = person
  const words = original_name.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word.length >= shortestWord)
  const nameless = [original_email, original_name, original_username, ...words]
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
