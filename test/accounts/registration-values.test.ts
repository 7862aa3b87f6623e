import { describe, expect, it } from 'vitest'
import { normalizePassword } from '../../src/accounts/fields/password.ts'
import {
  claimableNames,
  decideRegistrationValues,
  type RegistrationValues,
  registrationIssues,
} from '../../src/accounts/registration-values.ts'
import { resolveSettings, type SettingsInput } from '../../src/site/settings.ts'
import type { Translate } from '../../src/values/sentences.ts'

const free = { username: false, reserved: false, email: false }
const decide = (values: RegistrationValues, taken = free, settings: SettingsInput = {}, translate?: Translate) =>
  decideRegistrationValues(values, { taken, hostIssues: [] }, resolveSettings(settings), translate)
const reason = (values: RegistrationValues, taken = free, settings: SettingsInput = {}) => {
  const [decision] = Object.values(decide(values, taken, settings))
  return decision?.valid === false ? decision.reason : 'valid'
}

it('only values of the right form are looked up', () => {
  const settings = resolveSettings()
  expect(claimableNames({ username: 'ada', email: 'a@b.co' }, settings)).toEqual({
    usernames: ['ada'],
    emails: ['a@b.co'],
  })
  for (const value of ['a', 'a\0@b.co', 'x'.repeat(999), 5, undefined])
    expect(claimableNames({ username: value, email: value }, settings)).toEqual({ usernames: [], emails: [] })
})

describe('usernames', () => {
  it.each(['ab', 'a'.repeat(30), '--', '-_x_-', 'User-1'])('may be %s', (username) =>
    expect(reason({ username })).toBe('valid'),
  )
  it.each([
    ['a', 'bad_length'],
    ['a'.repeat(31), 'bad_length'],
    ['', 'bad_length'],
    ['a b', 'invalid_characters'],
    ['frank@x', 'invalid_characters'],
    ['ab\n', 'invalid_characters'],
    ['fŕáńḱ', 'invalid_characters'],
    [null, 'not_text'],
  ])('may not be %j', (username, code) => expect(reason({ username })).toBe(code))

  it('may have letters of every script where the site allows it', () => {
    const unicode = { enable_unicode_usernames: true }
    for (const username of ['Enchanté', 'with blanks', 'arabic_١٢٣', 'a@b.c+d'])
      expect(reason({ username }, free, unicode)).toBe('valid')
    for (const username of ['ab\n', 'a#b', 'a/b', '  ', '\ufdfa'.repeat(20)])
      expect(reason({ username }, free, unicode)).toBe('invalid_characters')
  })

  it('may not look like another one by a character that shows nothing', () => {
    const invisible = ['\ufe0f', '\u034f', '\u3164', '\u115f', '\u17b4', '\u{e0100}', '\u{16fe4}', '  ']
    for (const text of invisible.map((character) => `ad${character}min`))
      expect(reason({ username: text }, free, { enable_unicode_usernames: true }), text).toBe('invalid_characters')
  })

  it('that are taken conflict, but a wrong form is said first', () => {
    expect(reason({ username: 'ada' }, { ...free, username: true })).toBe('conflict')
    expect(reason({ username: 'a' }, { ...free, username: true })).toBe('bad_length')
  })
})

describe('passwords', () => {
  const password = (value: unknown, person = {}, settings: SettingsInput = {}) =>
    reason({ password: value, ...person }, free, settings)
  it('have a length, counted after normalisation', () => {
    expect(password('1234567')).toBe('too_short')
    expect(password('12345678')).toBe('valid')
    expect(password('x'.repeat(76))).toBe('too_long')
    expect(password('p', {}, { password_min_length: 4 })).toBe('too_short')
    expect(password('ｆｕｌｌｗｉｄｔｈ')).toBe('valid')
    expect(password(null)).toBe('not_text')
  })

  it('are not nearly the username or the address', () => {
    expect(password('somephrase', { username: 'somephrase' })).toBe('too_similar')
    expect(password('SomePhrase1', { username: 'somephrase' })).toBe('too_similar')
    expect(password('adalovelace', { email: 'ada.lovelace@example.com' })).toBe('too_similar')
    expect(password('quite different', { username: 'somephrase', email: 'a@b.co' })).toBe('valid')
    expect(password('quite different', { username: 7 })).toBe('valid')
  })

  it('are the same in composed and decomposed spelling', () => {
    const settings = resolveSettings()
    const [composed, decomposed] = ['Žluťoučký', 'Z\u030clut\u030couc\u030cky\u0301'].map((text) =>
      normalizePassword(text, settings),
    )
    expect(composed).toBe(decomposed)
  })
})

describe('registration values', () => {
  it('get no decision when they are unknown', () =>
    expect(decide({ shoe_size: 43, toString: 'x' } as RegistrationValues)).toEqual({}))

  it('are each decided on', () => {
    expect(
      decide({
        username: 'ada',
        email: 'x',
        confirm_email: 'y',
        name: '',
        password: 'short',
        country: '--',
        phone_number: 'abc',
      }),
    ).toMatchObject({
      username: { valid: true },
      email: { valid: false, reason: 'bad_length' },
      confirm_email: { valid: false, reason: 'mismatch' },
      name: { valid: false, reason: 'required' },
      password: { valid: false, reason: 'too_short' },
      country: { valid: false, reason: 'required' },
      phone_number: { valid: false, reason: 'invalid_format' },
    })
  })

  it('are refused in a sentence for people, in the words of the host where it has some', () => {
    const translate: Translate = ({ code, field, params }) =>
      code === 'bad_length' ? `${field}: von ${params?.min} bis ${params?.max}` : undefined
    const sentences = (translation?: Translate) =>
      Object.values(decide({ username: 'a', name: '' }, free, {}, translation)).map(
        (decision) => !decision.valid && decision.user_message,
      )
    expect(sentences()).toEqual(['This must have between 2 and 30 characters.', 'This cannot be empty.'])
    expect(sentences(translate)).toEqual(['username: von 2 bis 30', 'This cannot be empty.'])
  })

  it.each([
    ['a@b.co', 'valid'],
    ['A@b.co', 'mismatch'],
    ['', 'mismatch'],
    [null, 'mismatch'],
  ])('compare the second entry of an address exactly: %j', (confirm_email, code) =>
    expect(reason({ confirm_email, email: 'a@b.co' })).toBe(code),
  )

  it('take any country but none', () => {
    expect(reason({ country: 'Pakistan' })).toBe('valid')
    expect(reason({ country: null })).toBe('valid')
    expect(reason({ country: '' })).toBe('required')
  })

  it('have issues with pointers and numbers', () => {
    expect(registrationIssues({ username: 'a' }, free, resolveSettings())).toEqual([
      { pointer: '/username', code: 'bad_length', params: { min: 2, max: 30 } },
    ])
  })
})
