import type { RetirementRow } from '../tables.ts'

const longestNote = 1000
const removed = '[removed]'

/** Words of a name shorter than this are in too many other words to take them out. */
const shortestWord = 3

/**
 * What is kept of what a caller says of a move: drivers send the text of errors, which can hold anything. Names and
 * addresses of the person are taken out, and whatever else looks like an e-mail address.
 */
export function cleanNote(text: unknown, person: Partial<RetirementRow>): string {
  const said = typeof text === 'string' ? text : (JSON.stringify(text) ?? '')
  const { original_username = '', original_email = '', original_name = '' } = person
  const words = original_name.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word.length >= shortestWord)
  const cleaned = [original_email, original_name, original_username, ...words]
    .map((value) => value.trim())
    .filter((value) => value !== '')
    .reduce((note, value) => note.replace(wholeWords(value), removed), said.normalize('NFC'))
  return cleaned
    .replace(/[^\s@"'<>()[\]]+(?:@|%40)[^\s@"'<>()[\]]+/giu, removed)
    .replaceAll('\0', '')
    .slice(0, longestNote)
    .toWellFormed()
}

function wholeWords(value: string): RegExp {
  const escaped = value.normalize('NFC').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'giu')
}
