import type { Issue } from '../values/issues.ts'
import { forbiddenNames } from '../values/json.ts'

const maxLength = 255

/**
 * Returns the issue of the key of a new preference, or `undefined`. A key has 1 to 255 letters, digits, `-`, `_` and `.`;
 * nothing is trimmed. Open edX looks for one such character anywhere, so its data has other keys: see
 * `changePreferences`.
 */
export function preferenceKeyIssue(key: string, pointer: string): Issue | undefined {
  if (key.length > maxLength) return { pointer, code: 'too_long', params: { max: maxLength } }
  if (forbiddenNames.has(key)) return { pointer, code: 'forbidden_name' }
  return /^[-_.a-zA-Z0-9]+$/.test(key) ? undefined : { pointer, code: 'invalid_characters' }
}
