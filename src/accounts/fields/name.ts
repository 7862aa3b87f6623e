import { requireText } from '../../values/arguments.ts'
import { type Checked, refused } from '../../values/checked.ts'
import { isStorableText } from '../../values/json.ts'
import { once } from '../../values/once.ts'
import { isFarLongerThan, isVisible, lengthOf } from '../../values/text.ts'

export const nameMaxLength = 255

/** Control characters, and marks that change the direction of the text after them. */
const invisible = once(() => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)

/**
 * Checks a full name: 1 to 255 characters after trimming, one of them visible, no `<`, `>` or `://`, no control
 * character and no mark of direction. Joiners inside are allowed, since some names are written with them. The rule is
 * one for patches, name requests and registration, where Open edX has three.
 */
export function checkName(value: unknown, pointer: string): Checked<string> {
  if (typeof value !== 'string') return refused(pointer, value === null ? 'required' : 'not_text')
  if (isFarLongerThan(value, nameMaxLength)) return refused(pointer, 'too_long', { max: nameMaxLength })
  const name = value.trim()
  if (!isVisible(name) && isStorableText(name)) return refused(pointer, 'required')
  if (lengthOf(name) > nameMaxLength) return refused(pointer, 'too_long', { max: nameMaxLength })
  if (/[<>]/.test(name)) return refused(pointer, 'name_has_html')
  if (name.includes('://')) return refused(pointer, 'name_has_url')
  if (!isStorableText(name) || invisible().test(name)) return refused(pointer, 'bad_text')
  return { value: name }
}

/**
 * Tells whether a new name differs from the old one by one character at most, blanks aside.
 *
 * Ready-made for the `nameNeedsVerification` hook: sites that verify names let such changes pass. Two blanks in a row
 * are no minor edit.
 *
 * ```ts
 * isMinorNameEdit('Ada Lovelace', 'Ada Lovelacé') // true
 * ```
 */
export function isMinorNameEdit(oldName: string, newName: string): boolean {
  requireText(oldName, 'oldName')
  requireText(newName, 'newName')
  if ([oldName, newName].some((name) => isFarLongerThan(name, nameMaxLength)) || /\s\s/.test(newName)) return false
  const visible = (name: string) => [...name.normalize('NFC').replace(/\s/g, '')]
  const [shorter, longer] = [visible(oldName), visible(newName)].sort((a, b) => a.length - b.length) as [
    string[],
    string[],
  ]
  if (longer.length - shorter.length > 1) return false
  let start = 0
  while (start < shorter.length && shorter[start] === longer[start]) start++
  // After the first difference the rest must agree, with that character replaced or skipped.
  const skip = longer.length > shorter.length ? 0 : 1
  return longer.slice(start + 1).join() === shorter.slice(start + skip).join()
}
