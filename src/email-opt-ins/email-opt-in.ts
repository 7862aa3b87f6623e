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

/** A choice as it is stored; without a moment for a person who made none. */
interface DatedTag {
  readonly value: string | null
  readonly modified_at: string | null
}

/**
 * Tells whether a choice counts instead of another, that of the same person for another name of the organisation: the
 * later one does. Of two of the same moment an opt-out counts.
 */
export function overrides(tag: DatedTag | undefined, other: DatedTag | undefined): boolean {
  if (tag === undefined || tag.value === null) return false
  if (other === undefined || other.value === null) return true
  const [moment, otherMoment] = [tag.modified_at ?? '', other.modified_at ?? '']
  return moment > otherMoment || (moment === otherMoment && tag.value === 'False')
}

/** Returns a choice as the export has it; `unset` stands for that of people who were never asked. */
export function datedOptIn(tag: DatedTag | undefined, unset: boolean): DatedOptIn {
  const isSet = tag !== undefined && tag.value !== null
  return {
    is_opted_in_for_email: storedOptIn(tag) ?? unset,
    preference_set_datetime: (isSet ? tag.modified_at : null) ?? neverAskedAt,
  }
}
