import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasStorableKey, identifierKey, lengthOf } from '../src/text.ts'

describe('identifierKey', () => {
  it.each([
    ['Ada', 'ada'],
    [' ada ', 'ada'],
    ['ＡＤＡ', 'ada'],
    ['Straße', 'STRASSE'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
    ['é', 'e\u0301'],
    ['ﬁ', 'fi'],
  ])('takes %s and %s for the same', (a, b) => expect(identifierKey(a)).toBe(identifierKey(b)))

  it.each([
    ['ada', 'äda'],
    ['ada', 'a da'],
    ['👩', '👨'],
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

describe('hasStorableKey', () => {
  it('is so for what a column of 255 characters holds, and for something rather than nothing', () => {
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
