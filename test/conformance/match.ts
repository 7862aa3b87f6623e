import { isDeepStrictEqual } from 'node:util'
import { toInstant } from '../../src/values/instant.ts'
import type { JsonObject, JsonValue } from '../../src/values/json.ts'

/** The ways to compare objects: all members, or only those that are expected. */
export type Mode = 'exact' | 'subset'

/** Results of other calls that `$sameAs` can name. */
export type Results = Readonly<Record<string, unknown>>

/**
 * Compares a value with what is expected of it. Returns where and how they differ, or `undefined`.
 */
export function mismatch(
  actual: unknown,
  expected: JsonValue,
  mode: Mode,
  results: Results,
  at = 'result',
): string | undefined {
  if (Array.isArray(expected)) return listMismatch(actual, expected, mode, results, at)
  if (typeof expected === 'object' && expected !== null)
    return objectMismatch(actual, expected as JsonObject, mode, results, at)
  return equal(actual, expected) ? undefined : `${at}: expected ${show(expected)}, got ${show(actual)}`
}

function equal(actual: unknown, expected: JsonValue): boolean {
  if (actual === expected) return true
  if (typeof actual !== 'string' || typeof expected !== 'string') return false
  const instant = toInstant(expected)
  return instant !== undefined && toInstant(actual) === instant
}

function listMismatch(actual: unknown, expected: readonly JsonValue[], mode: Mode, results: Results, at: string) {
  if (!Array.isArray(actual)) return `${at}: expected a list, got ${show(actual)}`
  if (actual.length !== expected.length) return `${at}: expected ${expected.length} elements, got ${show(actual)}`
  return first(expected, (item, index) => mismatch(actual[index], item, mode, results, `${at}[${index}]`))
}

function objectMismatch(actual: unknown, expected: JsonObject, mode: Mode, results: Results, at: string) {
  const names = Object.keys(expected)
  if (names.length > 0 && names.every((name) => name.startsWith('$'))) {
    return first(names, (name) => matcherMismatch(actual, name, expected[name] as JsonValue, mode, results, at))
  }
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
    return `${at}: expected an object, got ${show(actual)}`
  const members = names.filter((name) => !name.startsWith('$'))
  const extra = Object.keys(actual).filter((name) => !members.includes(name))
  if (mode === 'exact' && !('$keys' in expected) && extra.length > 0) return `${at}: did not expect ${extra.join(', ')}`
  return (
    first(members, (name) =>
      Object.hasOwn(actual, name)
        ? mismatch((actual as JsonObject)[name], expected[name] as JsonValue, mode, results, `${at}.${name}`)
        : `${at}.${name}: missing`,
    ) ??
    first(
      names.filter((name) => name.startsWith('$')),
      (name) => matcherMismatch(actual, name, expected[name] as JsonValue, mode, results, at),
    )
  )
}

function matcherMismatch(
  actual: unknown,
  name: string,
  wanted: JsonValue,
  mode: Mode,
  results: Results,
  at: string,
): string | undefined {
  const matcher = matchers[name]
  if (matcher === undefined) throw new Error(`${name} is no matcher of the vectors' README`)
  return matcher(actual, wanted, { mode, results, at })
    ? undefined
    : `${at}: ${name} ${show(wanted)} does not hold for ${show(actual)}`
}

interface Place {
  readonly mode: Mode
  readonly results: Results
  readonly at: string
}

const matchers: Record<string, (actual: unknown, wanted: JsonValue, place: Place) => boolean> = {
  $any: () => true,
  $notNull: (actual) => actual !== undefined && actual !== null,
  $type: (actual, wanted) => jsonType(actual) === wanted,
  $oneOf: (actual, wanted, place) => list(wanted).some((item) => holds(actual, item, place)),
  $contains: (actual, wanted) =>
    typeof actual === 'string' && list(wanted).every((text) => actual.includes(String(text))),
  $endsWith: (actual, wanted) => typeof actual === 'string' && actual.endsWith(String(wanted)),
  $matches: (actual, wanted) => typeof actual === 'string' && new RegExp(String(wanted), 'u').test(actual),
  $length: (actual, wanted) => Array.isArray(actual) && actual.length === wanted,
  $first: (actual, wanted, place) =>
    Array.isArray(actual) && list(wanted).every((item, index) => holds(actual[index], item, place)),
  $unordered: (actual, wanted, place) => Array.isArray(actual) && sameElements(actual, list(wanted), place),
  $containsInOrder: (actual, wanted, place) => {
    if (!Array.isArray(actual)) return false
    let next = 0
    for (const item of actual)
      if (next < list(wanted).length && holds(item, list(wanted)[next] as JsonValue, place)) next++
    return next === list(wanted).length
  },
  $equals: (actual, wanted, place) => holds(actual, wanted, { ...place, mode: 'exact' }),
  $keys: (actual, wanted) => isDeepStrictEqual(Object.keys(actual ?? {}).sort(), [...list(wanted)].sort()),
  $absent: (actual, wanted) => list(wanted).every((key) => !Object.hasOwn(actual ?? {}, String(key))),
  $sameAs: (actual, wanted, { results }) => isDeepStrictEqual(actual, results[String(wanted)]),
}

/** Tells whether two lists hold the same elements: each expected one takes one that no other took. */
export function sameElements(actual: readonly unknown[], expected: readonly JsonValue[], place: Place): boolean {
  if (actual.length !== expected.length) return false
  const left = [...actual]
  return expected.every((item) => {
    const index = left.findIndex((candidate) => holds(candidate, item, place))
    if (index >= 0) left.splice(index, 1)
    return index >= 0
  })
}

function holds(actual: unknown, expected: JsonValue, { mode, results, at }: Place): boolean {
  return mismatch(actual, expected, mode, results, at) === undefined
}

function first<T>(items: readonly T[], find: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index)
    if (found !== undefined) return found
  }
  return undefined
}

function list(value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? value : [value]
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
