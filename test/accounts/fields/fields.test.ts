import { describe, expect, it } from 'vitest'
import { checkLanguageProficiencies } from '../../../src/accounts/fields/language-proficiencies.ts'
import { checkPhoneNumber, isPlainPhoneNumber } from '../../../src/accounts/fields/phone-number.ts'
import { checkCode, checkFreeText } from '../../../src/accounts/fields/text-fields.ts'
import { checkYearOfBirth } from '../../../src/accounts/fields/year-of-birth.ts'
import type { Checked } from '../../../src/values/checked.ts'

/** The value, or the code of the first issue. */
function outcome<T>(checked: Checked<T>): T | { code: string | undefined } {
  return 'issues' in checked ? { code: checked.issues[0]?.code } : checked.value
}

describe('checkCode', () => {
  const check = (value: unknown) => outcome(checkCode(value, ['m', 'f'], '/gender'))
  it('takes a code as it stands', () => expect(check('m')).toBe('m'))
  it.each([null, ''])('clears the field by %j', (value) => expect(check(value)).toBeNull())
  it.each(['M', ' m', 'x', 1, true, [], {}, 'toString'])('refuses %j', (value) =>
    expect(check(value)).toEqual({ code: 'invalid_choice' }),
  )
})

describe('checkFreeText', () => {
  const check = (value: unknown) => outcome(checkFreeText(value, '/bio', 5))
  it('drops white space around, and only then counts characters', () => {
    expect(check('  hello  ')).toBe('hello')
    expect(check('👩👩👩👩👩')).toBe('👩👩👩👩👩')
    expect(check('hello!')).toEqual({ code: 'too_long' })
  })
  it('keeps empty text and clears by null', () => {
    expect(check('   ')).toBe('')
    expect(check(null)).toBeNull()
  })
  it('takes a number for its digits', () => expect(check(42)).toBe('42'))
  it.each([true, [], {}])('refuses %j', (value) => expect(check(value)).toEqual({ code: 'not_text' }))
  it('refuses text that cannot be stored', () => expect(check('a\0')).toEqual({ code: 'bad_text' }))
})

describe('checkYearOfBirth', () => {
  const check = (value: unknown) => outcome(checkYearOfBirth(value, '/year_of_birth', 2024))
  it.each([
    [2000, 2000],
    ['2000', 2000],
    [' 2000 ', 2000],
    ['2000.0', 2000],
    [2024, 2024],
    [1904, 1904],
    [null, null],
  ])('takes %j as %j', (value, year) => expect(check(value)).toBe(year))
  it.each(['', 'words', true, 2000.5, '2000.5', [], {}, Number.NaN])('refuses %j', (value) =>
    expect(check(value)).toEqual({ code: 'not_an_integer' }),
  )
  it.each([2025, 1903, -5, 99_999])('refuses %j as out of range', (value) =>
    expect(check(value)).toEqual({ code: 'out_of_range' }),
  )
})

describe('checkPhoneNumber', () => {
  const check = (value: unknown) => outcome(checkPhoneNumber(value, '/phone_number'))
  it.each([
    ['+1 (800) 555-0100', '+18005550100'],
    [' +1800', '+1800'],
    ['0171/12.34‑56', '0171123456'],
    ['\u202a+1800\u202c', '+1800'],
    ['', null],
    ['\u200b', null],
    ['   ', null],
    [null, null],
  ])('makes of %j %j', (value, number) => expect(check(value)).toBe(number))
  it.each([
    ['abc', 'invalid_format'],
    ['+', 'invalid_format'],
    ['tel:+1800', 'invalid_format'],
    ['++1', 'invalid_format'],
    ['1+800', 'invalid_format'],
    ['+1 800 555 0100 x12', 'invalid_format'],
    ['5550100 ext. 12', 'invalid_format'],
    ['5550100;ext=12', 'invalid_format'],
    ['5550100, 5550101', 'invalid_format'],
    ['1-800-FLOWERS', 'invalid_format'],
    ['12٠', 'invalid_format'],
    ['１２', 'invalid_format'],
    ['1²', 'invalid_format'],
    ['1'.repeat(1_000_000), 'too_long'],
    ['٠١٢', 'invalid_format'],
    ['1'.repeat(51), 'too_long'],
    [18005550100, 'not_text'],
    [['1'], 'not_text'],
  ])('refuses %j', (value, code) => expect(check(value)).toEqual({ code }))

  it('has a stricter form for registration', () => {
    expect(isPlainPhoneNumber('+123456789')).toBe(true)
    expect(isPlainPhoneNumber('123 456')).toBe(false)
    expect(isPlainPhoneNumber('123\n')).toBe(false)
  })
})

describe('checkLanguageProficiencies', () => {
  const check = (value: unknown) => outcome(checkLanguageProficiencies(value, ['en', 'fr', 'zh_HANS']))
  it('takes codes and sorts them', () =>
    expect(check([{ code: 'zh_HANS' }, { code: 'en', more: 1 }])).toEqual(['en', 'zh_HANS']))
  it('takes an empty list', () => expect(check([])).toEqual([]))
  it.each([
    [null, 'not_a_list'],
    [{ code: 'en' }, 'not_a_list'],
    [['en'], 'not_an_object'],
    [[{}], 'invalid_choice'],
    [[{ code: 'EN' }], 'invalid_choice'],
    [[{ code: null }], 'invalid_choice'],
    [[{ code: 'en' }, { code: 'fr' }, { code: 'en' }], 'duplicate'],
  ])('refuses %j', (value, code) => expect(check(value)).toEqual({ code }))
})
