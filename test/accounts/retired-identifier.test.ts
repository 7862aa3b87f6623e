import { describe, expect, it } from 'vitest'
import { type IdentifierKind, retiredForm, retiredForms, rewrapped } from '../../src/accounts/retired-identifier.ts'
import { isRetiredEmail, looksRetired } from '../../src/site/retired-formats.ts'
import { resolveSettings } from '../../src/site/settings.ts'

const first = { id: 'k1', secret: 'the first secret, of thirty-two characters' }
const second = { id: 'k2', secret: 'the second secret, of thirty-two characters' }
const third = { id: 'k3', secret: 'the third secret, of thirty-two characters' }
const one = resolveSettings({ retired_identifier_keys: [first] })
const two = resolveSettings({ retired_identifier_keys: [first, second] })
const three = resolveSettings({ retired_identifier_keys: [first, second, third] })

describe('the retired form of a value', () => {
  // Computed with Python's `hmac`. These forms are stored at sites, so that they may never change.
  it.each([
    ['username', 'retired__user_h1_k1_4d80c6da5375246ecee5d185d655b737806cfd4d'],
    ['email', 'retired__user_h1_k1_e961d8a708df33af12b08d05f425ecba3f9c015d@retired.invalid'],
    ['external_key', 'retired_external_key_h1_k1_cf934fab9c86f39c6779233aabb1b8aefa2e5fcf'],
  ] as const)('of kind %s names its key and the version of its spelling, and is frozen', (kind, form) => {
    expect(retiredForm(kind, 'ada@example.com', one)).toBe(form)
  })

  it('is the same for every spelling that names the same person', () => {
    const forms = ['Straße', 'STRASSE', 'ｓｔｒａｓｓｅ', ' straße '].map((value) =>
      retiredForm('username', value, one),
    )
    expect(new Set(forms).size).toBe(1)
  })

  it('cannot be made without a key of the site', () => {
    const none = resolveSettings()
    expect(() => retiredForm('username', 'ada', none)).toThrow(
      expect.objectContaining({ code: 'config_error', params: { settings: 'retired_identifier_keys' } }),
    )
    // Values that were retired elsewhere are recognised all the same.
    expect(retiredForms('username', 'ada', none)).toHaveLength(2)
  })

  it('is that of the last key, and every earlier form is known, the wrapped ones too', () => {
    const forms = retiredForms('username', 'ada', two)
    expect(forms.slice(2)).toEqual([
      'retired__user_h1_k1_9fc4a54fd91e9058dcd7e2185a74b8da2a61d0f7',
      'retired__user_h1_k1_k2_c0b3164bf1ee38f1e5f700fbaa0b3c6898096ee4',
      'retired__user_h1_k2_6334638617c4a684ff15d6844ea9ce8e06523beb',
    ])
    expect(retiredForm('username', 'ada', two)).toBe(forms.at(-1))
    // Forms of Open edX come first: they are older.
    expect(forms.slice(0, 2)).toEqual(retiredForms('username', 'ada', two, { salts: ['abc', '123'] }))
  })
})

describe('wrapping a form', () => {
  const kinds: readonly IdentifierKind[] = ['username', 'email', 'external_key']

  it.each(kinds)('of kind %s needs no original, and gives one that is known', (kind) => {
    const old = retiredForm(kind, 'ada@example.com', one)
    const wrapped = rewrapped(kind, old, two) ?? ''
    expect(retiredForms(kind, 'ada@example.com', two)).toContain(wrapped)
    const twice = rewrapped(kind, wrapped, three)
    expect(twice).toBe(rewrapped(kind, old, three))
    expect(retiredForms(kind, 'ada@example.com', three)).toContain(twice)
  })

  it('gives no other form to one of the last key, to one of an unknown key, and to text that is no keyed form', () => {
    const current = retiredForm('username', 'ada', two)
    const unknown = retiredForm('username', 'ada', resolveSettings({ retired_identifier_keys: [third] }))
    const salted = retiredForm('username', 'ada', two, { salts: ['a salt'] })
    for (const form of [current, unknown, salted, 'ada', '', `${current}x`])
      expect(rewrapped('username', form, two)).toBeUndefined()
  })
})

describe('salts of Open edX', () => {
  const sha1 = { retired_identifier_scheme: 'sha1' } as const

  it('are refused for new forms while they are public, unless the site allows that', () => {
    for (const salts of [{}, { retired_user_salts: ['secret', 'abc'] }]) {
      expect(() => resolveSettings({ ...sha1, ...salts })).toThrow(
        expect.objectContaining({ code: 'config_error', params: { settings: 'retired_user_salts' } }),
      )
    }
    const allowed = resolveSettings({ ...sha1, allow_public_salts: true })
    expect(retiredForm('username', 'test_user', allowed)).toBe('retired__user_ef34d50f368debf0780b046831c1e9cd852b6a01')
    // With a secret salt after them public ones do no harm, and names retired with them stay known.
    const rotated = resolveSettings({ ...sha1, retired_user_salts: ['abc', '123', 'pepper-2026'] })
    expect(retiredForm('username', 'test_user', rotated)).toBe('retired__user_5c5581f6b227a1b4c329a8f7e2ac88d110fe4572')
  })

  it('and keys can follow each other: the forms of either are known under the other', () => {
    const salts = { retired_user_salts: ['pepper-2026'] }
    const before = resolveSettings({ ...sha1, ...salts })
    const after = resolveSettings({ retired_identifier_keys: [first], ...salts })
    expect(retiredForms('email', 'Ada@example.com', after)).toContain(retiredForm('email', 'ada@Example.com', before))
    const back = resolveSettings({ ...sha1, ...salts, retired_identifier_keys: [first] })
    expect(retiredForms('email', 'ada@example.com', back)).toContain(retiredForm('email', 'ada@example.com', after))
    expect(retiredForms('email', 'ada@example.com', back).at(-1)).toBe(retiredForm('email', 'ada@example.com', back))
  })

  it('have to be a list of texts', () => {
    for (const salts of [[], 'abc', [1], null])
      expect(() => retiredForms('username', 'ada', one, { salts: salts as never })).toThrow(
        expect.objectContaining({ code: 'invalid_salts' }),
      )
  })
})

describe('a value that looks retired', () => {
  it('is told from the form, in any letter case', () => {
    expect(looksRetired('Retired__User_x', one)).toBe(true)
    expect(looksRetired('retired', one)).toBe(false)
    expect(isRetiredEmail('Retired__user_x@RETIRED.invalid', one)).toBe(true)
    expect(isRetiredEmail('retired__user_x@example.com', one)).toBe(false)
  })

  it('is never found where the format begins with the hash', () => {
    expect(looksRetired('ada', resolveSettings({ retired_username_format: '{}_gone' }))).toBe(false)
  })
})
