import type { Settings } from '../site/settings.ts'

/**
 * Returns the age in whole years by the year of birth alone: the youngest the person can be, so -1 for a birth this
 * year; `null` where the year is unknown. Source: Open edX, `UserProfile.age`.
 */
export function age(year_of_birth: number | null, currentYear: number): number | null {
  return year_of_birth === null ? null : currentYear - year_of_birth - 1
}

/** The facts that parental consent can depend on beyond the year of birth. */
export interface ConsentOptions {
  /** Years; `null`: no person needs consent. Default: the setting `parental_consent_age_limit`. */
  readonly ageLimit?: number | null
  /** Year to reckon from. Default: the current one, in UTC. */
  readonly year?: number
  /** The answer for people whose year of birth is unknown. Default true. */
  readonly unknownAge?: boolean
}

/**
 * Tells whether a person is too young to decide alone.
 *
 * Source: Open edX, `UserProfile.requires_parental_consent`.
 */
export function requiresParentalConsent(
  year_of_birth: number | null,
  context: { readonly settings: Settings; readonly now: Date },
  options: ConsentOptions = {},
): boolean {
  const limit = options.ageLimit === undefined ? context.settings.parental_consent_age_limit : options.ageLimit
  if (limit === null) return false
  const years = age(year_of_birth, options.year ?? context.now.getUTCFullYear())
  return years === null ? (options.unknownAge ?? true) : years < limit
}
