import fastJsonPatch from 'fast-json-patch'
import { requireKind } from '../values/arguments.ts'
import { copyJson, isLargerThan, isPlainObject, type JsonValue } from '../values/json.ts'
import { document as anything } from '../values/kinds.ts'
import {
  defaultPatchLimits,
  isForbiddenToken,
  memberOf,
  type PatchLimits,
  patchError,
  readIndex,
  readPointer,
  requireChecked,
  requireJson,
  requireLimits,
} from './guard.ts'

/** One step of a JSON Patch (RFC 6902, section 4). Paths are JSON Pointers. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string }

/** Operations of one patch copy, move and shift at most this many times the bytes that a document may have. */
const workPerByte = 4

/**
 * Applies a JSON Patch: all of its operations in order, or none. Neither argument is changed, and the result shares
 * nothing with them.
 *
 * Throws `patch_error`, with a pointer to the operation, for an invalid operation, a path that leads nowhere or to a
 * prototype, a test that fails, a value that is no JSON, and growth beyond the limits. A short patch can ask for a lot
 * of work: the bytes that its operations copy and move are bounded by four times `maxBytes` in all (`too_costly`).
 * Source: RFC 6902.
 *
 * ```ts
 * applyJsonPatch({ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }]) // { a: [1, 2] }
 * ```
 */
export function applyJsonPatch(
  document: JsonValue,
  operations: readonly JsonPatchOperation[],
  limits: PatchLimits = defaultPatchLimits,
): JsonValue {
  requireLimits(limits)
  requireKind(operations, anything, 'operations')
  let result = requireChecked(document, '', limits).copy
  requireOperations(operations, limits.maxOperations)
  const max_bytes = workPerByte * limits.maxBytes
  let bytes = byteLength(result)
  let work = 0
  for (const [index, given] of (operations as readonly unknown[]).entries()) {
    const operation = readOperation(given, `/${index}`, limits)
    const cost = requireFeasible(result, operation, `/${index}`, limits)
    bytes += cost.growth
    work += cost.work
    if (work > max_bytes) throw patchError(`/${index}`, 'too_costly', { max_bytes })
    result = applyOne(result, operation, `/${index}`)
    if (bytes <= limits.maxBytes) continue
    // Until here, commas were counted roughly.
    bytes = byteLength(result)
    work += bytes
    if (bytes > limits.maxBytes) throw patchError(`/${index}`, 'too_large', { max_bytes: limits.maxBytes })
  }
  requireJson(result, '', limits)
  return result
}

/** Throws `patch_error` for a value that is no list, and for more operations than one patch may have. */
function requireOperations(operations: unknown, max: number): void {
  if (!Array.isArray(operations)) throw patchError('', 'not_a_list')
  if (operations.length > max) throw patchError('', 'too_many', { max })
}

/** Throws `patch_error` for operations that are sure to be refused, whatever document they are applied to. */
export function requireBoundedOperations(
  operations: unknown,
  { maxBytes, maxOperations }: Pick<PatchLimits, 'maxBytes' | 'maxOperations'>,
): void {
  requireOperations(operations, maxOperations)
  if (isLargerThan(operations, maxBytes)) throw patchError('', 'too_large', { max_bytes: maxBytes })
}

/**
 * Makes a JSON Patch that leads from one value to another: `[]` when they are equal.
 *
 * ```ts
 * diffJsonPatch({ a: 1 }, { a: 2 }) // [{ op: 'replace', path: '/a', value: 2 }]
 * ```
 */
export function diffJsonPatch(
  before: JsonValue,
  after: JsonValue,
  limits: PatchLimits = defaultPatchLimits,
): JsonPatchOperation[] {
  requireLimits(limits)
  requireJson(before, '', limits)
  requireJson(after, '', limits)
  // The library compares members; values of different kinds have none in common.
  if (kindOf(before) !== kindOf(after) || kindOf(before) === 'scalar') {
    return before === after ? [] : [{ op: 'replace', path: '', value: copyJson(after) }]
  }
  return copyJson(fastJsonPatch.compare(before as object, after as object)) as JsonPatchOperation[]
}

function kindOf(value: JsonValue): 'list' | 'object' | 'scalar' {
  if (Array.isArray(value)) return 'list'
  return typeof value === 'object' && value !== null ? 'object' : 'scalar'
}

/** An operation whose members were checked, with its paths split into tokens. */
interface ReadOperation {
  readonly op: JsonPatchOperation['op']
  readonly path: readonly string[]
  readonly from: readonly string[] | undefined
  readonly value: JsonValue | undefined
  /** A copy of the operation, for the library. */
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

/** The cost of an operation, in bytes of JSON text. */
interface Cost {
  /** The growth of the document; below zero where it shrinks. */
  readonly growth: number
  /** Bytes that have to be copied and moved, beyond those of the operation itself. */
  readonly work: number
}

/** Returns the cost of an operation. Throws unless it can be done on a document, by own members and indexes alone. */
function requireFeasible(document: JsonValue, operation: ReadOperation, pointer: string, limits: PatchLimits): Cost {
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
  if (op === 'test') return { growth: 0, work: 0 }
  if (op === 'remove') return removal(document, path)
  if (path.length + depthOf(value) > limits.maxDepth) {
    throw patchError(pointer, 'too_deep', { max_depth: limits.maxDepth })
  }
  const put = op === 'replace' ? replacement(document, path, value) : addition(document, path, value)
  if (op === 'copy') return { ...put, work: put.work + byteLength(value) }
  if (op !== 'move' || from === undefined) return put
  const taken = removal(document, from)
  // The library copies the value that the moved one replaces.
  return { growth: put.growth + taken.growth, work: put.work + taken.work + byteLength(value) + sizeAt(document, path) }
}

function addition(document: JsonValue, path: readonly string[], value: unknown): Cost {
  const parent = parentOf(document, path)
  if (!Array.isArray(parent) && valueAt(document, path) !== undefined) return replacement(document, path, value)
  return { growth: byteLength(value) + nameLength(parent, path), work: membersBehind(parent, path) }
}

function replacement(document: JsonValue, path: readonly string[], value: unknown): Cost {
  return { growth: byteLength(value) - sizeAt(document, path), work: 0 }
}

function removal(document: JsonValue, path: readonly string[]): Cost {
  const parent = parentOf(document, path)
  return { growth: -sizeAt(document, path) - nameLength(parent, path), work: membersBehind(parent, path) }
}

function sizeAt(document: JsonValue, path: readonly string[]): number {
  return byteLength(valueAt(document, path))
}

/** Returns the bytes around a member: a comma, and in an object its name. */
function nameLength(parent: unknown, path: readonly string[]): number {
  return Array.isArray(parent) ? 1 : byteLength(path.at(-1) ?? '') + 2
}

/** Returns the number of members of a list that have to make room, or close up. */
function membersBehind(parent: unknown, path: readonly string[]): number {
  if (!Array.isArray(parent)) return 0
  return parent.length - (readIndex(path.at(-1) ?? '', parent.length) ?? parent.length)
}

function parentOf(document: JsonValue, path: readonly string[]): unknown {
  return path.length === 0 ? undefined : valueAt(document, path.slice(0, -1))
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
 * Runs one operation that was found feasible. fast-json-patch 3.1.1 changes its arguments, so it gets a copy; its
 * errors hold the document, so they are not passed on.
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
