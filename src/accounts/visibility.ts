import { type AccountRecord, accountPreferences } from '../port/account-record.ts'
import { type Actor, isStaff, isSystem, selfTest } from '../site/actor.ts'
import type { Context } from '../site/context.ts'
import type { Settings, VisibilityConfiguration } from '../site/settings.ts'
import { requiresParentalConsent } from './age.ts'

/** The key of the preference that holds the person's choice of `AccountPrivacy`. */
export const privacyKey = accountPreferences.key

/** The beginning of the keys of preferences that hold the readers of one field under `custom`. */
export const visibilityPrefix = accountPreferences.prefix

/** The same for declared fields of the extended profile, whose names follow and can have any letter case. */
export const extendedVisibilityPrefix = `${visibilityPrefix}extended_profile.`

/** Options of showing accounts. */
export interface GetOptions {
  /** `shared`: the account as others see it, also for its holder and for staff. */
  readonly view?: 'shared'
  /** Replaces the visibility lists of the site for this call, as far as it names them. */
  readonly configuration?: Partial<VisibilityConfiguration>
}

/** The reader of a call and the lists that apply: the same for every account of the call. */
export interface Reading {
  readonly actor: Actor
  readonly isShared: boolean
  readonly isStaff: boolean
  /** Whether the reader is trusted code, which sees the fields that holders see. */
  readonly isTrusted: boolean
  /** Tells whether the reader is the holder of an account. */
  readonly isHolder: (user: AccountRecord['user']) => boolean
  readonly configuration: VisibilityConfiguration
}

/** Returns the reader of a call, with the lists of the call or of the site. */
export function readingOf(actor: Actor, options: GetOptions, settings: Settings): Reading {
  return {
    actor,
    isShared: options.view === 'shared',
    isStaff: isStaff(actor),
    isTrusted: isSystem(actor),
    isHolder: selfTest(actor),
    configuration: { ...settings.account_visibility_configuration, ...options.configuration },
  }
}

/** The decisions about the view of one reader on one account, made once for each. */
export interface RecordView {
  /** Whether the reader is the holder. */
  readonly isHolder: boolean
  /** Whether the reader gets the view of the holder and of staff. */
  readonly seesEverything: boolean
  /** The privacy that applies: see `effectivePrivacy`. */
  readonly privacy: string
  /** The names of the fields that the reader gets, in the order of the list that applies. */
  readonly fields: readonly string[]
}

/** Decides about the view of a reader on one account. */
export function viewOf(record: AccountRecord, reading: Reading, context: Context): RecordView {
  const isHolder = reading.isHolder(record.user)
  const seesEverything = !reading.isShared && (reading.isStaff || isHolder)
  const privacy = effectivePrivacy(record, reading.configuration, context)
  const { admin_fields } = context.settings.account_visibility_configuration
  const isFull = seesEverything && admin_fields.length > 0
  const fields = isFull ? admin_fields : publicFields(record, privacy, reading.configuration)
  return { isHolder, seesEverything, privacy, fields }
}

/** Returns the fields that people other than the holder and staff get. */
function publicFields(
  record: AccountRecord,
  privacy: string,
  { public_fields, bulk_shareable_fields, custom_shareable_fields }: VisibilityConfiguration,
): readonly string[] {
  if (record.profile === undefined) return public_fields
  if (privacy === 'all_users') return bulk_shareable_fields
  if (privacy !== 'custom') return public_fields
  const chosen = custom_shareable_fields.filter(
    (field) => preferenceOf(record, visibilityPrefix + field) === 'all_users',
  )
  return [...new Set([...public_fields, ...chosen])]
}

/**
 * Returns the privacy that applies: `private` for minors, else the choice of the person, else the default.
 * Source: Open edX, `get_profile_visibility`.
 */
function effectivePrivacy(
  record: AccountRecord,
  configuration: VisibilityConfiguration,
  context: Pick<Context, 'settings' | 'now'>,
): string {
  if (record.profile === undefined) return configuration.default_visibility
  const unknownAge = context.settings.unknown_age_is_minor
  if (requiresParentalConsent(record.profile.year_of_birth, context, { unknownAge })) return 'private'
  return preferenceOf(record, privacyKey) || configuration.default_visibility
}

/** Returns the choice of a person for a preference that decides on visibility; null where they chose nothing. */
export function preferenceOf(record: AccountRecord, key: string): string | null {
  return record.preferences.find((preference) => preference.key === key)?.value ?? null
}
