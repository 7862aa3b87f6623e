import { UserCoreError } from './errors.ts'
import { isStorableText } from './json.ts'
import type { UserId } from './tables.ts'
import { lengthOf } from './text.ts'

/** The error of a call whose argument is not what its type says, as from a query string that nobody looked at. */
export function badArgument(argument: string): UserCoreError {
  return new UserCoreError('bad_request', { params: { argument } })
}

/** An argument that has to be text. Throws `bad_request`. */
export function requireText(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw badArgument(argument)
  return value
}

/** An argument that has to be a list of texts. Throws `bad_request`. */
export function requireTexts(values: unknown, argument: string): readonly string[] {
  const isList = Array.isArray(values) && values.every((value) => typeof value === 'string')
  if (!isList) throw badArgument(argument)
  return values
}

const longestName = 255

/** An argument that has to be the name of something: 1 to 255 characters that can be stored. Throws `bad_request`. */
export function requireName(value: unknown, argument: string): string {
  const name = requireText(value, argument)
  if (name === '' || lengthOf(name) > longestName || !isStorableText(name)) throw badArgument(argument)
  return name
}

/** An argument that has to be the id of a person; text of digits is taken where ids are numbers. Throws `bad_request`. */
export function requireUserId(id: unknown, idType: 'integer' | 'text', argument: string): UserId {
  if (idType === 'text') return requireName(typeof id === 'number' ? String(id) : id, argument)
  const number = typeof id === 'string' && /^\s*[+-]?\d+\s*$/.test(id) ? Number(id) : id
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw badArgument(argument)
  return number
}

/** An argument that has to be a whole number above zero. Throws `bad_request`. */
export function requireCount(value: unknown, argument: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw badArgument(argument)
  return value
}
