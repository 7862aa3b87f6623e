import jsonMergePatch from 'json-merge-patch'
import { copyJson, isEqual, type JsonLimits, type JsonValue } from '../values/json.ts'
import { defaultPatchLimits, patchError, requireJson, requireLimits } from './guard.ts'

/**
 * Applies a merge patch: members that are objects are merged, null removes a member, any other value replaces it.
 * Neither argument is changed, and the result shares nothing with them.
 *
 * Throws `patch_error` for a value that is no JSON, reaches a prototype or passes the limits. Source: RFC 7396, section
 * 2.
 *
 * ```ts
 * applyMergePatch({ a: 1, b: 2 }, { b: null, c: 3 }) // { a: 1, c: 3 }
 * ```
 */
export function applyMergePatch(
  document: JsonValue,
  patch: JsonValue,
  limits: JsonLimits = defaultPatchLimits,
): JsonValue {
  requireLimits(limits)
  requireJson(document, '', limits)
  requireJson(patch, '', limits)
  const result = rename(jsonMergePatch.apply(rename(document, mark), rename(patch, mark)), unmark)
  requireJson(result, '', limits)
  return result
}

/**
 * Makes the merge patch that leads from one value to another; `{}` when they are equal objects.
 *
 * Throws `patch_error`, with the issue `not_expressible`, where there is none: a merge patch cannot set a member to
 * null.
 *
 * ```ts
 * diffMergePatch({ a: 1, b: 2 }, { a: 1, c: 3 }) // { b: null, c: 3 }
 * ```
 */
export function diffMergePatch(
  before: JsonValue,
  after: JsonValue,
  limits: JsonLimits = defaultPatchLimits,
): JsonValue {
  requireLimits(limits)
  requireJson(before, '', limits)
  requireJson(after, '', limits)
  const generated = jsonMergePatch.generate(rename(before, mark), rename(after, mark))
  const patch = generated === undefined ? sameAs(before) : rename(generated, unmark)
  if (!isEqual(applyMergePatch(before, patch, limits), after)) throw patchError('', 'not_expressible')
  return patch
}

/** Returns the patch that changes nothing: `{}` for an object; any other value is replaced by itself. */
function sameAs(value: JsonValue): JsonValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? {} : copyJson(value)
}

/**
 * json-merge-patch 1.0.2 stops at members such as `constructor` without an error, fails on targets with a member
 * `hasOwnProperty`, and changes its arguments. It gets copies whose names all begin with a mark.
 */
const mark = (name: string) => `.${name}`
const unmark = (name: string) => name.slice(1)

function rename(value: unknown, newName: (name: string) => string): JsonValue {
  if (Array.isArray(value)) return value.map((member) => rename(member, newName))
  if (typeof value !== 'object' || value === null) return value as JsonValue
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [newName(name), rename(member, newName)]))
}
