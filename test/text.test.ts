import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identifierKey, lengthOf } from '../src/text.ts'

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

describe('lengthOf', () => {
  it('counts code points', () => {
    expect(lengthOf('')).toBe(0)
    expect(lengthOf('añ𝒳')).toBe(3)
  })
})
