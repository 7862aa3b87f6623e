import { describe, expect, it } from 'vitest'
import { checkEmail, isEmailSyntax } from '../../../src/accounts/fields/email.ts'

describe('isEmailSyntax', () => {
  it.each([
    'a@b.co',
    'A@B.CO',
    'a@localhost',
    'a@[127.0.0.1]',
    'a@[::1]',
    'a@é.co',
    'a@xn--9ca.co',
    'a@b.xn--p1ai',
    'a+b@c.de',
    "o'x@b.de",
    '"qq"@b.co',
    '"a\\"b"@b.co',
    `${'a'.repeat(65)}@b.co`,
    `a@${'b'.repeat(63)}.co`,
  ])('takes %s', (address) => expect(isEmailSyntax(address)).toBe(true))

  it.each([
    'a@b',
    'a@b.c',
    'a@example',
    'a@b.123',
    'a@b.co.',
    'a@-b.co',
    'a@b-.co',
    'a@b_c.co',
    'a@b..co',
    'a..b@c.co',
    '.a@c.co',
    'a.@c.co',
    'é@b.co',
    '"q q"@b.co',
    '"q"q@b.co',
    'a@b@c.co',
    ' a@b.co',
    'a@b.co\n',
    `a@${'b'.repeat(64)}.co`,
    'a@[999.0.0.1]',
    'a@[]',
    'a@[fe80::1%eth0]',
    'a@x.\u3164\u3164',
    'a@\u00adx.co\u3002',
    `a@${'ü'.repeat(60)}.co`,
    '@',
    '@domain.com',
    '',
  ])('refuses %j', (address) => expect(isEmailSyntax(address)).toBe(false))
})

describe('checkEmail', () => {
  const code = (value: unknown) => {
    const checked = checkEmail(value, '/email')
    return 'issues' in checked ? checked.issues[0]?.code : checked
  }
  it('counts from 3 to 254 characters', () => {
    expect(code(`${'a'.repeat(249)}@b.co`)).toEqual({ value: `${'a'.repeat(249)}@b.co` })
    expect(code(`${'a'.repeat(250)}@b.co`)).toBe('bad_length')
    expect(code('a')).toBe('bad_length')
  })
  it('tells the kind of the mistake', () => {
    expect(code('email')).toBe('invalid_format')
    expect(code(null)).toBe('not_text')
    expect(code(['a@b.co'])).toBe('not_text')
    // Each letter is eighteen letters once it is compared.
    expect(code(`a@${'\ufdfa'.repeat(20)}.co`)).toBe('invalid_format')
  })
})
