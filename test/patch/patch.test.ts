import fc from 'fast-check'
import fastJsonPatch from 'fast-json-patch'
import { describe, expect, it, vi } from 'vitest'
import { applyJsonPatch, diffJsonPatch, type JsonPatchOperation } from '../../src/patch/json-patch.ts'
import { applyMergePatch, diffMergePatch } from '../../src/patch/merge-patch.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import { checkJson, isPlainObject, type JsonObject, type JsonValue, jsonIssues } from '../../src/values/json.ts'
import { hostileJson } from './arbitrary.ts'

/** Returns the issues of a call that must be refused, as `pointer code`. */
function refusal(call: () => unknown): string[] {
  try {
    call()
  } catch (error) {
    if (!isUserCoreError(error)) throw error
    expect(error.code).toBe('patch_error')
    return error.issues.map(({ pointer, code }) => `${pointer} ${code}`)
  }
  throw new Error('the call was not refused')
}

const { stringify } = JSON
const { applyOperation } = fastJsonPatch

/** Merges as the pseudocode of RFC 7396, section 2, does. */
function mergedByTheBook(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isPlainObject(patch)) return patch
  const result = new Map<string, JsonValue>(isPlainObject(target) ? Object.entries(target as JsonObject) : [])
  for (const [name, value] of Object.entries(patch as JsonObject)) {
    if (value === null) result.delete(name)
    else result.set(name, mergedByTheBook(result.get(name), value))
  }
  return Object.fromEntries(result)
}

const parse = (text: string): JsonValue => JSON.parse(text)
const jsonPatch = (document: unknown, ...operations: unknown[]) =>
  applyJsonPatch(document as JsonValue, operations as JsonPatchOperation[])

describe('applyMergePatch', () => {
  it('merges members whose names are special elsewhere', () => {
    const target = parse('{"hasOwnProperty":1,"toString":2,"a":3,"valueOf":{"x":1}}')
    expect(
      applyMergePatch(target, parse('{"a":null,"hasOwnProperty":null,"valueOf":{"y":2},"toJSON":5,"":6}')),
    ).toEqual(parse('{"toString":2,"valueOf":{"x":1,"y":2},"toJSON":5,"":6}'))
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'refuses %s anywhere, instead of dropping what follows it',
    (name) => {
      for (const patch of [`{"${name}":{"a":1},"b":2}`, `{"a":[{"${name}":null}]}`]) {
        expect(refusal(() => applyMergePatch({}, parse(patch)))[0]).toMatch(/ forbidden_name$/)
        expect(refusal(() => applyMergePatch(parse(patch), {}))[0]).toMatch(/ forbidden_name$/)
      }
    },
  )

  it('takes targets without a prototype', () => {
    const target = Object.assign(Object.create(null), { a: 1 })
    expect(applyMergePatch(target, { b: 2 })).toEqual({ a: 1, b: 2 })
  })

  it('refuses a value that is no JSON or too large, also when only the result is', () => {
    const odd = { a: new Date() as never }
    for (const call of [applyMergePatch, diffMergePatch, diffJsonPatch]) {
      expect(refusal(() => call({}, odd))).toEqual(['/a not_json'])
      expect(refusal(() => call(odd, {}))).toEqual(['/a not_json'])
    }
    expect(refusal(() => applyJsonPatch(odd, []))).toEqual(['/a not_json'])
    expect(
      refusal(() => applyMergePatch({ a: 'x'.repeat(60) }, { b: 'x'.repeat(60) }, { maxBytes: 100, maxDepth: 9 })),
    ).toEqual(['/b too_large'])
  })

  it('merges as RFC 7396 says, whatever members are called', () => {
    fc.assert(
      fc.property(hostileJson, hostileJson, (target, patch) => {
        expect(applyMergePatch(target, patch)).toEqual(mergedByTheBook(target, patch))
      }),
    )
  })

  it('returns nothing beyond limits that its arguments just keep', () => {
    const large = { maxBytes: 1e6, maxDepth: 64 }
    fc.assert(
      fc.property(hostileJson, hostileJson, (target, patch) => {
        const sizes = [target, patch].map((value) => checkJson(value, '', large))
        const maxBytes = Math.max(...sizes.map(({ bytes }) => bytes))
        const maxKeys = Math.max(...sizes.map(({ keys }) => keys))
        for (const limits of [
          { maxBytes, maxDepth: 64 },
          { maxBytes: 1e6, maxDepth: 64, maxKeys },
        ]) {
          const issues = jsonIssues(mergedByTheBook(target, patch), '', limits)
          if (issues.length === 0) expect(() => applyMergePatch(target, patch, limits)).not.toThrow()
          else expect(refusal(() => applyMergePatch(target, patch, limits))).toHaveLength(issues.length)
        }
      }),
    )
  })

  it('reads each member once: what a getter returns later is not looked at', () => {
    let reads = 0
    const inconstant = {
      get a() {
        return ++reads === 1 ? 'first' : JSON.parse('{"__proto__":{"polluted":true}}')
      },
    }
    expect(applyMergePatch({}, inconstant)).toEqual({ a: 'first' })
    expect(reads).toBe(1)
    reads = 0
    expect(applyMergePatch(inconstant, { b: 1 })).toEqual({ a: 'first', b: 1 })
    reads = 0
    expect(applyJsonPatch(inconstant, [])).toEqual({ a: 'first' })
  })

  it('shares nothing with its arguments, and does not change them', () => {
    const [target, patch] = [{ a: { b: [1] } }, { c: { d: [2] } }]
    const result = applyMergePatch(target, patch) as { a: { b: number[] }; c: { d: number[] } }
    result.a.b.push(9)
    result.c.d.push(9)
    expect([target, patch]).toEqual([{ a: { b: [1] } }, { c: { d: [2] } }])
  })
})

describe('diffMergePatch', () => {
  it('leads from one value to the other', () => {
    expect(diffMergePatch({ a: 1, b: { c: 2, d: 3 }, e: [1] }, { a: 1, b: { c: 4 }, f: 'x', e: [1] })).toEqual({
      b: { c: 4, d: null },
      f: 'x',
    })
    expect(diffMergePatch({ a: 1 }, { a: 1 })).toEqual({})
    expect(diffMergePatch([1], [1])).toEqual([1])
    expect(diffMergePatch({ a: 1 }, 'x')).toBe('x')
  })

  it('says so where no merge patch can', () => {
    expect(refusal(() => diffMergePatch({}, { a: null }))).toEqual([' not_expressible'])
    expect(refusal(() => diffMergePatch({ a: 1 }, { a: [null], b: { c: null } }))).toEqual([' not_expressible'])
  })

  it('leads back when it is applied, wherever it can be expressed', () => {
    fc.assert(
      fc.property(hostileJson, hostileJson, (before, after) => {
        try {
          expect(applyMergePatch(before, diffMergePatch(before, after))).toEqual(after)
        } catch (error) {
          if (!isUserCoreError(error)) throw error
          expect(error.issues[0]?.code).toBe('not_expressible')
          expect(JSON.stringify(after)).toContain('null')
        }
      }),
    )
  })
})

describe('applyJsonPatch', () => {
  it('knows its operations by their own names alone', () => {
    for (const op of ['constructor', 'toString', 'valueOf', '_get', 'ADD', '', 5, null]) {
      expect(refusal(() => jsonPatch({ a: 1 }, { op, path: '/a', value: 1 }))).toEqual(['/0/op unknown_operation'])
    }
    expect(refusal(() => jsonPatch({}, Object.create({ op: 'add', path: '/a', value: 1 })))).toEqual([
      '/0 not_an_object',
    ])
    expect(refusal(() => applyJsonPatch({}, { op: 'add' } as never))).toEqual([' not_a_list'])
  })

  it('needs the members of an operation', () => {
    expect(refusal(() => jsonPatch({}, { op: 'add', path: '/a' }))).toEqual(['/0/value required'])
    expect(refusal(() => jsonPatch({}, { op: 'add', value: 1 }))).toEqual(['/0/path bad_pointer'])
    expect(refusal(() => jsonPatch({}, { op: 'copy', path: '/a' }))).toEqual(['/0/from bad_pointer'])
    expect(refusal(() => jsonPatch({}, { op: 'add', path: '/a', value: undefined }))).toEqual(['/0/value required'])
  })

  it.each(['a', '~', '/~', '/~2', '/a~', 5, ['a']])('refuses the pointer %j', (path) =>
    expect(refusal(() => jsonPatch({ a: 1 }, { op: 'test', path, value: 1 }))).toEqual(['/0/path bad_pointer']),
  )

  it.each(['/__proto__', '/a/constructor', '/prototype/x', '/a/__proto__/polluted'])('refuses to walk %s', (path) => {
    expect(refusal(() => jsonPatch({ a: {} }, { op: 'add', path, value: 1 }))).toEqual(['/0/path forbidden_name'])
    expect(refusal(() => jsonPatch({ a: {} }, { op: 'copy', from: path, path: '/b' }))).toEqual([
      '/0/from forbidden_name',
    ])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('sees own members alone', () => {
    for (const name of ['toString', 'hasOwnProperty', 'length']) {
      expect(refusal(() => jsonPatch({}, { op: 'test', path: `/${name}`, value: 1 }))).toEqual([
        '/0/path path_not_found',
      ])
      expect(refusal(() => jsonPatch({}, { op: 'copy', from: `/${name}`, path: '/a' }))).toEqual([
        '/0/from path_not_found',
      ])
      expect(
        jsonPatch({}, { op: 'add', path: `/${name}`, value: 1 }, { op: 'replace', path: `/${name}`, value: 2 }),
      ).toEqual({ [name]: 2 })
    }
    expect(refusal(() => jsonPatch([1], { op: 'replace', path: '/length', value: 0 }))).toEqual([
      '/0/path path_not_found',
    ])
    expect(refusal(() => jsonPatch('text', { op: 'test', path: '/0', value: 't' }))).toEqual(['/0/path path_not_found'])
  })

  it.each(['/01', '/1e0', '/-1', '/4294967296', '/2', '/ 1', '/+1', '/9007199254740993'])(
    'takes %s for no index',
    (path) => {
      expect(refusal(() => jsonPatch([1], { op: 'add', path, value: 2 }))).toEqual(['/0/path path_not_found'])
    },
  )

  it('takes "-" for the end of a list, but for nothing that is there', () => {
    expect(jsonPatch([1], { op: 'add', path: '/-', value: 2 }, { op: 'copy', from: '/0', path: '/-' })).toEqual([
      1, 2, 1,
    ])
    for (const op of ['remove', 'replace', 'test'])
      expect(refusal(() => jsonPatch([1], { op, path: '/-', value: 1 }))).toEqual(['/0/path path_not_found'])
    expect(refusal(() => jsonPatch([1], { op: 'move', from: '/-', path: '/0' }))).toEqual(['/0/from path_not_found'])
  })

  it('moves nothing into itself, and removes no whole document', () => {
    expect(refusal(() => jsonPatch({ a: { b: 1 } }, { op: 'move', from: '/a', path: '/a/b' }))).toEqual([
      '/0/path moved_into_itself',
    ])
    expect(jsonPatch({ a: 1 }, { op: 'move', from: '/a', path: '/a' })).toEqual({ a: 1 })
    expect(refusal(() => jsonPatch({ a: 1 }, { op: 'remove', path: '' }))).toEqual(['/0/path required'])
  })

  it('does all or nothing, and says which operation failed', () => {
    const document = { a: 1, secret: 'private thoughts' }
    const operations = [
      { op: 'replace', path: '/a', value: 2 },
      { op: 'test', path: '/secret', value: 'guess' },
    ]
    expect(refusal(() => jsonPatch(document, ...operations))).toEqual(['/1/path test_failed'])
    expect(document.a).toBe(1)
    try {
      jsonPatch(document, ...operations)
    } catch (error) {
      expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toMatch(/private thoughts|guess/)
    }
  })

  it('does not grow beyond its limits, however fast it copies', () => {
    const nesting = Array.from({ length: 70 }, () => ({ op: 'copy' as const, from: '', path: '/a' }))
    expect(refusal(() => applyJsonPatch({ a: 1 }, nesting))).toEqual(['/63 too_deep'])
    const doubling = Array.from({ length: 40 }, () => ({ op: 'copy' as const, from: '/list', path: '/list/0' }))
    expect(refusal(() => applyJsonPatch({ list: ['x'.repeat(100)] }, doubling))).toEqual(['/13 too_large'])
    expect(refusal(() => applyJsonPatch({}, Array(1001).fill({ op: 'test', path: '', value: {} })))).toEqual([
      ' too_many',
    ])
  })

  it('does not nest deeper by moving, nor get more members by copying', () => {
    const limits = { maxBytes: 200, maxDepth: 3, maxKeys: 4, maxOperations: 100 }
    const refused = (document: JsonValue, ...operations: JsonPatchOperation[]) =>
      refusal(() => applyJsonPatch(document, operations, limits))
    const move = { op: 'move', from: '/a', path: '/b/c/a' } as const
    expect(refused({ a: { x: 1 }, b: { c: {} } }, move)).toEqual(['/0 too_deep'])
    expect(applyJsonPatch({ a: 1, b: { c: {} } }, [move], limits)).toEqual({ b: { c: { a: 1 } } })
    expect(refused({ a: { b: 1 }, c: 1 }, { op: 'copy', from: '/a', path: '/d' })).toEqual(['/d too_many'])
  })

  it.each([
    ['copies a list over itself', { a: [], b: [] }, { op: 'copy', from: '/a', path: '/b' }],
    ['copies a list to the end of itself', { a: [[]] }, { op: 'copy', from: '/a/0', path: '/a/0' }],
    [
      'moves a list back and forth',
      { a: [] },
      { op: 'move', from: '/a', path: '/b' },
      { op: 'move', from: '/b', path: '/a' },
    ],
    [
      'moves a value over a list',
      { a: [], b: [] },
      { op: 'move', from: '/a', path: '/b' },
      { op: 'copy', from: '/b', path: '/a' },
    ],
    ['puts values before a list', { a: [] }, { op: 'add', path: '/a/0', value: 1 }],
    ['moves the first to the end', { a: [] }, { op: 'move', from: '/a/0', path: '/a/-' }],
    ['moves the last to the front', { a: [] }, { op: 'move', from: '/a/1', path: '/a/0' }],
  ] satisfies [string, Record<string, JsonValue>, ...JsonPatchOperation[]][])(
    'does bounded work for a patch that %s',
    (_, { a, ...rest }, ...steps) => {
      const list = Array.from({ length: 20_000 }, (_, index) => index)
      const document = { ...rest, a: (a as JsonValue[]).length > 0 ? [list] : list }
      const maxBytes = 2 * JSON.stringify(document).length
      const operations = Array.from({ length: 1000 }, (_, index) => steps[index % steps.length] as JsonPatchOperation)
      let measured = 0
      const measure = vi.spyOn(JSON, 'stringify').mockImplementation((value) => {
        const text = stringify(value)
        measured += text?.length ?? 0
        return text
      })
      let applied = 0
      const apply = vi.spyOn(fastJsonPatch, 'applyOperation').mockImplementation((...call) => {
        applied++
        return applyOperation(...call)
      })
      try {
        const refused = refusal(() =>
          applyJsonPatch(document, operations, { maxBytes, maxDepth: 64, maxOperations: 1000 }),
        )
        expect(refused).toEqual([expect.stringMatching(/^\/\d+ too_(?:costly|large)$/)])
        expect(applied).toBeLessThan(100)
        expect(measured).toBeLessThan(40 * maxBytes)
      } finally {
        measure.mockRestore()
        apply.mockRestore()
      }
    },
  )

  it('can move about as much as it likes within them', () => {
    const limits = { maxBytes: 100, maxDepth: 5, maxOperations: 100 }
    const turns = Array.from({ length: 50 }, () => [
      { op: 'add' as const, path: '/a', value: 'x'.repeat(50) },
      { op: 'remove' as const, path: '/a' },
    ]).flat()
    expect(applyJsonPatch({ b: 1 }, turns, limits)).toEqual({ b: 1 })
  })
})

describe('diffJsonPatch', () => {
  it('is undone by applying it, for any two values', () => {
    fc.assert(
      fc.property(hostileJson, hostileJson, (before, after) => {
        expect(applyJsonPatch(before, diffJsonPatch(before, after))).toEqual(after)
      }),
    )
  })
  it('is empty for equal values', () => {
    fc.assert(
      fc.property(hostileJson, (value) => {
        expect(diffJsonPatch(value, structuredClone(value))).toEqual([])
      }),
    )
  })
})
