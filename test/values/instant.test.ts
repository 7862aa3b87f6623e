import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addMilliseconds, instantOf, showInstant, toInstant } from '../../src/values/instant.ts'

describe('toInstant', () => {
  it.each([
    ['2024-06-15T12:00:00Z', '2024-06-15T12:00:00.000000Z'],
    ['2024-06-15T12:00:00.25Z', '2024-06-15T12:00:00.250000Z'],
    ['2024-06-15 12:00:00.000001+02', '2024-06-15T10:00:00.000001Z'],
    ['2024-06-15 12:00:00', '2024-06-15T12:00:00.000000Z'],
    ['1969-12-31T23:59:59.5-0130', '1970-01-01T01:29:59.500000Z'],
    ['2024-06-15T12:00:30+05:30', '2024-06-15T06:30:30.000000Z'],
    ['2024-06-15T12:00:00.123456789Z', '2024-06-15T12:00:00.123456Z'],
  ])('reads %s', (text, instant) => expect(toInstant(text)).toBe(instant))

  it.each(['', 'now', '2024', '2024-13-01T00:00:00Z', '2024-06-15T12:00:00.', '2024-06-15T25:00:00Z'])(
    'does not read %s',
    (text) => expect(toInstant(text)).toBeUndefined(),
  )

  it('reads a Date, and Date.now()', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
        expect(toInstant(date)).toBe(instantOf(date))
        expect(toInstant(date.getTime())).toBe(instantOf(date))
        expect(toInstant(date.toISOString())).toBe(instantOf(date))
      }),
    )
    expect(toInstant(new Date(Number.NaN))).toBeUndefined()
  })

  it('reads the texts of showInstant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), (micro) => {
        const instant = `2024-06-15T12:00:10.${String(micro).padStart(6, '0')}Z`
        expect(toInstant(showInstant(instant))).toBe(instant)
      }),
    )
  })
})

describe('showInstant', () => {
  it.each([
    ['2024-06-15T12:00:10.000000Z', '2024-06-15T12:00:10Z'],
    ['2024-06-15T12:00:10.100000Z', '2024-06-15T12:00:10.100000Z'],
    ['2024-06-15T12:00:10.000001Z', '2024-06-15T12:00:10.000001Z'],
  ])('writes %s as %s', (instant, text) => expect(showInstant(instant)).toBe(text))
})

describe('addMilliseconds', () => {
  it('moves on and back, and keeps microseconds', () => {
    expect(addMilliseconds('2024-06-15T12:00:00.000001Z', 1500)).toBe('2024-06-15T12:00:01.500001Z')
    expect(addMilliseconds('2024-06-15T12:00:00.999999Z', -86_400_000)).toBe('2024-06-14T12:00:00.999999Z')
    expect(addMilliseconds('1970-01-01T00:00:00.000000Z', -1)).toBe('1969-12-31T23:59:59.999000Z')
  })
})
