import { requiresParentalConsent } from '../accounts/age.ts'
import type { OrgTagRow } from '../port/tables.ts'
import type { Context } from '../site/context.ts'

/** Key of the tag that says whether a person wants e-mail of an organisation. */
export const emailOptInKey = 'email-optin'

/** What the export says of people who were never asked when they chose: a day before the first record. */
const neverAskedAt = '2014-12-01T00:00:00.000000Z'

/**
 * What is stored when somebody opts in or out: people below the age limit are always out. An unknown age is no reason
 * to keep somebody out here, other than with the visibility of profiles. Source: Open edX, `update_email_opt_in`.
 */
export function allowedOptIn(opt_in: boolean, year_of_birth: number | null, context: Context): boolean {
  const options = { ageLimit: context.settings.email_optin_minimum_age, unknownAge: false }
  return opt_in && !requiresParentalConsent(year_of_birth, context, options)
}

/** Reads the text of a form: `true` in any letter case is yes, everything else is no. */
export function readOptIn(text: string): boolean {
  return text.toLowerCase() === 'true'
}

/** The choice that is stored: null where there is none. Data of Open edX can have other texts than `True` and `False`. */
export function storedOptIn(tag: Pick<OrgTagRow, 'value'> | undefined): boolean | null {
  return tag?.value ? readOptIn(tag.value) : null
}

/** Whether somebody opted in to e-mail of an organisation, and when they said so. */
export interface OptInAnswer {
  readonly is_opted_in_for_email: boolean
  /** ISO 8601, UTC. */
  readonly preference_set_datetime: string
}

/**
 * The answer that counts among those for several names of one organisation: the one given last. Of two given at the
 * same moment an opt-out counts.
 */
export function latestOptIn(tags: readonly OrgTagRow[], unset: boolean): OptInAnswer {
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
