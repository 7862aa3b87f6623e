import fastJsonPatch from 'fast-json-patch'
import { copyJson, isPlainObject, type JsonValue } from '../json.ts'
import {
  defaultPatchLimits,
  isForbiddenToken,
  memberOf,
  type PatchLimits,
  patchError,
  readIndex,
  readPointer,
  requireJson,
} from './guard.ts'

/** One step of a JSON Patch (RFC 6902, section 4). Paths are JSON Pointers. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string }

/**
 * Applies a JSON Patch: all of its operations in order, or none. Neither argument is changed, and the result shares
 * nothing with them.
 *
 * Throws `patch_error`, with a pointer to the operation, for an operation that is none, a path that leads nowhere or to
 * a prototype, a test that fails, what is no JSON, and growth beyond the limits. Source: RFC 6902.
 */
export function applyJsonPatch(
  document: JsonValue,
  operations: readonly JsonPatchOperation[],
  limits: PatchLimits = defaultPatchLimits,
): JsonValue {
  requireJson(document, '', limits)
  if (!Array.isArray(operations)) throw patchError('', 'not_a_list')
  if (operations.length > limits.maxOperations) throw patchError('', 'too_many', { max: limits.maxOperations })
  let result = copyJson(document)
  let bytes = byteLength(result)
  for (const [index, given] of (operations as readonly unknown[]).entries()) {
    const operation = readOperation(given, `/${index}`, limits)
    const added = requireFeasible(result, operation, `/${index}`, limits)
    bytes += added
    result = applyOne(result, operation, `/${index}`)
    // Only growth is counted on the way; what was removed meanwhile shows when the count is over the limit.
    if (bytes > limits.maxBytes) bytes = byteLength(result)
    if (bytes > limits.maxBytes) throw patchError(`/${index}`, 'too_large', { max_bytes: limits.maxBytes })
  }
  requireJson(result, '', limits)
  return result
}

/** Makes a JSON Patch that leads from one value to another: `[]` when they are equal. */
export function diffJsonPatch(
  before: JsonValue,
  after: JsonValue,
  limits: PatchLimits = defaultPatchLimits,
): JsonPatchOperation[] {
  requireJson(before, '', limits)
  requireJson(after, '', limits)
  // The library compares members; of values of different kinds there are none.
  if (kindOf(before) !== kindOf(after) || kindOf(before) === 'scalar') {
    return before === after ? [] : [{ op: 'replace', path: '', value: copyJson(after) }]
  }
  return copyJson(fastJsonPatch.compare(before as object, after as object)) as JsonPatchOperation[]
}

function kindOf(value: JsonValue): 'list' | 'object' | 'scalar' {
  if (Array.isArray(value)) return 'list'
  return typeof value === 'object' && value !== null ? 'object' : 'scalar'
}

/** An operation whose members were checked, with its paths taken apart. */
interface ReadOperation {
  readonly op: JsonPatchOperation['op']
  readonly path: readonly string[]
  readonly from: readonly string[] | undefined
  readonly value: JsonValue | undefined
  /** Its own copy, for the library. */
  readonly plain: JsonPatchOperation
}

const withValue: ReadonlySet<unknown> = new Set(['add', 'replace', 'test'])
const withFrom: ReadonlySet<unknown> = new Set(['move', 'copy'])

function readOperation(given: unknown, pointer: string, limits: PatchLimits): ReadOperation {
  if (!isPlainObject(given)) throw patchError(pointer, 'not_an_object')
  const own = (name: string) => (Object.hasOwn(given, name) ? given[name] : undefined)
  const [op, path, from, value] = ['op', 'path', 'from', 'value'].map(own)
  if (op !== 'remove' && !withValue.has(op) && !withFrom.has(op)) throw patchError(`${pointer}/op`, 'unknown_operation')
  const tokens = readTokens(path, `${pointer}/path`)
  const fromTokens = withFrom.has(op) ? readTokens(from, `${pointer}/from`) : undefined
  if (withValue.has(op)) {
    if (value === undefined) throw patchError(`${pointer}/value`, 'required')
    requireJson(value, `${pointer}/value`, limits)
  }
  return {
    op: op as JsonPatchOperation['op'],
    path: tokens,
    from: fromTokens,
    value: withValue.has(op) ? (value as JsonValue) : undefined,
    plain: copyJson({
      op,
      path,
      ...(withValue.has(op) ? { value } : {}),
      ...(withFrom.has(op) ? { from } : {}),
    }) as JsonPatchOperation,
  }
}

function readTokens(pointer: unknown, at: string): string[] {
  const tokens = typeof pointer === 'string' ? readPointer(pointer) : undefined
  if (tokens === undefined) throw patchError(at, 'bad_pointer')
  if (tokens.some(isForbiddenToken)) throw patchError(at, 'forbidden_name')
  return tokens
}

/**
 * Throws unless an operation can be done on a document: by own members and indexes alone. Answers how many bytes it
 * adds at most.
 */
function requireFeasible(document: JsonValue, operation: ReadOperation, pointer: string, limits: PatchLimits): number {
  const { op, path, from } = operation
  let value: unknown = operation.value
  if (from !== undefined) {
    value = valueAt(document, from)
    if (value === undefined) throw patchError(`${pointer}/from`, 'path_not_found')
    const isInside = path.length > from.length && from.every((token, index) => token === path[index])
    if (op === 'move' && isInside) throw patchError(`${pointer}/path`, 'moved_into_itself')
  }
  const mustExist = op === 'remove' || op === 'replace' || op === 'test'
  const isThere = mustExist ? valueAt(document, path) !== undefined : canBeAdded(document, path)
  if (!isThere) throw patchError(`${pointer}/path`, 'path_not_found')
  if (op === 'remove' && path.length === 0) throw patchError(`${pointer}/path`, 'required')
  if (op === 'remove' || op === 'test') return 0
  if (path.length + depthOf(value) > limits.maxDepth) {
    throw patchError(pointer, 'too_deep', { max_depth: limits.maxDepth })
  }
  return op === 'move' ? 0 : byteLength(value) + byteLength(path.at(-1) ?? '')
}

function valueAt(document: JsonValue, tokens: readonly string[]): unknown {
  return tokens.reduce<unknown>((value, token) => memberOf(value, token), document)
}

function canBeAdded(document: JsonValue, tokens: readonly string[]): boolean {
  const last = tokens.at(-1)
  if (last === undefined) return true
  const parent = valueAt(document, tokens.slice(0, -1))
  if (Array.isArray(parent)) return last === '-' || readIndex(last, parent.length + 1) !== undefined
  return isPlainObject(parent)
}

/**
 * Runs one operation that was found feasible. fast-json-patch 3.1.1 changes what it gets, so it gets a copy; its errors
 * hold the document, so they go no further.
 */
function applyOne(document: JsonValue, { op, plain }: ReadOperation, pointer: string): JsonValue {
  try {
    return fastJsonPatch.applyOperation(document, plain, true, true, true).newDocument as JsonValue
  } catch {
    throw patchError(`${pointer}/path`, op === 'test' ? 'test_failed' : 'path_not_found')
  }
}

function byteLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '')
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Object.values(value).reduce((depth: number, member) => Math.max(depth, depthOf(member)), 0)
}
