import type { Context } from '../../site/context.ts'
import { type Checked, refused } from '../../values/checked.ts'
import { accountPrivacies, genders, levelsOfEducation, states } from '../../values/code-lists.ts'
import { checkEmail } from './email.ts'
import { checkLanguageProficiencies } from './language-proficiencies.ts'
import { checkName } from './name.ts'
import { checkPassword } from './password.ts'
import { checkPhoneNumber } from './phone-number.ts'
import { checkSocialLinks, type SocialLink } from './social-link.ts'
import { checkCode, checkFreeText } from './text-fields.ts'
import { checkUsername } from './username.ts'
import { checkYearOfBirth } from './year-of-birth.ts'

/** The values of fields after their check, in the form in which they are stored. */
export interface CheckedFields {
  /** 2 to 30 characters, exactly as they came. */
  readonly username: string
  /** Composed by Unicode NFKC. It is compared with no username and no address: `users.accounts.validate` does that. */
  readonly password: string
  /** The form alone: whether the address is free is another question. */
  readonly email: string
  /** Without white space around. */
  readonly name: string
  /** One of `Gender`; null: cleared. */
  readonly gender: string | null
  /** A number, also where text said it. */
  readonly year_of_birth: number | null
  /** One of `LevelOfEducation`; null: cleared. */
  readonly level_of_education: string | null
  /** At most as many characters as the setting `free_text_max_length` says. */
  readonly goals: string | null
  /** At most 300 characters. */
  readonly bio: string | null
  /** One of the setting `countries`, and none of `restricted_countries`. */
  readonly country: string | null
  /** A state of the United States. */
  readonly state: string | null
  /** At most as many characters as the setting `free_text_max_length` says. */
  readonly city: string | null
  /** At most as many characters as the setting `free_text_max_length` says. */
  readonly mailing_address: string | null
  /** Digits, after a leading `+` where it was given. */
  readonly phone_number: string | null
  /** The codes, sorted. */
  readonly language_proficiencies: readonly string[]
  /** The links alone that were given, sorted by platform; those with an empty address are gone. */
  readonly social_links: readonly SocialLink[]
  /** One of `AccountPrivacy`; null: the default of the site. */
  readonly account_privacy: string | null
}

/** The most characters of the field `bio`. */
export const bioMaxLength = 300

type Check<Value> = (value: unknown, pointer: string, context: Context) => Checked<Value>

const freeText: Check<string | null> = (value, pointer, { settings }) =>
  checkFreeText(value, pointer, settings.free_text_max_length)

/** The check of each field, for every way in. */
export const fieldChecks: { readonly [Field in keyof CheckedFields]: Check<CheckedFields[Field]> } = {
  username: (value, pointer, { settings }) => checkUsername(value, pointer, settings),
  password: (value, pointer, { settings }) => checkPassword(value, pointer, settings),
  email: checkEmail,
  name: checkName,
  gender: (value, pointer) => checkCode(value, genders, pointer),
  year_of_birth: (value, pointer, { now }) => checkYearOfBirth(value, pointer, now.getUTCFullYear()),
  level_of_education: (value, pointer) => checkCode(value, levelsOfEducation, pointer),
  goals: freeText,
  bio: (value, pointer) => checkFreeText(value, pointer, bioMaxLength),
  country: (value, pointer, { settings }) =>
    typeof value === 'string' && settings.restricted_countries.includes(value)
      ? refused(pointer, 'country_restricted')
      : checkCode(value, settings.countries, pointer),
  state: (value, pointer) => checkCode(value, states, pointer),
  city: freeText,
  mailing_address: freeText,
  phone_number: checkPhoneNumber,
  language_proficiencies: (value, _pointer, { settings }) => checkLanguageProficiencies(value, settings.languages),
  social_links: (value, _pointer, { settings }) => checkSocialLinks(value, [], settings),
  account_privacy: (value, pointer) =>
    value === '' ? refused(pointer, 'required') : checkCode(value, accountPrivacies, pointer),
}
