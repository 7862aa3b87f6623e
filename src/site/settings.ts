import * as z from 'zod'
import { isObject } from '../values/arguments.ts'
import { UserCoreError } from '../values/errors.ts'
import { hasStorableKey } from '../values/text.ts'
import { defaultSettings } from './default-settings.ts'
import { type SettingProblem, settingProblems } from './setting-problems.ts'

/** The fields of an account that each kind of reader may see. Lists hold field names; a name that no document has is shown as null. */
export interface VisibilityConfiguration {
  /** The privacy of an account whose holder has chosen none: `all_users`, `private` or `custom`; other text acts as private. */
  readonly default_visibility: string
  /** Shown to every person who is logged in, whatever the holder chose. */
  readonly public_fields: readonly string[]
  /** Shown to others under `all_users`. */
  readonly bulk_shareable_fields: readonly string[]
  /** Shared by the holder one by one under `custom`. */
  readonly custom_shareable_fields: readonly string[]
  /** Shown to the holder and to staff. */
  readonly admin_fields: readonly string[]
}

/** A secret that retired names and addresses derive from. */
export interface RetiredIdentifierKey {
  /** Names the secret in what derives from it: 1 to 8 lower-case letters and digits. */
  readonly id: string
  /** At least 32 characters that cannot be guessed. */
  readonly secret: string
}

/**
 * Settings as a host gives them: those that differ from the defaults. Names are those of Open edX where it has the
 * setting.
 */
export interface SettingsInput {
  /** The fields that each kind of reader sees. Keys that are left out keep their default. */
  readonly account_visibility_configuration?: Partial<VisibilityConfiguration>
  /** People younger than this many years are private and need consent of their parents; `null`: no person does. Default 13. */
  readonly parental_consent_age_limit?: number | null
  /**
   * Whether a person without a year of birth counts as a minor, whose account is private whatever the holder chose, and
   * stays so until the year is filled in. Default true.
   */
  readonly unknown_age_is_minor?: boolean
  /** Most bytes of the text of one preference. Default 65536. */
  readonly preference_max_bytes?: number
  /** Most preferences of one person. Parallel writers can pass it by a few. Default 1000. */
  readonly preferences_max_keys?: number
  /** The choice that the export of opt-ins gives for people who were never asked. Default true, as in Open edX. */
  readonly email_optin_default?: boolean
  /** Whether people without a profile cannot opt in (`user_not_found`), as in Open edX. Default false. */
  readonly email_optin_needs_profile?: boolean
  /** People younger than this many years cannot opt in to e-mail of organisations. Default 13. */
  readonly email_optin_minimum_age?: number
  /** Names of extended profile fields that documents show, in this order. Default none. */
  readonly extended_profile_fields?: readonly string[]
  /** Most bytes of JSON text in one section of an extended profile; people write one section of their own. Default 65536. */
  readonly extended_profile_max_bytes?: number
  /** Most levels of nesting in a field of the extended profile, and in a preference. Default 16. */
  readonly extended_profile_max_depth?: number
  /** Most fields in one section of an extended profile. Default 200. */
  readonly extended_profile_max_fields?: number
  /** Most characters in the name of an extended profile field. Default 255. */
  readonly extended_profile_name_max_length?: number
  /** Most characters in goals, mailing address and city. Default 10000. */
  readonly free_text_max_length?: number
  /** Most bytes of JSON text in a patch of an account or of preferences. Default 262144. */
  readonly patch_max_bytes?: number
  /**
   * Account fields that no actor can change on any way in, trusted code included, beyond those that never can be. The
   * hook `isReadOnly` decides by the actor. Default none.
   */
  readonly extra_readonly_account_fields?: readonly string[]
  /** Codes of countries that cannot be chosen. Default none. */
  readonly restricted_countries?: readonly string[]
  /** Codes of countries that exist. Default ISO 3166-1 alpha-2 and XK. */
  readonly countries?: readonly string[]
  /** Codes of languages that can be claimed. Default ISO 639-1, `zh_HANS` and `zh_HANT`. */
  readonly languages?: readonly string[]
  /** Platforms of social links, each with host and path of its addresses up to the name, ending in `/`. */
  readonly social_platforms?: Readonly<Record<string, string>>
  /**
   * Other names under which clients send platforms. Default: `twitter` and `xTwitter` for `x`, as stock pages of Open edX
   * of different ages do.
   */
  readonly social_platform_aliases?: Readonly<Record<string, string>>
  /**
   * Account fields and keys of preferences whose old and new value a change event may tell; of others it tells the name
   * alone, and withholds the name too where a person made it up. Default `account_privacy`, `country`, `is_active`,
   * `language_proficiencies`, `level_of_education`.
   */
  readonly event_value_fields?: readonly string[]
  /** Whether people may ask for another e-mail address. Default true. */
  readonly allow_email_address_change?: boolean
  /**
   * Most requests of one person, active or not, for another e-mail address: a number per `s`, `m`, `h` or `d`, or `''` for
   * no limit. Default `5/d`.
   */
  readonly email_change_rate_limit?: string
  /** The same for the secondary address. Default `5/d`. */
  readonly secondary_email_rate_limit?: string
  /** Most activation keys that one account gets by `requestActivation`, in the same form. Default `5/d`. */
  readonly activation_rate_limit?: string
  /** Whether documents show the secondary e-mail address. It can be set in any case. Default false. */
  readonly enable_secondary_email?: boolean
  /** Whether a taken secondary address is told to the person who asks for it, as in Open edX. Default false: it looks free. */
  readonly reveal_taken_secondary_email?: boolean
  /** Hours for which the key in a mail works: of an activation, and of another address. Default 24. */
  readonly confirmation_key_hours?: number
  /** Hours for which an idempotency key keeps a call from being made twice. Default 24. */
  readonly idempotency_hours?: number
  /** Whether usernames may have letters beyond ASCII, blanks and `. @ +`. Default false. */
  readonly enable_unicode_usernames?: boolean
  /** Fewest characters of a password. Default 8. */
  readonly password_min_length?: number
  /** Most characters of a password. Default 75. */
  readonly password_max_length?: number
  /** Whether people may ask for the deletion of their own account. Default true. */
  readonly enable_account_deletion?: boolean
  /**
   * The scheme by which usernames and addresses are retired: keyed with `retired_identifier_keys`, or as in Open edX, by
   * SHA-1 with `retired_user_salts`. Forms that either made before are recognised in any case. Default `hmac_sha256`.
   */
  readonly retired_identifier_scheme?: 'hmac_sha256' | 'sha1'
  /**
   * Secrets for `hmac_sha256`, oldest first; the last one is current. Add, never remove: without its key a retired name
   * could be taken again. Default none, so that no person can be retired.
   */
  readonly retired_identifier_keys?: readonly RetiredIdentifierKey[]
  /** Salts for `sha1`, oldest first; the last one is current. Default: those of Open edX, which are public. */
  readonly retired_user_salts?: readonly string[]
  /** Whether `sha1` may retire with a public salt. Default false. */
  readonly allow_public_salts?: boolean
  /** Form of a retired username; `{}` stands for the hash. New usernames cannot begin like it. */
  readonly retired_username_format?: string
  /** Form of a retired e-mail address; `{}` stands for the hash. */
  readonly retired_email_format?: string
  /** Days for which a look-up by a retired address says that the retirement can be cancelled. Default 14. */
  readonly cool_off_days?: number
  /**
   * Days between the request for retirement and the first erasure, at least, whatever a call asks for; `null`: as many
   * as `cool_off_days`. Default `null`.
   */
  readonly minimum_cool_off_days?: number | null
  /**
   * Secret, at least 32 characters, that the hashes of sealed receipts are keyed with: without it a person who can write to
   * the database cannot make a chain that verifies. Set it before the first receipt is sealed, and keep it: receipts that
   * were sealed with another one, or with none, are found broken. Default `null`: the hashes are plain SHA-256.
   */
  readonly receipt_key?: string | null
  /**
   * What may be stored of people who have asked for retirement, until its first step: `none`, or `all`, as in Open edX,
   * where they can go on. Whatever they take back is taken back in both cases. Default `none`.
   */
  readonly writes_during_cool_off?: 'none' | 'all'
  /**
   * Minutes that pass at least between the last step of a retirement and its clean-up: longer than any request to the
   * site takes, so that none which had loaded the person before stores something of theirs behind it. Default 10.
   */
  readonly settle_minutes?: number
  /** Days within which partners are to be told of a retirement; see `partnerReports.overdue`. Default 30. */
  readonly partner_report_days?: number
  /** Days within which a retirement is to be at its end; see `retirement.stats`. Default 30. */
  readonly retirement_deadline_days?: number
  /** Attempts at a step, those that made progress not counted, before a retirement moves to `ERRORED`. Default 10. */
  readonly retirement_max_attempts?: number
  /**
   * Whether people are looked for before their retirement is complete (`advance`, `work`) and before their names are forgotten
   * (`cleanUp`): `off` for drivers that leave traces on purpose. Default `on`.
   */
  readonly verify?: 'on' | 'off'
  /** Most hours for which the erasure of the account waits for mail and events of the person to be delivered. Default 24. */
  readonly outbox_patience_hours?: number
  /**
   * Usernames that only trusted code can give to an account. Default: those by which people take a stranger for the
   * site, such as `admin` and `root`. Reserved beside them are always the usernames that other settings give rights to,
   * and those that mean something in an address: `.`, `..`, `robots.txt` and their like.
   */
  readonly reserved_usernames?: readonly string[]
  /**
   * Username of the account that drives retirements. Matches only actors who name themselves by username; permissions are
   * the better way. Default `null`: rights alone decide.
   */
  readonly retirement_service_worker_username?: string | null
  /**
   * Username of the account that may replace usernames. Matches only actors who name themselves by username. Default
   * `null`: only trusted code may.
   */
  readonly username_replacement_worker?: string | null
  /**
   * The naming of the files of profile images: `random`, with names that are drawn and stored, or `username`, as in Open
   * edX for images that it keeps, with names made of `profile_image_hash_seed` and the username that a person has when the
   * files are first named. Default `random`.
   */
  readonly profile_image_naming?: 'random' | 'username'
  /**
   * Secret of the names that are made out of usernames: those of `profile_image_naming: 'username'`, and of images for
   * which no name is stored, as in data from elsewhere. Without it operations that need such a name throw `config_error`.
   * Default `null`.
   */
  readonly profile_image_hash_seed?: string | null
  /** Sizes of profile images: name to edge in pixels. */
  readonly profile_image_sizes?: Readonly<Record<string, number>>
  /** Address that file names of profile images are appended to. */
  readonly profile_image_base_url?: string
  /** Query that the storage of images adds to addresses, without `?`; `null`: none. */
  readonly profile_image_url_query?: string | null
  /** Address of the image of people without one; `{size}` stands for the edge in pixels. */
  readonly profile_image_default_url?: string
  /** Scheme and host that complete addresses without a host; `null`: they stay as they are. */
  readonly site_url?: string | null
}

/**
 * All settings, each with a value. An intersection, since members of a mapped type alone lose their
 * documentation in editors, as does one that two interfaces document.
 */
export type Settings = SettingsInput &
  Required<SettingsInput> &
  Readonly<Record<'account_visibility_configuration', VisibilityConfiguration>>

const names = () => z.array(z.string().min(1)).readonly()
/** A username that a setting names, and that a person can have: a blank one would stand for people without one. */
const username = () => z.string().refine(hasStorableKey, 'a username that can be stored')
const count = () =>
  z
    .number()
    .int()
    .nonnegative()
    .max(2 ** 31 - 1)
/** A hundred years: the time before that many days has a date that every database knows. */
const days = () => count().max(36_500)
const rateLimit = () => z.string().regex(/^$|^[1-9]\d*\/[smhd]$/, 'a limit such as 5/d, or empty text')
const retiredFormat = () => z.string().refine((format) => format.split('{}').length === 2, 'text that holds {} once')

const visibility = defaultSettings.account_visibility_configuration

/** Makes the schema of each setting. Only those that a site sets are made: making all takes milliseconds at every start. */
const schemas: { readonly [Name in keyof SettingsInput]-?: () => z.ZodType<Settings[Name], unknown> } = {
  account_visibility_configuration: () =>
    z.strictObject({
      default_visibility: z.string().min(1).default(visibility.default_visibility),
      public_fields: names().default(visibility.public_fields),
      bulk_shareable_fields: names().default(visibility.bulk_shareable_fields),
      custom_shareable_fields: names().default(visibility.custom_shareable_fields),
      admin_fields: names().default(visibility.admin_fields),
    }),
  parental_consent_age_limit: () => count().nullable(),
  unknown_age_is_minor: () => z.boolean(),
  preference_max_bytes: count,
  preferences_max_keys: count,
  email_optin_default: () => z.boolean(),
  email_optin_needs_profile: () => z.boolean(),
  email_optin_minimum_age: count,
  extended_profile_fields: names,
  extended_profile_max_bytes: count,
  extended_profile_max_depth: () => count().max(1000),
  extended_profile_max_fields: count,
  extended_profile_name_max_length: count,
  free_text_max_length: count,
  patch_max_bytes: count,
  extra_readonly_account_fields: names,
  restricted_countries: names,
  countries: names,
  languages: names,
  social_platforms: () => z.record(z.string().min(1).max(30), z.string().endsWith('/')).readonly(),
  social_platform_aliases: () => z.record(z.string(), z.string()).readonly(),
  event_value_fields: names,
  allow_email_address_change: () => z.boolean(),
  email_change_rate_limit: rateLimit,
  secondary_email_rate_limit: rateLimit,
  activation_rate_limit: rateLimit,
  enable_secondary_email: () => z.boolean(),
  reveal_taken_secondary_email: () => z.boolean(),
  confirmation_key_hours: () =>
    z
      .number()
      .positive()
      .max(24 * 36_500),
  idempotency_hours: () =>
    z
      .number()
      .positive()
      .max(24 * 36_500),
  enable_unicode_usernames: () => z.boolean(),
  password_min_length: count,
  password_max_length: count,
  enable_account_deletion: () => z.boolean(),
  retired_identifier_scheme: () => z.enum(['hmac_sha256', 'sha1']),
  retired_identifier_keys: () =>
    z
      .array(
        z
          .strictObject({
            id: z.string().regex(/^[a-z0-9]{1,8}$/, '1 to 8 lower-case letters and digits'),
            secret: z.string().min(32),
          })
          .readonly(),
      )
      .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'keys whose ids differ')
      .readonly(),
  retired_user_salts: () => z.array(z.string()).min(1).readonly(),
  allow_public_salts: () => z.boolean(),
  retired_username_format: retiredFormat,
  retired_email_format: retiredFormat,
  cool_off_days: days,
  minimum_cool_off_days: () => days().nullable(),
  receipt_key: () => z.string().min(32).nullable(),
  writes_during_cool_off: () => z.enum(['none', 'all']),
  settle_minutes: () => count().max(36_500 * 24 * 60),
  partner_report_days: days,
  retirement_deadline_days: days,
  retirement_max_attempts: () => z.number().int().min(1).max(1_000_000),
  verify: () => z.enum(['on', 'off']),
  outbox_patience_hours: () =>
    z
      .number()
      .min(0)
      .max(24 * 36_500),
  reserved_usernames: () => z.array(username()).readonly(),
  retirement_service_worker_username: () => username().nullable(),
  username_replacement_worker: () => username().nullable(),
  profile_image_naming: () => z.enum(['random', 'username']),
  profile_image_hash_seed: () => z.string().min(1).nullable(),
  profile_image_sizes: () => z.record(z.string().min(1), z.number().int().positive()).readonly(),
  profile_image_base_url: () => z.string(),
  profile_image_url_query: () => z.string().min(1).nullable(),
  profile_image_default_url: () => z.string(),
  site_url: () => z.url().nullable(),
}

/**
 * Completes settings with their defaults.
 *
 * Throws `config_error` naming the settings that are unknown or have a value they cannot have.
 */
export function resolveSettings(input: SettingsInput = {}): Settings {
  const parsed = schemaOf(input).safeParse(input, { jitless: true })
  if (!parsed.success) throw wrongSettings(parsed.error.issues.flatMap(settingProblems))
  const given = Object.entries(parsed.data).filter(([, value]) => value !== undefined)
  const settings: Settings = Object.freeze({ ...defaultSettings, ...Object.fromEntries(given) })
  if (settings.profile_image_naming === 'username' && settings.profile_image_hash_seed === null) {
    throw wrongSettings([
      { setting: 'profile_image_hash_seed', expected: "given, since profile_image_naming is 'username'" },
    ])
  }
  const { retired_identifier_scheme: scheme, retired_user_salts: salts, allow_public_salts } = settings
  // A form that derives from a public salt can be traced back to the person whom it hides.
  const isPublic = scheme === 'sha1' && ['abc', '123'].includes(salts.at(-1) ?? '')
  if (!isPublic || allow_public_salts) return settings
  const expected = 'a last salt of your own in place of a public one, or allow_public_salts'
  throw wrongSettings([{ setting: 'retired_user_salts', expected }])
}

/** Returns the schema of an object that may have the settings that a value names, and no others. */
function schemaOf(input: unknown) {
  const named = Object.entries(schemas).filter(([name]) => isObject(input) && name in input)
  return z.strictObject(Object.fromEntries(named.map(([name, schema]) => [name, schema().optional()])))
}

function wrongSettings(problems: readonly SettingProblem[]): UserCoreError {
  return new UserCoreError('config_error', {
    params: { settings: problems.map(({ setting }) => setting).join(', ') },
    detail: problems.map(({ setting, expected }) => `${setting}: ${expected}`).join('; '),
  })
}
