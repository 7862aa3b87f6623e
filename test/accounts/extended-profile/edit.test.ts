import { describe, expect, it } from 'vitest'
import {
  applyEdit,
  type ExtendedProfileEdit,
  editBetween,
  editFromList,
  editFromMergePatch,
  growthIssues,
  readEdit,
} from '../../../src/accounts/extended-profile/edit.ts'
import type { Checked } from '../../../src/values/checked.ts'
import type { JsonObject } from '../../../src/values/json.ts'
import { context } from '../../support/context.ts'

const field = (field_name: unknown, field_value: unknown) => ({ field_name, field_value })

function after(stored: JsonObject, checked: Checked<ExtendedProfileEdit>): unknown {
  return 'issues' in checked
    ? checked.issues.map(({ pointer, code }) => `${pointer} ${code}`)
    : applyEdit(stored, checked.value)
}

describe('a list', () => {
  const read = (list: readonly unknown[], stored: JsonObject = {}) => after(stored, editFromList(list, context()))

  it('has the result of the example in the specification', () => {
    const stored = { occupation: { name: 'Organic Farmer' }, internal_code: 7 }
    const list = [
      field('conlangs_spoken', ["na'vi", 'klingon']),
      field('favorite_beatle', { name: 'ringo' }),
      field('shoe_size', 43),
      field('department', 'A'),
      field('department', null),
    ]
    expect(read(list, stored)).toEqual({
      occupation: { name: 'Organic Farmer' },
      internal_code: 7,
      conlangs_spoken: ["na'vi", 'klingon'],
      favorite_beatle: { name: 'ringo' },
      shoe_size: 43,
      department: null,
    })
    expect(stored).toEqual({ occupation: { name: 'Organic Farmer' }, internal_code: 7 })
  })

  it('that is empty changes nothing', () => expect(read([], { a: 1 })).toEqual({ a: 1 }))

  it.each([
    [['x'], '/extended_profile/0 not_an_object'],
    [[{ field_value: 1 }], '/extended_profile/0/field_name required'],
    [[field('', 1)], '/extended_profile/0/field_name required'],
    [[field(1, 1)], '/extended_profile/0/field_name not_text'],
    [[{ field_name: 'a' }], '/extended_profile/0/field_value required'],
    [[field('__proto__', 1)], '/extended_profile/0/field_name forbidden_name'],
    [[field('constructor', 1)], '/extended_profile/0/field_name forbidden_name'],
    [[field('old_names', [])], '/extended_profile/0/field_name reserved_name'],
    [[field('session_id', 1)], '/extended_profile/0/field_name reserved_name'],
    [[field('a\0', 1)], '/extended_profile/0/field_name bad_text'],
    [[field('x'.repeat(256), 1)], '/extended_profile/0/field_name too_long'],
    [[field('a', 'b\ud800')], '/extended_profile/0/field_value bad_text'],
    [[field('a', { b: JSON.parse('{"__proto__":1}') })], '/extended_profile/0/field_value/b/__proto__ forbidden_name'],
    [[field('a', new Date())], '/extended_profile/0/field_value not_json'],
    [[field('a', Number.NaN)], '/extended_profile/0/field_value not_json'],
  ])('refuses %j', (list, issue) => expect(read(list)).toEqual([issue]))

  it('has every wrong item reported', () => {
    expect(read([field('', 1), field('ok', 1), 7])).toEqual([
      '/extended_profile/0/field_name required',
      '/extended_profile/2 not_an_object',
    ])
  })
})

describe('an object', () => {
  const read = (patch: JsonObject, stored: JsonObject) => after(stored, editFromMergePatch(stored, patch, context()))

  it('merges objects, removes fields that are null, and replaces the rest', () => {
    const stored = { job: { name: 'Farmer', pay: { sum: 1, unit: 'EUR' } }, list: [1, 2], gone: 1, kept: true }
    const patch = { job: { pay: { sum: 2, unit: null } }, list: [3], gone: null, absent: null, fresh: { a: null } }
    expect(read(patch, stored)).toEqual({
      job: { name: 'Farmer', pay: { sum: 2 } },
      list: [3],
      kept: true,
      fresh: {},
    })
    expect(stored.job).toEqual({ name: 'Farmer', pay: { sum: 1, unit: 'EUR' } })
  })

  it('is refused with a pointer to the field', () => {
    const patch = { a: 'b\ud800', old_names: [], ok: 1, ['x'.repeat(256)]: 1 }
    expect(read(patch, {})).toEqual([
      '/extended_profile/a bad_text',
      '/extended_profile/old_names reserved_name',
      `/extended_profile/${'x'.repeat(256)} too_long`,
    ])
    expect(read({ a: JSON.parse('{"__proto__":1}') }, {})).toEqual(['/extended_profile/a/__proto__ forbidden_name'])
  })

  it('can remove and replace a value that could not be stored now, and keeps it elsewhere', () => {
    const stored = JSON.parse('{"old_names":[],"constructor":1,"__proto__":2,"a":{"constructor":1},"b":"\\ud800"}')
    expect(read({ old_names: null }, stored)).toEqual({ ...stored, old_names: undefined })
    expect(read({ old_names: null, b: { c: 1 }, a: 'x' }, stored)).toEqual(
      JSON.parse('{"constructor":1,"__proto__":2,"a":"x","b":{"c":1}}'),
    )
    expect(Object.keys(read(JSON.parse('{"constructor":null,"__proto__":null}'), stored) as object)).toEqual([
      'old_names',
      'a',
      'b',
    ])
    expect(read({ a: { b: 1 } }, stored)).toEqual(['/extended_profile/a/constructor forbidden_name'])
  })

  it('drops nulls of objects that replace another value', () => {
    expect(read({ a: { b: null, c: { d: null } }, e: { f: null } }, { a: [1] })).toEqual({ a: { c: {} }, e: {} })
  })
})

it('both forms are told by their shape, and any other value is refused', () => {
  const read = (value: unknown) => after({ a: 1 }, readEdit(value, { a: 1 }, context()))
  expect(read([field('b', null)])).toEqual({ a: 1, b: null })
  expect(read({ a: null })).toEqual({})
  for (const value of [null, 'not a list', 5, true, '', new Date()])
    expect(read(value)).toEqual(['/extended_profile not_a_list'])
})

it('the edit between two documents changes the named fields alone', () => {
  const [stored, seen, wanted] = [
    { a: 1, b: 2, hidden: 3 },
    { a: 1, b: 2 },
    { a: 1, c: { d: 4 } },
  ]
  const edit = editBetween(seen, wanted, ['a', 'b', 'c'], context().settings)
  expect(after(stored, edit)).toEqual({ a: 1, hidden: 3, c: { d: 4 } })
  expect('value' in edit && [...edit.value.set.keys(), ...edit.value.remove]).toEqual(['c', 'b'])
})

describe('a whole document is held to its limits', () => {
  const codes = (before: JsonObject, wanted: JsonObject, settings: Parameters<typeof context>[0]) =>
    growthIssues(before, wanted, context(settings).settings).map(({ pointer, code }) => `${pointer} ${code}`)

  it('in fields', () => {
    const settings = { extended_profile_max_fields: 2 }
    expect(codes({}, { a: 1, b: 1 }, settings)).toEqual([])
    expect(codes({ a: 1 }, { a: 1, b: 1, c: 1 }, settings)).toEqual(['/extended_profile too_many'])
  })

  it('in bytes', () => {
    const settings = { extended_profile_max_bytes: 20 }
    expect(codes({}, { a: 'é'.repeat(6) }, settings)).toEqual([])
    expect(codes({}, { a: 'y', b: 'x'.repeat(12) }, settings)).toEqual(['/extended_profile too_large'])
  })

  it('but one that is over them already may shrink', () => {
    const settings = { extended_profile_max_fields: 1, extended_profile_max_bytes: 20 }
    const before = { a: 'long enough', b: 'long enough' }
    expect(codes(before, { ...before, a: '' }, settings)).toEqual([])
    expect(codes(before, { ...before, a: 'still longer' }, settings)).toEqual(['/extended_profile too_large'])
  })

  it('in depth of a value', () => {
    const deep = (value: unknown) =>
      after({}, editFromList([field('a', value)], context({ extended_profile_max_depth: 2 })))
    expect(deep([[1]])).toEqual({ a: [[1]] })
    expect(deep([[[1]]])).toEqual(['/extended_profile/0/field_value/0/0 too_deep'])
  })
})
