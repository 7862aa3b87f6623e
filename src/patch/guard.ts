import { requireKind } from '../values/arguments.ts'
import { UserCoreError } from '../values/errors.ts'
import type { Issue, IssueCode } from '../values/issues.ts'
import {
  type CheckedJson,
  checkJson,
  forbiddenNames,
  isPlainObject,
  type JsonLimits,
  type JsonValue,
} from '../values/json.ts'
import { count, object, optional } from '../values/kinds.ts'

/** Limits of the size of documents and patches. */
export interface PatchLimits extends JsonLimits {
  /** The most operations of one JSON Patch. */
  readonly maxOperations: number
}

/** The limits of a call that names none: a mebibyte, 64 levels, 10,000 members, 1000 operations. */
export const defaultPatchLimits: PatchLimits = {
  maxBytes: 1_048_576,
  maxDepth: 64,
  maxKeys: 10_000,
  maxOperations: 1000,
}

const limitsKind = object({
  maxBytes: count(0, Number.MAX_SAFE_INTEGER),
  maxDepth: count(0, 1000),
  maxKeys: optional(count(0, Number.MAX_SAFE_INTEGER)),
  maxOperations: optional(count(0, Number.MAX_SAFE_INTEGER)),
})

/** Throws `bad_request` for a value that is no set of limits. */
export function requireLimits(limits: unknown): void {
  requireKind(limits, limitsKind, 'limits')
}

/**
 * Makes the error of a patch that cannot be applied: the reason and the place, as a JSON Pointer into the patch or the
 * document. It holds neither of them.
 */
export function patchError(pointer: string, code: IssueCode, params?: Issue['params']): UserCoreError {
  return new UserCoreError('patch_error', {
    issues: [params === undefined ? { pointer, code } : { pointer, code, params }],
  })
}

/** Throws unless a value is JSON within the limits, without a name in it that reaches a prototype. */
export function requireJson(value: unknown, pointer: string, limits: JsonLimits): asserts value is JsonValue {
  requireChecked(value, pointer, limits)
}

/** Does the same, and returns a copy of what was checked: no later look at the value can find anything else. */
export function requireChecked(value: unknown, pointer: string, limits: JsonLimits): CheckedJson {
  const checked = checkJson(value, pointer, limits)
  if (checked.issues.length > 0) throw new UserCoreError('patch_error', { issues: checked.issues })
  return checked
}

/**
 * Returns the tokens of a JSON Pointer (RFC 6901), or `undefined` for a text that is none. `~` stands before `0` or `1`
 * alone.
 */
export function readPointer(pointer: string): string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Tells whether a token reaches a prototype instead of a member. */
export function isForbiddenToken(token: string): boolean {
  return forbiddenNames.has(token)
}

/** Returns the index that a token means in a list of some length, or `undefined` when it means none. */
export function readIndex(token: string, length: number): number | undefined {
  const index = /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : -1
  return index >= 0 && index < length ? index : undefined
}

/** Returns the own member of a value that a token names, or `undefined` where there is none. */
export function memberOf(value: unknown, token: string): unknown {
  if (Array.isArray(value)) {
    const index = readIndex(token, value.length)
    return index === undefined ? undefined : value[index]
  }
  return isPlainObject(value) && Object.hasOwn(value, token) ? value[token] : undefined
}
