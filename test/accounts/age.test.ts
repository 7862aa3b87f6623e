import { describe, expect, it } from 'vitest'
import { age, requiresParentalConsent } from '../../src/accounts/age.ts'
import { context } from '../support/context.ts'

describe('age', () => {
  it('is the youngest that the year of birth allows', () => {
    expect(age(2000, 2024)).toBe(23)
    expect(age(2024, 2024)).toBe(-1)
    expect(age(null, 2024)).toBeNull()
  })
})

describe('requiresParentalConsent', () => {
  const consent = (year: number | null, options = {}, settings = {}) =>
    requiresParentalConsent(year, context(settings), options)

  it('asks for it below the limit, for the whole year in which the limit is reached', () => {
    expect(consent(2011)).toBe(true)
    expect(consent(2010)).toBe(false)
  })

  it('returns the given answer where the year is unknown', () => {
    expect(consent(null)).toBe(true)
    expect(consent(null, { unknownAge: false })).toBe(false)
  })

  it('asks no person without a limit, unless the call brings one', () => {
    const settings = { parental_consent_age_limit: null }
    expect(consent(2020, {}, settings)).toBe(false)
    expect(consent(2020, { ageLimit: 13 }, settings)).toBe(true)
    expect(consent(2020, { ageLimit: null })).toBe(false)
  })

  it('reckons from another year when told', () => expect(consent(2010, { year: 2020 })).toBe(true))
})
