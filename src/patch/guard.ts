import { requireKind } from '../values/arguments.ts'
import { UserCoreError } from '../values/errors.ts'
import type { Issue, IssueCode } from '../values/issues.ts'
import { forbiddenNames, isPlainObject, type JsonLimits, type JsonValue, jsonIssues } from '../values/json.ts'
import { count, object, optional } from '../values/kinds.ts'

/** How large documents and patches may be. */
export interface PatchLimits extends JsonLimits {
  /** Operations of one JSON Patch. */
  readonly maxOperations: number
}

/** Limits where a call names none: a mebibyte, 64 levels, 10,000 members, 1000 operations. */
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

/** Throws `bad_request` for limits that are none. */
export function requireLimits(limits: unknown): void {
  requireKind(limits, limitsKind, 'limits')
}

/**
 * The error of a patch that cannot be applied: where, as a JSON Pointer into the patch or the document, and why. It
 * holds neither.
 */
export function patchError(pointer: string, code: IssueCode, params?: Issue['params']): UserCoreError {
  return new UserCoreError('patch_error', {
    issues: [params === undefined ? { pointer, code } : { pointer, code, params }],
  })
}

/** Throws unless a value is JSON within the limits, with no name in it that reaches a prototype. */
export function requireJson(value: unknown, pointer: string, limits: JsonLimits): asserts value is JsonValue {
  const issues = jsonIssues(value, pointer, limits)
  if (issues.length > 0) throw new UserCoreError('patch_error', { issues })
}

/**
 * The tokens of a JSON Pointer (RFC 6901); `undefined` when it is none. `~` stands before `0` or `1` alone.
 */
export function readPointer(pointer: string): string[] | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Whether a token reaches a prototype instead of a member. */
export function isForbiddenToken(token: string): boolean {
  return forbiddenNames.has(token)
}

/** The index that a token means in a list of that length; `undefined` when it means none. */
export function readIndex(token: string, length: number): number | undefined {
  const index = /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : -1
  return index >= 0 && index < length ? index : undefined
}

/** The member of a value that a token names, by own members alone; `undefined` where there is none. */
export function memberOf(value: unknown, token: string): unknown {
  if (Array.isArray(value)) {
    const index = readIndex(token, value.length)
    return index === undefined ? undefined : value[index]
  }
  return isPlainObject(value) && Object.hasOwn(value, token) ? value[token] : undefined
}
