import { describe, expect, it } from 'vitest'
import { drawKey, hashKey } from '../../src/accounts/fields/confirmation-key.ts'
import { stateAfter } from '../../src/accounts/fields/country-and-state.ts'
import { drawUsernameSuffix } from '../../src/accounts/fields/username-suffix.ts'
import { countHit, parseRateLimit } from '../../src/accounts/rate-limit.ts'
import { retiredForms } from '../../src/accounts/retired-identifier.ts'
import { looksRetired } from '../../src/site/retired-formats.ts'
import { resolveSettings } from '../../src/site/settings.ts'

describe('stateAfter', () => {
  it('drops the state with a country that has none, even one that comes along', () => {
    expect(stateAfter({ country: 'DE', state: 'NY' }, true)).toBeNull()
    expect(stateAfter({ country: null, state: 'NY' }, true)).toBeNull()
    expect(stateAfter({ country: 'US', state: 'NY' }, true)).toBe('NY')
  })
  it('keeps a state that comes without a country', () =>
    expect(stateAfter({ country: 'DE', state: 'NY' }, false)).toBe('NY'))
})

describe('a rate limit', () => {
  const what = { name: 'email_change', subject: 'ada' }
  const at = (second: number) => `2024-06-15T12:00:${String(second).padStart(2, '0')}.000000Z`

  it.each([
    ['', undefined],
    ['1/m', { hits: 1, periodMilliseconds: 60_000 }],
    ['20/d', { hits: 20, periodMilliseconds: 86_400_000 }],
    ['a lot', undefined],
  ])('is read from %j', (text, limit) => expect(parseRateLimit(text)).toEqual(limit))

  it('lets so many through within the period, and starts anew after it', () => {
    const limit = { hits: 2, periodMilliseconds: 10_000 }
    const first = countHit(undefined, what, limit, at(0))
    const second = countHit(first.row, what, limit, at(9))
    const third = countHit(second.row, what, limit, at(9))
    const later = countHit(third.row, what, limit, at(10))
    expect([first, second, third, later].map((hit) => hit.allowed)).toEqual([true, true, false, true])
    expect(later.row).toEqual({ ...what, period_start: at(10), hits: 1 })
  })
})

describe('a confirmation key', () => {
  it('is 128 bits in hexadecimal, and stored in another form', () => {
    const key = drawKey((bytes) => new Uint8Array(bytes).fill(171))
    expect(key).toBe('ab'.repeat(16))
    expect(hashKey(key)).toMatch(/^[0-9a-f]{64}$/)
    expect(hashKey(key)).not.toContain(key)
  })
})

describe('drawUsernameSuffix', () => {
  it('has letters and digits in turn, either first', () => {
    const draw = (...bytes: number[]) => drawUsernameSuffix(() => new Uint8Array(bytes))
    expect(draw(0, 0, 3, 25, 9)).toBe('a3z9')
    expect(draw(1, 0, 3, 25, 9)).toBe('0d5j')
  })
})

describe('retired identifiers', () => {
  const settings = resolveSettings()
  it('have one form per salt, oldest first', () => {
    expect(retiredForms('username', 'Test_User', settings)).toEqual([
      'retired__user_66c68ca8a2ffec3371e584a978122cc788225322',
      'retired__user_ef34d50f368debf0780b046831c1e9cd852b6a01',
    ])
    expect(retiredForms('email', 'Learner@Example.COM', settings).at(-1)).toBe(
      'retired__user_709096e8a07630761d21b73502be58f1e3e6006c@retired.invalid',
    )
  })
  it('are recognised by their beginning', () => {
    expect(looksRetired('Retired__User_x', settings)).toBe(true)
    expect(looksRetired('ada', settings)).toBe(false)
    expect(looksRetired('ada', resolveSettings({ retired_username_format: '{}_retired' }))).toBe(false)
  })
})
