import { type Checked, refused } from '../checked.ts'
import { isStorableText } from '../json.ts'
import type { Settings } from '../settings.ts'
import { lengthOf } from '../text.ts'

const minLength = 2
const maxLength = 30

/**
 * Checks the form of a new username: 2 to 30 characters, ASCII letters, digits, `_` and `-`; with
 * `enable_unicode_usernames` letters and digits of every script, blank and `. @ +` too. Nothing is trimmed.
 */
export function checkUsername(value: unknown, pointer: string, settings: Settings): Checked<string> {
  if (typeof value !== 'string') return refused(pointer, 'not_text')
  const length = lengthOf(value)
  if (length < minLength || length > maxLength)
    return refused(pointer, 'bad_length', { min: minLength, max: maxLength })
  const allowed = settings.enable_unicode_usernames ? /^[\p{L}\p{M}\p{N}_ .@+-]+$/u : /^[-a-zA-Z0-9_]+$/
  if (!allowed.test(value) || !isStorableText(value)) return refused(pointer, 'invalid_characters')
  return { value }
}
