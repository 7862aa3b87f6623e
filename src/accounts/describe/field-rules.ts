import type { Context } from '../../site/context.ts'
import { accountPrivacies, genders, levelsOfEducation, states } from '../../values/code-lists.ts'
import type { JsonValue } from '../../values/json.ts'
import { visiblePattern } from '../../values/text.ts'
import type { AccountPatch } from '../account.ts'
import { bioMaxLength } from '../fields/checks.ts'
import { emailLimits } from '../fields/email.ts'
import { nameMaxLength } from '../fields/name.ts'
import { phoneMaxLength } from '../fields/phone-number.ts'
import { usernameLimits } from '../fields/username.ts'
import { birthYears } from '../fields/year-of-birth.ts'

/** A JSON Schema of draft 2020-12. Source: https://json-schema.org/draft/2020-12. */
export type JsonSchema = { readonly [keyword: string]: JsonValue }

/** The limits of a value, without white space around it. Lengths are in characters, as people count them. */
export interface FieldLimits {
  readonly min_length?: number
  readonly max_length?: number
  readonly minimum?: number
  readonly maximum?: number
}

/** The rule of a field, for forms and for descriptions of an interface. */
export interface FieldRule {
  /** Whether the field cannot be emptied. */
  readonly required: boolean
  /** The codes to choose from; left out where there is nothing to choose from. */
  readonly options?: readonly string[]
  readonly limits?: FieldLimits
  /** The values that a change takes; left out where no schema says them. */
  readonly schema?: JsonSchema
}

/** The site that the rules depend on, and the countries that can be chosen there. */
export interface RuleSite extends Pick<Context, 'settings' | 'now'> {
  readonly countries: readonly string[]
}

const any = '[\\s\\S]'
/** The end of a text comes without one of these; `\p{Cs}` is a half of a pair, which cannot be stored. */
const without = (text: string) => `(?!${any}*${text})`
const unstorable = '[\\u0000\\p{Cs}]'
/** Lines, and marks that change the direction of what follows. */
const unseen = '\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069'

const code = (codes: readonly string[]): FieldRule => ({
  required: false,
  options: codes,
  schema: { enum: [...codes, '', null] },
})

/** The pattern of a text up to a length, with white space around it; `edge`: its first and its last character. */
const trimmed = (edge: string, inner: string, most: number) =>
  `\\s*${edge}${most < 2 ? '' : `(?:${inner}{0,${most - 2}}${edge})?`}\\s*`

/** The rule of a text of any lines: white space around it does not count. */
const freeText = (max_length: number): FieldRule => ({
  required: false,
  limits: { max_length },
  schema: {
    type: ['string', 'number', 'null'],
    pattern: `^${without(unstorable)}(?:\\s*|${trimmed('\\S', any, max_length)})$`,
  },
})

const email: FieldRule = {
  required: false,
  limits: { min_length: emailLimits.min, max_length: emailLimits.max },
  // The form has more rules than a schema says. Null withdraws a request.
  schema: { type: ['string', 'null'], format: 'email', minLength: emailLimits.min, maxLength: emailLimits.max },
}

/** The characters between the digits of a phone number, which are dropped. */
const separator = '[\\s\\p{Pd}\\p{Cf}()./]'
const digits = (most: number) => `(?:[0-9]${separator}*){1,${most}}`

/** The rule of each field of a patch but the extended profile, whose fields have rules of their own. */
export const fieldRules: {
  readonly [Field in Exclude<keyof AccountPatch, 'extended_profile'>]: (site: RuleSite) => FieldRule
} = {
  name: () => ({
    required: true,
    limits: { min_length: 1, max_length: nameMaxLength },
    schema: {
      type: 'string',
      pattern:
        `^${without('[<>]')}${without('://')}${without(unstorable)}(?=${any}*${visiblePattern()})` +
        `${trimmed(`[^\\s${unseen}]`, `[^${unseen}]`, nameMaxLength)}$`,
    },
  }),
  email: () => email,
  secondary_email: () => email,
  gender: () => code(genders),
  year_of_birth: ({ now }) => {
    const { minimum, maximum } = birthYears(now.getUTCFullYear())
    const years = Array.from({ length: maximum - minimum + 1 }, (_, index) => minimum + index)
    return {
      required: false,
      limits: { minimum, maximum },
      schema: {
        anyOf: [
          { type: 'integer', minimum, maximum },
          { type: 'null' },
          { type: 'string', pattern: `^\\s*0?(?:${years.join('|')})(?:\\.0+)?\\s*$` },
        ],
      },
    }
  },
  level_of_education: () => code(levelsOfEducation),
  goals: ({ settings }) => freeText(settings.free_text_max_length),
  bio: () => freeText(bioMaxLength),
  country: ({ countries }) => code(countries),
  state: () => code(states),
  city: ({ settings }) => freeText(settings.free_text_max_length),
  mailing_address: ({ settings }) => freeText(settings.free_text_max_length),
  phone_number: () => ({
    required: false,
    limits: { max_length: phoneMaxLength },
    schema: {
      type: ['string', 'null'],
      // A text that shows nothing clears the number.
      pattern:
        `^${without(unstorable)}(?:(?:(?!${visiblePattern()})${any})*|${separator}*(?:\\+${separator}*${digits(phoneMaxLength - 1)}` +
        `|${digits(phoneMaxLength)}))$`,
    },
  }),
  language_proficiencies: ({ settings: { languages } }) => ({
    required: false,
    options: languages,
    schema: {
      type: 'array',
      uniqueItems: true,
      items: { type: 'object', properties: { code: { enum: [...languages] } }, required: ['code'] },
    },
  }),
  social_links: ({ settings: { social_platforms, social_platform_aliases } }) => ({
    required: false,
    options: Object.keys(social_platforms),
    schema: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          platform: { enum: [...Object.keys(social_platforms), ...Object.keys(social_platform_aliases)] },
          // The address of a page of the platform: a schema says no more of it.
          social_link: { type: 'string' },
        },
        required: ['platform', 'social_link'],
      },
    },
  }),
  account_privacy: () => ({
    required: false,
    options: accountPrivacies,
    schema: { enum: [...accountPrivacies, null] },
  }),
}

/** The rules of the values that an account is made of, beside those of its profile. */
export const identityRules = {
  username: (): FieldRule => ({
    required: true,
    limits: { min_length: usernameLimits.min, max_length: usernameLimits.max },
    // The characters depend on the setting `enable_unicode_usernames`; names of other people are taken.
    schema: { type: 'string', minLength: usernameLimits.min, maxLength: usernameLimits.max },
  }),
  email: (): FieldRule => ({ ...email, required: true, schema: { ...email.schema, type: 'string' } }),
  password: ({ settings: { password_min_length, password_max_length } }: RuleSite): FieldRule => ({
    required: false,
    limits: { min_length: password_min_length, max_length: password_max_length },
    schema: { type: 'string', minLength: password_min_length },
  }),
}
