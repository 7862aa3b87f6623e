import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLargerThan, isPlainObject, type JsonLimits, jsonIssues } from '../../src/values/json.ts'

const limits: JsonLimits = { maxBytes: 1000, maxDepth: 4 }
const codes = (value: unknown, given = limits) =>
  jsonIssues(value, '/doc', given).map(({ pointer, code }) => [pointer, code])

describe('jsonIssues', () => {
  it('finds no issue in a result of JSON.parse within the limits', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const names = JSON.stringify(value)
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(names) && !names.includes('\\u0000'))
        const found = codes(JSON.parse(names), { maxBytes: 1_000_000, maxDepth: 100 })
        expect(found.filter(([, code]) => code !== 'bad_text')).toEqual([])
      }),
    )
  })

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a date', new Date()],
    ['a map', new Map()],
    ['an object of a class', new (class Thing {})()],
  ])('refuses %s', (_, value) => {
    expect(codes(value)).toEqual([['/doc', 'not_json']])
    expect(codes({ a: [value] })).toEqual([['/doc/a/0', 'not_json']])
  })

  it('refuses the holes of a sparse list', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    expect(codes([1, , 2])).toEqual([['/doc/1', 'not_json']])
  })

  it.each(['__proto__', 'constructor', 'prototype'])('refuses the member name %s at any depth', (name) => {
    expect(codes(JSON.parse(`{"${name}":1}`))).toEqual([[`/doc/${name}`, 'forbidden_name']])
    expect(codes(JSON.parse(`[{"a":{"${name}":{}}}]`))).toEqual([[`/doc/0/a/${name}`, 'forbidden_name']])
  })

  it('refuses NUL and lone surrogates, in texts and in names', () => {
    expect(codes('a\0b')).toEqual([['/doc', 'bad_text']])
    expect(codes(['\ud800'])).toEqual([['/doc/0', 'bad_text']])
    expect(codes({ 'a\udfff': 1 })).toEqual([['/doc', 'bad_text']])
    expect(codes('👩‍🚀')).toEqual([])
  })

  it('counts depth in levels of nesting', () => {
    expect(codes([[[[]]]])).toEqual([])
    expect(codes([[[[[]]]]])).toEqual([['/doc/0/0/0/0', 'too_deep']])
  })

  it('counts bytes of UTF-8, and stops there', () => {
    expect(codes('é'.repeat(499))).toEqual([])
    expect(codes('é'.repeat(500))).toEqual([['/doc', 'too_large']])
    expect(codes(Array(100_000).fill('\0')).length).toBeLessThan(1000)
  })

  it('counts the members of all objects together', () => {
    const count = (value: unknown, maxKeys: number) =>
      jsonIssues(value, '/doc', { maxBytes: 1000, maxDepth: 9, maxKeys }).map(({ pointer, code }) => [pointer, code])
    expect(count({ a: { b: 1 }, c: [{ d: 1 }] }, 4)).toEqual([])
    expect(count({ a: { b: 1 }, c: [{ d: 1 }] }, 3)).toEqual([['/doc/c/0', 'too_many']])
  })

  it('ends with a cycle, and with one value shared a great many times', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(codes(cycle)).toEqual([['/doc/0/0/0/0', 'too_deep']])
    const shared = Array(10_000).fill(Array(10_000).fill(0))
    expect(codes(shared)).toEqual([['/doc/0/497', 'too_large']])
  })

  it('writes pointers as RFC 6901 says', () => {
    expect(codes({ 'a/b~c': [undefined] })).toEqual([['/doc/a~1b~0c/0', 'not_json']])
  })
})

describe('isPlainObject', () => {
  it('takes object literals and objects without a prototype, nothing else', () => {
    expect(isPlainObject({})).toBe(true)
    expect(isPlainObject(Object.create(null))).toBe(true)
    for (const value of [null, [], 'text', 1, new Date(), Object.create({})]) expect(isPlainObject(value)).toBe(false)
  })
})

describe('isLargerThan', () => {
  it('holds for no value whose text fits, and for every value whose plain text is too long', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(200), (value, maxBytes) => {
        const text = JSON.stringify(value)
        if (isLargerThan(value, maxBytes)) expect(Buffer.byteLength(text)).toBeGreaterThan(maxBytes)
      }),
    )
    expect(isLargerThan({ a: 'x'.repeat(92) }, 100)).toBe(false)
    expect(isLargerThan({ a: 'x'.repeat(93) }, 100)).toBe(true)
    expect(isLargerThan(['x'.repeat(40), ['x'.repeat(60)]], 100)).toBe(true)
  })

  it('looks at no more than the bytes allow, however large, shared or circular the value is', () => {
    const circular: unknown[] = []
    circular.push(circular, circular)
    let shared: unknown = 'x'
    for (let level = 0; level < 60; level++) shared = [shared, shared]
    for (const value of [circular, shared, Array(2 ** 31), { a: Array(1e6).fill({}) }, { a: 'x'.repeat(1e6) }]) {
      let steps = 0
      const get = (target: object, name: string | symbol) => {
        steps++
        return Reflect.get(target, name)
      }
      const watched = new Proxy({ value }, { get })
      expect(isLargerThan(Array(50).fill(watched), 500)).toBe(true)
      expect(steps).toBeLessThan(500)
    }
  })
})
