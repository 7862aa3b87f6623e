import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  changePreferences,
  oversizeIssues,
  type PreferenceRequest,
  preferenceValues,
  type StoredPreference,
} from '../../src/preferences/change-preferences.ts'
import {
  declaredText,
  declaredValue,
  preferenceReadings,
  preferenceText,
  toldText,
} from '../../src/preferences/preference-value.ts'
import type { SettingsInput } from '../../src/site/settings.ts'
import { context } from '../support/context.ts'
import { anyValue } from './any-value.ts'

const request: PreferenceRequest = { count: 0, maxCount: 1000, refusals: [], defaults: new Set(), definitions: {} }

function rows(values: Record<string, string | null>): StoredPreference[] {
  return Object.entries(values).map(([key, value]) => ({ key, value, version: 1 }))
}

function change(
  stored: StoredPreference[],
  patch: object,
  more: Partial<PreferenceRequest> = {},
  settings: SettingsInput = {},
) {
  return changePreferences(stored, patch as Record<string, unknown>, { ...request, ...more }, context(settings))
}

function issues(
  patch: object,
  stored: Record<string, string> = {},
  more: Partial<PreferenceRequest> = {},
  settings: SettingsInput = {},
) {
  const checked = change(rows(stored), patch, more, settings)
  return 'issues' in checked ? checked.issues.map(({ pointer, code }) => `${pointer} ${code}`) : []
}

describe('a patch of preferences', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd.e', 'f-g')
  const text = fc
    .string({ minLength: 1 })
    .filter((value) => value.trim() !== '' && !value.includes('\0') && value.isWellFormed())

  it('is RFC 7396 on the map of texts', () => {
    fc.assert(
      fc.property(fc.dictionary(key, text), fc.dictionary(key, fc.option(text)), (stored, patch) => {
        const checked = change(rows(stored), patch)
        if ('issues' in checked) throw new Error(JSON.stringify(checked.issues))
        const after = new Map(rows(stored).map((row) => [row.key, row]))
        for (const row of checked.value.put) after.set(row.key, row)
        const expected = Object.fromEntries(
          Object.entries({ ...stored, ...patch }).filter(([, value]) => value !== null),
        )
        expect(preferenceValues([...after.values()])).toEqual(expected)
      }),
    )
  })

  it('puts the rows that differ, each with its next version, and tells exactly these changes', () => {
    const stored = [
      { key: 'same', value: '1', version: 5 },
      { key: 'other', value: '1', version: 5 },
      { key: 'gone', value: '1', version: 2 },
      { key: 'back', value: null, version: 7 },
    ]
    expect(change(stored, { same: '1', other: '2', gone: null, ghost: null, back: 'x', fresh: 'x' })).toEqual({
      value: {
        put: [
          { key: 'other', value: '2', version: 6 },
          { key: 'gone', value: null, version: 3 },
          { key: 'back', value: 'x', version: 8 },
          { key: 'fresh', value: 'x', version: 1 },
        ],
        changes: [
          { setting: 'other', old: '1', new: '2' },
          { setting: 'gone', old: '1', new: null },
          { setting: 'back', old: null, new: 'x' },
          { setting: 'fresh', old: null, new: 'x' },
        ],
      },
    })
  })

  it('reports every key that is wrong, and changes nothing', () => {
    expect(issues({ ok: 'v', empty: '', time_zone: 'Asia/Africa', ['x'.repeat(256)]: 'v', ünï: 'v' })).toEqual([
      '/empty required',
      '/time_zone invalid_choice',
      `/${'x'.repeat(256)} too_long`,
      '/ünï invalid_characters',
    ])
  })
})

describe('keys', () => {
  it.each(['visibility.name', 'pref-lang', 'a', '_', 'x'.repeat(255)])('can be %s', (key) => {
    const value = key.startsWith('visibility') ? 'private' : key === 'pref-lang' ? 'en' : 'v'
    expect(issues({ [key]: value })).toEqual([])
  })
  it.each([
    ['', 'invalid_characters'],
    ['a b', 'invalid_characters'],
    [' a', 'invalid_characters'],
    ['a\n', 'invalid_characters'],
    ['a/b', 'invalid_characters'],
    ['a\0', 'invalid_characters'],
    ['constructor', 'forbidden_name'],
    ['__proto__', 'forbidden_name'],
  ])('cannot be %j', (key, code) =>
    expect(issues({ [key]: 'v' })).toEqual([expect.stringMatching(new RegExp(` ${code}$`))]),
  )

  it('that are stored already are taken as they are', () => {
    expect(issues({ 'test key': 'v' }, { 'test key': 'old' })).toEqual([])
    expect(issues({ 'test key': null }, { 'test key': 'old' })).toEqual([])
  })
})

describe('values', () => {
  it.each([
    ['  x ', '  x '],
    [true, 'True'],
    [false, 'False'],
    [0, '0'],
    [-0, '0'],
    [10, '10'],
    [1.1, '1.1'],
    [[1, 'a', null, true], '[1,"a",null,true]'],
    [{ int_key: 10 }, '{"int_key":10}'],
    [{}, '{}'],
  ])('%j is stored as %j', (value, text) => {
    expect(preferenceText(value)).toBe(text)
    expect(preferenceReadings(text)).toContainEqual(value === 0 ? 0 : value)
    // The text of a declared preference is the same.
    expect(declaredText(value)).toBe(text)
  })

  it.each([
    ['5', '"5"'],
    ['True', '"True"'],
    ['{}', '"{}"'],
    ['"5"', '"\\"5\\""'],
    ['true', 'true'],
    ['null', 'null'],
    ['1.0', '1.0'],
    [' 5', ' 5'],
    ['"a"', '"a"'],
    ['dark', 'dark'],
  ])('the declared text %j is stored as %j, and told without quotes', (value, text) => {
    expect(declaredText(value)).toBe(text)
    expect(toldText(text)).toBe(value)
  })

  it('of declared preferences are read back exactly, of any type', () => {
    fc.assert(
      fc.property(anyValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value))
        expect(declaredValue(declaredText(value))).toEqual(plain)
        expect(toldText(declaredText(value))).toBe(preferenceText(value))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['5', [5, '5']],
    ['1.0', ['1.0', 1]],
    ['true', ['true', true]],
    ['True', [true, 'True']],
    ['"a"', ['"a"', 'a']],
    ['[1, 2]', ['[1, 2]', [1, 2]]],
  ])('that Open edX stored as %j can have been any of %j', (text, readings) =>
    expect(preferenceReadings(text)).toEqual(readings),
  )

  it.each([
    ['', 'required'],
    ['  ', 'required'],
    ['\u00a0', 'required'],
    ['a\0', 'bad_text'],
    ['\ud800', 'bad_text'],
    [Number.NaN, 'not_json'],
    [new Date(), 'not_json'],
    ['x'.repeat(65_537), 'too_large'],
  ])('cannot be %j', (value, code) => expect(issues({ a: value })).toEqual([`/a ${code}`]))

  it('can have as many bytes as the setting preference_max_bytes', () => {
    expect(issues({ a: 'x'.repeat(65_536) })).toEqual([])
    expect(issues({ a: 'éé' }, {}, {}, { preference_max_bytes: 3 })).toEqual(['/a too_large'])
  })

  it.each([
    ['time_zone', 'Europe/Rome', ' Europe/Rome'],
    ['account_privacy', 'custom', 'friends'],
    ['visibility.bio', 'all_users', 'True'],
    ['visibility.extended_profile.DOB', 'private', 'custom'],
    ['pref-lang', 'es-419', 'not a language'],
    ['dark-lang', 'ar', '*'],
  ])('of %s have a meaning: %s, not %s', (key, right, wrong) => {
    expect(issues({ [key]: right })).toEqual([])
    expect(issues({ [key]: wrong })).toEqual([`/${key} invalid_choice`])
    expect(issues({ [key]: null })).toEqual([])
  })

  it.each([
    'Time_Zone',
    'TIME_ZONE',
    'Account_Privacy',
    'Visibility.bio',
    'visibility.BIO',
    'visibility.Extended_profile.a',
    'Pref-Lang',
  ])('with a meaning have no other spelling: %s', (key) =>
    expect(issues({ [key]: 'Europe/Rome' })).toEqual([`/${key} reserved_name`]),
  )
})

describe('oversizeIssues', () => {
  it('returns the issue of a patch that is larger than the limit as a whole', () => {
    const small = context({ patch_max_bytes: 20 })
    expect(oversizeIssues({ a: 'x', b: undefined }, small)).toEqual([])
    expect(oversizeIssues({ a: 'x'.repeat(5), b: 'x'.repeat(5) }, small)).toEqual([
      { pointer: '', code: 'too_large', params: { max_bytes: 20 } },
    ])
  })
})

describe('the number of preferences', () => {
  it('has a limit; a person above it can still change and delete', () => {
    const full = { count: 2, maxCount: 2 }
    expect(issues({ c: '1' }, { a: '1', b: '1' }, full)).toEqual(['/c too_many'])
    expect(issues({ c: '1', a: null }, { a: '1', b: '1' }, full)).toEqual([])
    expect(issues({ a: '2' }, { a: '1', b: '1' }, full)).toEqual([])
    expect(issues({ a: null }, { a: '1', b: '1' }, { count: 9, maxCount: 2 })).toEqual([])
  })
})
