import type { Settings } from '../../site/settings.ts'
import { type Checked, refused } from '../../values/checked.ts'
import { isStorableText } from '../../values/json.ts'
import { hasInvisible, hasStorableKey, isBeyondStorage, lengthOf } from '../../values/text.ts'
import { isDotSegment } from '../reserved-usernames.ts'

/** The fewest and the most characters of a new username. */
export const usernameLimits = { min: 2, max: 30 }

/**
 * Checks the form of a new username: 2 to 30 characters, ASCII letters, digits, `_` and `-`; with
 * `enable_unicode_usernames` letters and digits of every script, blank and `. @ +` too. Nothing is trimmed, but two blanks
 * in a row and characters that show nothing are refused: the name would look like another one. The dots that name folders
 * in an address are no names.
 */
export function checkUsername(value: unknown, pointer: string, settings: Settings): Checked<string> {
  if (typeof value !== 'string') return refused(pointer, 'not_text')
  const length = isBeyondStorage(value) ? Number.POSITIVE_INFINITY : lengthOf(value)
  if (length < usernameLimits.min || length > usernameLimits.max) return refused(pointer, 'bad_length', usernameLimits)
  const allowed = settings.enable_unicode_usernames ? /^[\p{L}\p{M}\p{N}_ .@+-]+$/u : /^[-a-zA-Z0-9_]+$/
  if (!allowed.test(value) || hasInvisible(value) || !isStorableText(value) || !hasStorableKey(value))
    return refused(pointer, 'invalid_characters')
  return isDotSegment(value) ? refused(pointer, 'reserved_name') : { value }
}

/** Most characters of a username that trusted code gives. Source: Open edX, the column of its user table. */
const storedMaxLength = 150

/** Tells whether a username can be stored, whatever new ones have to look like. */
export function isStorableUsername(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    !isBeyondStorage(value) &&
    lengthOf(value) <= storedMaxLength &&
    isStorableText(value) &&
    hasStorableKey(value) &&
    !isDotSegment(value)
  )
}
