import { requiresParentalConsent } from '../accounts/age.ts'
import type { OrgTagRow } from '../port/tables.ts'
import type { Context } from '../site/context.ts'

/** Key of the tag that holds the choice of a person to get e-mail of an organisation. */
export const emailOptInKey = 'email-optin'

/** The time of choice that the export gives people who were never asked: a day before the first record. */
const neverAskedAt = '2014-12-01T00:00:00.000000Z'

/**
 * Returns the choice that may be stored: people below the age limit are always out. An unknown age keeps no person out
 * here, other than with the visibility of profiles. Source: Open edX, `update_email_opt_in`.
 */
export function allowedOptIn(optIn: boolean, year_of_birth: number | null, context: Context): boolean {
  const options = { ageLimit: context.settings.email_optin_minimum_age, unknownAge: false }
  return optIn && !requiresParentalConsent(year_of_birth, context, options)
}

/**
 * Returns the choice that is stored; null where there is none. Data of Open edX can have other texts than `True` and
 * `False`: `true` in any letter case is yes, everything else is no.
 */
export function storedOptIn(tag: Pick<OrgTagRow, 'value'> | undefined): boolean | null {
  return tag?.value ? tag.value.toLowerCase() === 'true' : null
}

/** The choice of a person with its time, as the export has it. */
export interface DatedOptIn {
  readonly is_opted_in_for_email: boolean
  /** ISO 8601, UTC. */
  readonly preference_set_datetime: string
}

/**
 * Returns the choice that counts among those for several names of one organisation: the last one. Of two of the same
 * moment an opt-out counts.
 */
export function latestOptIn(tags: readonly OrgTagRow[], unset: boolean): DatedOptIn {
  const newest = [...tags]
    .filter((tag) => tag.value !== null)
    .sort((a, b) =>
      a.modified_at < b.modified_at ? 1 : a.modified_at > b.modified_at ? -1 : a.value === 'False' ? -1 : 1,
    )[0]
  return {
    is_opted_in_for_email: storedOptIn(newest) ?? unset,
    preference_set_datetime: newest?.modified_at ?? neverAskedAt,
  }
}
