import type { UserId } from '../port/tables.ts'
import type { ExtendedFields, NoFields } from '../site/define-extended-profile.ts'
import type { AccountPrivacy, Gender, LevelOfEducation } from '../values/code-lists.ts'
import type { JsonValue } from '../values/json.ts'
import type { ExtendedProfileField } from './extended-profile/document.ts'
import type { ExtendedProfileInput } from './extended-profile/typed-values.ts'
import type { LanguageProficiency } from './fields/language-proficiencies.ts'
import type { ProfileImage } from './fields/profile-image.ts'
import type { SocialLink } from './fields/social-link.ts'

/**
 * An account as one reader sees it: the fields that the reader may see, and no others. Without a profile all but those
 * of the person itself (marked *) are null. Source of names and meaning: Open edX, `UserReadOnlySerializer`.
 */
export interface AccountDocument {
  /** * Names the person to others. */
  readonly username?: string
  /** * The confirmed address. */
  readonly email?: string
  /** * Names the person for good. */
  readonly id?: UserId
  /** * ISO 8601, UTC, whole seconds. */
  readonly date_joined?: string
  /** * ISO 8601, UTC; null: never. */
  readonly last_login?: string | null
  /** * False until the e-mail address is confirmed. */
  readonly is_active?: boolean
  /** Full name; `''` when none is given. */
  readonly name?: string | null
  /** At most 300 characters, as they were typed: escape them before they go into a page. */
  readonly bio?: string | null
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | null
  /** Postal code of a state of the US. */
  readonly state?: string | null
  /** One of `Gender`, or an older code. */
  readonly gender?: string | null
  /** One of `LevelOfEducation`, or an older code. */
  readonly level_of_education?: string | null
  /** As they were typed, like the bio; `''` and null both say nothing. */
  readonly goals?: string | null
  /** Any number of lines; `''` and null both say nothing. */
  readonly mailing_address?: string | null
  /** Digits, after a leading `+` where it was given. */
  readonly phone_number?: string | null
  /** Four digits as a rule; older data can have any number. */
  readonly year_of_birth?: number | null
  /** Sorted by code. */
  readonly language_proficiencies?: readonly LanguageProficiency[] | null
  /** Sorted by platform. */
  readonly social_links?: readonly SocialLink[] | null
  /**
   * Without an image the addresses are those of the default one; that of a child is shown to the holder and staff
   * alone.
   */
  readonly profile_image?: ProfileImage | null
  /** Whether the person is too young to decide alone. */
  readonly requires_parental_consent?: boolean | null
  /**
   * The privacy that applies: `private` for minors, under every choice. One of `AccountPrivacy`, or older text, which
   * acts as private.
   */
  readonly account_privacy?: string
  /** The fields that the site configured, in its order. */
  readonly extended_profile?: readonly ExtendedProfileField[] | null
  /** * The name that waits for approval. */
  readonly pending_name_change?: string | null
  /** * The name that was verified; from the `derivedFields` hook. */
  readonly verified_name?: string | null
  /** * Shown only while the setting `enable_secondary_email` is on. */
  readonly secondary_email?: string | null
  /** * `true` while the setting `enable_secondary_email` is on, else null: never false, as in the original. */
  readonly secondary_email_enabled?: true | null
  /** * Null unless the `derivedFields` hook gives it: the zone that was chosen is a preference. */
  readonly time_zone?: string | null
  /** * From the `derivedFields` hook. */
  readonly course_certificates?: JsonValue
}

/**
 * Every field that an account document can have, with its type. An intersection, since members of a mapped type alone
 * lose their documentation in editors.
 */
export type AccountFields = AccountDocument & Required<AccountDocument>

/** The name of a field of account documents. */
export type AccountField = keyof AccountDocument

/**
 * A change of an account, as a merge patch: a field that is named gets the value, the others stay, null clears a field
 * that may be empty. Lists replace the stored list, except `social_links` (merged by platform) and `extended_profile`
 * (merged by name).
 */
export interface AccountPatch<Fields extends ExtendedFields = NoFields> {
  /** 1 to 255 characters, without `<`, `>` and `://`. */
  readonly name?: string
  /**
   * The address to send a confirmation to; the document keeps the old one until then. While one waits for its
   * confirmation, null and the present address withdraw it.
   */
  readonly email?: string | null
  /** The same for the second address. Null also takes out the one that was confirmed. */
  readonly secondary_email?: string | null
  /** `''` clears it, as null does: forms send empty selections. The same holds for the other codes. */
  readonly gender?: Gender | '' | null
  /** Within the last 120 years; text that says a year is taken as well. */
  readonly year_of_birth?: number | string | null
  /** `''` clears it, as null does. */
  readonly level_of_education?: LevelOfEducation | '' | null
  /** As many characters as the setting `free_text_max_length` allows, like city and mailing address. */
  readonly goals?: string | number | null
  /** At most 300 characters. */
  readonly bio?: string | number | null
  /** A country other than `US` clears the state. */
  readonly country?: string | null
  /** Sent alone it is kept whatever the country is. */
  readonly state?: string | null
  /** Can be written, is in no document. */
  readonly city?: string | number | null
  /** As many characters as the setting `free_text_max_length` allows. */
  readonly mailing_address?: string | number | null
  /** Of the text only digits are kept, and a `+` before them: 50 characters at most, one digit at least. */
  readonly phone_number?: string | null
  /** Every code once. `[]` removes them all. */
  readonly language_proficiencies?: readonly LanguageProficiency[]
  /** A link of `''` removes that of the platform; `[]` changes nothing. */
  readonly social_links?: readonly SocialLink[]
  /** A list sets the fields that it names; an object is a merge patch, in which null removes a field. */
  readonly extended_profile?: ExtendedProfileInput<Fields>
  /** Null: back to the default of the site. */
  readonly account_privacy?: AccountPrivacy | null
}
