import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../src/values/json.ts'
import { type Mode, mismatch, sameElements } from './match.ts'

const matches = (actual: unknown, expected: JsonValue, mode: Mode = 'exact') =>
  mismatch(actual, expected, mode, { when: { a: 1 } }) === undefined

describe('the matchers of the vectors', () => {
  it.each<[unknown, JsonValue, boolean]>([
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: null }, {}, false],
    [[1, 2], [1, 2], true],
    [[2, 1], [1, 2], false],
    [null, null, true],
    [undefined, null, false],
    ['1', 1, false],
    ['2024-06-15T12:00:00+00:00', '2024-06-15T12:00:00.000Z', true],
    ['2024-06-15T12:00:01Z', '2024-06-15T12:00:00Z', false],
  ])('exactly: %j against %j is %s', (actual, expected, holds) => expect(matches(actual, expected)).toBe(holds))

  it.each<[unknown, JsonValue, boolean]>([
    [{ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } }, true],
    [{ b: { c: 3 } }, { b: { c: 2 } }, false],
    [{}, { a: null }, false],
    [[{ a: 1, b: 2 }], [{ a: 1 }], true],
    [[{ a: 1 }, { a: 2 }], [{ a: 1 }], false],
  ])('as a subset: %j against %j is %s', (actual, expected, holds) =>
    expect(matches(actual, expected, 'subset')).toBe(holds),
  )

  it.each<[unknown, JsonValue, boolean]>([
    ['x', { $any: true }, true],
    [0, { $notNull: true }, true],
    [null, { $notNull: true }, false],
    [[], { $type: 'array' }, true],
    [null, { $type: 'object' }, false],
    ['', { $oneOf: ['', null] }, true],
    ['x', { $oneOf: ['', null] }, false],
    ['abc', { $contains: 'b' }, true],
    ['abc', { $contains: ['a', 'x'] }, false],
    ['abc', { $endsWith: 'bc' }, true],
    ['abc', { $endsWith: 'ab' }, false],
    ['taken-a1b2', { $matches: '^taken-[a-z0-9]{4}$' }, true],
    ['taken', { $matches: '^taken-' }, false],
    [[1, 2], { $length: 2 }, true],
    [[1], { $length: 2 }, false],
    [[1, 2, 3], { $first: [1, 2] }, true],
    [[2, 1], { $first: [1] }, false],
    [[2, 1], { $unordered: [1, 2] }, true],
    [[1, 1], { $unordered: [1, 2] }, false],
    [[1, 9, 2], { $containsInOrder: [1, 2] }, true],
    [[2, 1], { $containsInOrder: [1, 2] }, false],
    [{ a: 1, b: 2 }, { $keys: ['b', 'a'] }, true],
    [{ a: 1, b: 2 }, { $keys: ['a'] }, false],
    [{ a: 1 }, { $absent: ['b'] }, true],
    [{ a: 1 }, { $absent: ['a'] }, false],
    [{ a: 1 }, { $sameAs: 'when' }, true],
    [{ a: 2 }, { $sameAs: 'when' }, false],
    [{ a: 1, b: 2 }, { $equals: { a: 1 } }, false],
    ['abc', { $contains: 'a', $endsWith: 'c' }, true],
    ['abc', { $contains: 'a', $endsWith: 'b' }, false],
    [{ a: 1, b: 2 }, { a: 1, $keys: ['a', 'b'] }, true],
    [{ a: 1, b: 2 }, { a: 2, $keys: ['a', 'b'] }, false],
  ])('%j against %j is %s', (actual, expected, holds) => expect(matches(actual, expected, 'subset')).toBe(holds))

  it('refuse an unknown one', () => expect(() => matches(1, { $about: 1 })).toThrow('$about'))

  it('compare lists without order one to one', () => {
    const place = { mode: 'exact' as const, results: {}, at: '' }
    expect(sameElements([1, 2, 2], [2, 1, 2], place)).toBe(true)
    expect(sameElements([1, 1, 2], [2, 1, 2], place)).toBe(false)
  })
})
