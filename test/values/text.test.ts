import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import {
  hasInvisible,
  hasStorableKey,
  identifierKey,
  isSameIdentifier,
  isVisible,
  lengthOf,
  spellingsOfKey,
} from '../../src/values/text.ts'

describe('identifierKey', () => {
  it.each([
    ['Ada', 'ada'],
    [' ada ', 'ada'],
    ['ＡＤＡ', 'ada'],
    ['Straße', 'STRASSE'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
    ['é', 'e\u0301'],
    ['ﬁ', 'fi'],
    ['info@bücher.example', 'INFO@xn--bcher-kva.example'],
    ['info@bücher.example', 'info@Bu\u0308cher.Example'],
    ['info@bücher.example', 'info@XN--BCHER-KVA.example'],
    ['user@example.com', 'user@exam\u00adple.com'],
    ['user@example.com', 'user@exam\u200bple.com'],
    ['user@example.com', 'user@exam\u2060ple.com'],
    ['user@example.com', 'user@example\u3002com'],
    ['user@example.com', 'user@example\uff61com'],
    ['user@example.com', 'user\uff20ｅxample.com\u3000'],
    ['user@straße.example', 'user@strasse.example'],
    ['user@straße.example', 'user@xn--strae-oqa.example'],
    ['user@a\u200dü.example', 'user@aü.example'],
    ['user@ΒΌΛΟΣ.example', 'user@xn--nxasmm1c.example'],
    ['user@example.com', '"user"@example.com'],
    ['user@example.com', '"\\u\\ser"@EXAMPLE.com'],
    ['"a b"@example.com', '"\\a\\ b"@example.com'],
    ['user@[::1]', 'user@[0:0::0001]'],
    ['user@[2001:db8::a]', 'user@[2001:0DB8:0:0::A]'],
    ['user@[::ffff:1.2.3.4]', 'user@[::FFFF:102:304]'],
  ])('takes %s and %s for the same', (a, b) => expect(identifierKey(a)).toBe(identifierKey(b)))

  it.each([
    ['ada', 'äda'],
    ['ada', 'a da'],
    ['👩', '👨'],
    ['a\u00addmin', 'admin'],
    ['info@bücher.example', 'info@bucher.example'],
    ['info@bücher.example', 'info@bücher.example.com'],
    ['info@ex%61mple.com', 'info@example.com'],
    ['info@b/ü', 'info@b'],
    ['"a b"@example.com', 'ab@example.com'],
    ['"a\\"b"@example.com', '"ab"@example.com'],
    ['"user', 'user'],
    ['user@[::1]', 'user@[::2]'],
    ['info@xn--bcher-kva', 'info@xn--bcher'],
  ])('takes %s and %s for different', (a, b) => expect(identifierKey(a)).not.toBe(identifierKey(b)))

  it('changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const key = identifierKey(text)
        expect(identifierKey(key)).toBe(key)
      }),
    )
  })
})

describe('identifierKey of addresses', () => {
  const label = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.string({
      unit: fc.constantFrom('a', 'B', 'ü', 'ß', 'ς', '\u0130', '\u200d', '\u00ad', '\u3002', '١', '-'),
      maxLength: 6,
    }),
    fc.string({ unit: fc.constantFrom('a', '-', '9', 'z', 'k'), maxLength: 9 }).map((text) => `xn--${text}`),
  )
  const local = fc.oneof(
    fc.constant('ada'),
    fc.string({ unit: fc.constantFrom('a', 'B', '"', '\\', '.', '@', ' '), maxLength: 6 }).map((text) => `"${text}"`),
  )
  const domain = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
    fc.ipV6().map((literal) => `[${literal}]`),
  )
  const address = fc.tuple(local, domain).map(([name, place]) => `${name}@${place}`)

  it('changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(address, (text) => {
        const key = identifierKey(text)
        expect(identifierKey(key)).toBe(key)
        for (const spelling of spellingsOfKey(key)) expect(identifierKey(spelling)).toBe(key)
      }),
      { numRuns: 2000 },
    )
  })

  it('is found in the other spelling of its domain, where there is one', () => {
    expect(spellingsOfKey('info@bücher.example')).toEqual(['info@bücher.example', 'info@xn--bcher-kva.example'])
    expect(spellingsOfKey('info@example.com')).toEqual(['info@example.com'])
    expect(spellingsOfKey('bücher')).toEqual(['bücher'])
    expect(spellingsOfKey('ü@example.com')).toEqual(['ü@example.com'])
  })
})

describe('names and addresses that are too long to be stored', () => {
  const far = '\u0301'.repeat(200_000)

  it.each([`a${far}`, `a@b${far}.example`, `${' '.repeat(1000)}ada`])(
    'match nothing, and are not normalised',
    (text) => {
      const normalize = vi.spyOn(String.prototype, 'normalize')
      try {
        expect(identifierKey(text)).toBe('')
        expect(hasStorableKey(text)).toBe(false)
        expect(isSameIdentifier(text, text)).toBe(false)
        expect(isSameIdentifier(text, '')).toBe(false)
        expect(normalize).not.toHaveBeenCalled()
      } finally {
        normalize.mockRestore()
      }
    },
  )
})

describe('isVisible', () => {
  it.each(['a', '-', '٠', '\u200cا', '👩\u200d🔬', '\ue000', '1', '\u0e31'])('holds for %j', (text) =>
    expect(isVisible(text)).toBe(true),
  )
  it.each([
    '',
    ' ',
    '\u3000',
    '\u200b',
    '\u3164',
    '\u2060\u2060',
    '\u00ad',
    '\u115f',
    '\u1160',
    '\uffa0',
    '\ufe0f',
    '\u{e0020}',
    '\u2800',
    '\u{1d159}',
    '\u0000',
    '\ufeff',
    '\u202e',
    '\u180e',
    '\ufff9',
    '\uffff',
    '\ud800',
    '\u{1bca0}',
    ' \u200d\u200c ',
    '\u061c',
    '\u{16fe4}',
  ])('does not hold for %j', (text) => expect(isVisible(text)).toBe(false))
})

describe('hasInvisible', () => {
  it.each(['', 'ada', 'ada king', 'a\u0301da', '👩', '\ue000'])('does not hold for %j', (text) =>
    expect(hasInvisible(text)).toBe(false),
  )
  it.each([
    'ada\ufe0f',
    'ad\u034fa',
    'ada\u3164',
    '\u115fada',
    'ada\u17b4',
    'ada\u{e0100}',
    'a\u00adda',
    'ada  king',
    'a\u{16fe4}',
  ])('holds for %j', (text) => expect(hasInvisible(text)).toBe(true))
})

describe('hasStorableKey', () => {
  it('holds for keys that a column of 255 characters can hold, and not for an empty one', () => {
    expect(hasStorableKey('a'.repeat(255))).toBe(true)
    expect(hasStorableKey('a'.repeat(256))).toBe(false)
    expect(hasStorableKey('\ufdfa'.repeat(15))).toBe(false)
    expect(hasStorableKey(' \u3000 ')).toBe(false)
  })
})

describe('lengthOf', () => {
  it('counts code points', () => {
    expect(lengthOf('')).toBe(0)
    expect(lengthOf('añ𝒳')).toBe(3)
  })
})
