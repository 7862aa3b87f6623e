import jsonMergePatch from 'json-merge-patch'
import { copyJson, isEqual, type JsonLimits, type JsonValue } from '../values/json.ts'
import { defaultPatchLimits, patchError, requireChecked, requireJson, requireLimits } from './guard.ts'

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
  const before = requireChecked(document, '', limits)
  const change = requireChecked(patch, '', limits)
  const result = merged(before.copy, change.copy)
  // All of the result comes from one of the two, at its own depth: it cannot be larger than both together.
  const { maxBytes, maxKeys = Number.POSITIVE_INFINITY } = limits
  const isWithin = before.bytes + change.bytes <= maxBytes && before.keys + change.keys <= maxKeys
  if (!isWithin) requireJson(result, '', limits)
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

/** Merges two values that no other code holds. */
function merged(document: JsonValue, patch: JsonValue): JsonValue {
  if (!hasTroublesomeName(document) && !hasTroublesomeName(patch)) {
    return jsonMergePatch.apply(document, patch) as JsonValue
  }
  return rename(jsonMergePatch.apply(rename(document, mark), rename(patch, mark)), unmark)
}

/** Tells whether a member in a value has a name that `apply` of json-merge-patch calls as a method. */
function hasTroublesomeName(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, 'hasOwnProperty') || Object.values(value).some(hasTroublesomeName)
}

/**
 * json-merge-patch 1.0.2 fails on targets with a member `hasOwnProperty`, and takes `valueOf` and `toString` of members
 * that it compares for methods. Where that can matter it gets copies whose names all begin with a mark.
 */
const mark = (name: string) => `.${name}`
const unmark = (name: string) => name.slice(1)

function rename(value: unknown, newName: (name: string) => string): JsonValue {
  if (Array.isArray(value)) return value.map((member) => rename(member, newName))
  if (typeof value !== 'object' || value === null) return value as JsonValue
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [newName(name), rename(member, newName)]))
}
