import { nodeUtil } from './built-ins.ts'
import { type Issue, type IssueCode, pointerTo } from './issues.ts'

/** Any value that JSON text can express. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: JsonValue
}

/** Limits of the size of a JSON document. */
export interface JsonLimits {
  /** The longest JSON text, in bytes of UTF-8. */
  readonly maxBytes: number
  /** The most levels of objects and arrays; a plain text or number has depth 0. */
  readonly maxDepth: number
  /** The most members of all its objects together. Default: as many as the bytes allow. */
  readonly maxKeys?: number
}

/** Member names that reach the prototype of an object. They are refused in every document that comes in. */
export const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Tells whether a value is an object made of own members only, as `JSON.parse` makes for `{…}`, in any realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: object | null = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || isObjectPrototype(prototype)
}

/**
 * Tells whether an object is the `Object.prototype` of some realm: that of Jest, of a `vm` context, of a frame. Only
 * the constructor `Object` itself has this source text and a `prototype` that cannot be replaced.
 */
function isObjectPrototype(prototype: object): boolean {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
  if (typeof maker !== 'function') return false
  const own = Object.getOwnPropertyDescriptor(maker, 'prototype')
  return own?.value === prototype && own.writable === false && sourceOf(maker) === sourceOf(Object)
}

function sourceOf(callable: object): string {
  return Function.prototype.toString.call(callable)
}

/**
 * Compares JSON by its value, from whatever realm its objects come and in whatever order their members are. Other
 * values, such as a `Date`, are compared as `isDeepStrictEqual` does.
 */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((member, index) => isEqual(member, b[index]))
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (!isPlainObject(a) || !isPlainObject(b)) return nodeUtil().isDeepStrictEqual(a, b)
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]))
  )
}

/**
 * Tells whether a test holds for every item of a list, its holes included. Stops at the first item for which it does
 * not.
 */
export function isEvery<Item>(list: readonly Item[], holds: (item: Item) => boolean): boolean {
  for (let index = 0; index < list.length; index++) if (!holds(list[index] as Item)) return false
  return true
}

/** Copies a JSON value into objects and arrays of this realm; `structuredClone` can be that of another one. */
export function copyJson<Value>(value: Value): Value {
  return copied(value) as Value
}

function copied(value: unknown): unknown {
  // Not its own `map`, which makes arrays of its realm.
  if (Array.isArray(value)) return Array.from(value, copied)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copied(member)]))
}

/**
 * Tells whether the JSON text of a value is sure to be longer than some bytes, in at most as many steps: refusing a
 * value that is too large costs no more than taking one. Escapes, bytes beyond ASCII and all other problems of the
 * value are left to `jsonIssues`.
 */
export function isLargerThan(value: unknown, maxBytes: number): boolean {
  const left: unknown[] = [value]
  let bytes = 0
  while (left.length > 0) {
    const item = left.pop()
    const isObject = typeof item === 'object' && item !== null
    const names = isObject && !Array.isArray(item) ? Object.keys(item) : []
    const members = Array.isArray(item) ? item : names
    bytes += 1 + (typeof item === 'string' ? item.length + 1 : members.length)
    if (bytes > maxBytes) return true
    for (const name of names) {
      bytes += name.length + 3
      if (bytes > maxBytes) return true
      left.push((item as Readonly<Record<string, unknown>>)[name])
    }
    if (Array.isArray(item)) for (const member of item) left.push(member)
  }
  return false
}

/** Tells whether every store keeps a text as it is: no lone surrogate, no NUL character. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** Finds what keeps a value from being JSON within limits: see `checkJson`. */
export function jsonIssues(value: unknown, pointer: string, limits: JsonLimits): Issue[] {
  return checkJson(value, pointer, limits).issues
}

/** A value that was checked. */
export interface CheckedJson {
  readonly issues: Issue[]
  /** A copy of what was checked, in objects and arrays of this realm; complete where there are no issues. */
  readonly copy: JsonValue
  /** The bytes and members that count towards the limits. */
  readonly bytes: number
  readonly keys: number
}

/** ASCII that JSON text has as it is. */
const plainText = /^[ !#-[\]-~]*$/

/** Stands for the copy of a value where a limit is passed. */
const stopped = Symbol('stopped')

/**
 * Checks a value that claims to be JSON before it is used, and copies it. Each member is read once, so that what a
 * getter or a proxy returns later changes nothing.
 *
 * Finds values that JSON cannot express, member names that reach a prototype, texts that databases refuse or change,
 * and documents over the limits. Stops at the first limit that is passed, so that neither a cycle nor a value shared a
 * million times costs more than the limits allow.
 */
export function checkJson(value: unknown, pointer: string, limits: JsonLimits): CheckedJson {
  const issues: Issue[] = []
  let bytes = 0
  let keys = 0
  /** The members that lead to the value under way. A pointer is made of them only for an issue. */
  const path: (string | number)[] = []

  function report(code: IssueCode, params?: Issue['params']): void {
    issues.push({ pointer: path.reduce<string>(pointerTo, pointer), code, ...(params !== undefined && { params }) })
  }

  /** Counts bytes of the JSON text. Returns whether the walk goes on. */
  function add(count: number): boolean {
    bytes += count
    if (bytes <= limits.maxBytes) return true
    report('too_large', { max_bytes: limits.maxBytes })
    return false
  }

  function addText(text: string): boolean {
    // A text has as many bytes as UTF-16 units, at least: one that is too long is not measured.
    if (text.length > limits.maxBytes) return add(text.length)
    if (plainText.test(text)) return add(text.length + 2)
    if (!isStorableText(text)) report('bad_text')
    return add(Buffer.byteLength(JSON.stringify(text)))
  }

  /** Returns the copy of a value, or `stopped`. */
  function walk(item: unknown): unknown {
    switch (typeof item) {
      case 'string':
        return addText(item) ? item : stopped
      case 'number':
        if (!Number.isFinite(item)) report('not_json')
        return add(String(item).length) ? item : stopped
      case 'boolean':
        return add(item ? 4 : 5) ? item : stopped
      case 'object':
        break
      default:
        report('not_json')
        return null
    }
    if (item === null) return add(4) ? null : stopped
    const isArray = Array.isArray(item)
    if (!isArray && !isPlainObject(item)) {
      report('not_json')
      return null
    }
    if (path.length === limits.maxDepth) {
      report('too_deep', { max_depth: limits.maxDepth })
      return stopped
    }
    if (!add(2)) return stopped
    return isArray ? walkList(item) : walkObject(item)
  }

  function walkList(list: readonly unknown[]): unknown {
    const copy: unknown[] = []
    // By index: `every` and `for…of` treat the holes of a sparse array differently.
    for (let index = 0; index < list.length; index++) {
      const member = add(1) ? walkMember(index, list[index]) : stopped
      if (member === stopped) return stopped
      copy.push(member)
    }
    return copy
  }

  function walkObject(object: Readonly<Record<string, unknown>>): unknown {
    const copy: Record<string, unknown> = {}
    for (const name of Object.keys(object)) {
      if (!addName(name)) return stopped
      const member = walkMember(name, object[name])
      if (member === stopped) return stopped
      if (!forbiddenNames.has(name)) copy[name] = member
    }
    return copy
  }

  function addName(name: string): boolean {
    if (name.length > limits.maxBytes) return add(name.length)
    keys++
    if (limits.maxKeys !== undefined && keys > limits.maxKeys) {
      report('too_many', { max: limits.maxKeys })
      return false
    }
    if (forbiddenNames.has(name)) {
      path.push(name)
      report('forbidden_name')
      path.pop()
    }
    // A colon and a comma.
    return addText(name) && add(2)
  }

  function walkMember(name: string | number, member: unknown): unknown {
    path.push(name)
    const copy = walk(member)
    path.pop()
    return copy
  }

  let copy: unknown
  try {
    copy = walk(value)
  } catch {
    // A getter, or the trap of a proxy.
    issues.push({ pointer, code: 'not_json' })
  }
  return { issues, copy: copy as JsonValue, bytes, keys }
}
