import { type AccountRecord, accountPreferences } from '../port/account-record.ts'
import { type Actor, isSelf, isStaff, isSystem } from '../site/actor.ts'
import type { Context } from '../site/context.ts'
import type { Settings, VisibilityConfiguration } from '../site/settings.ts'
import { requiresParentalConsent } from './age.ts'

/** Preference that holds what the person chose of `AccountPrivacy`. */
export const privacyKey = accountPreferences.key

/** Preferences that begin like this say who sees one field under `custom`. */
export const visibilityPrefix = accountPreferences.prefix

/** The same for declared fields of the extended profile, whose names follow and can have any letter case. */
export const extendedVisibilityPrefix = `${visibilityPrefix}extended_profile.`

/** How to show accounts. */
export interface GetOptions {
  /** `shared`: the account as others see it, also for its holder and for staff. */
  readonly view?: 'shared'
  /** Replaces the visibility lists of the site for this call, as far as it names them. */
  readonly configuration?: Partial<VisibilityConfiguration>
}

/** Who reads, and under which lists: the same for every account of a call. */
export interface Reading {
  readonly actor: Actor
  readonly isShared: boolean
  readonly isStaff: boolean
  /** Trusted code sees what holders see. */
  readonly isTrusted: boolean
  readonly configuration: VisibilityConfiguration
}

/** What a call says about its reader, completed with the configuration of the site. */
export function readingOf(actor: Actor, options: GetOptions, settings: Settings): Reading {
  return {
    actor,
    isShared: options.view === 'shared',
    isStaff: isStaff(actor),
    isTrusted: isSystem(actor),
    configuration: { ...settings.account_visibility_configuration, ...options.configuration },
  }
}

/** Tells whether the reader gets the view of the holder and of staff. */
export function seesEverything(record: AccountRecord, reading: Reading): boolean {
  return !reading.isShared && (reading.isStaff || isSelf(reading.actor, record.user))
}

/**
 * The privacy that applies: `private` for minors, else what was chosen, else the default.
 * Source: Open edX, `get_profile_visibility`.
 */
export function effectivePrivacy(
  record: AccountRecord,
  configuration: VisibilityConfiguration,
  context: Pick<Context, 'settings' | 'now'>,
): string {
  if (record.profile === undefined) return configuration.default_visibility
  const unknownAge = context.settings.unknown_age_is_minor
  if (requiresParentalConsent(record.profile.year_of_birth, context, { unknownAge })) return 'private'
  return preferenceOf(record, privacyKey) || configuration.default_visibility
}

/** The names of the fields that a reader gets of an account, in the order of the list that applies. */
export function visibleFields(record: AccountRecord, reading: Reading, context: Context): readonly string[] {
  const { admin_fields } = context.settings.account_visibility_configuration
  if (seesEverything(record, reading) && admin_fields.length > 0) return admin_fields
  const { configuration } = reading
  if (record.profile === undefined) return configuration.public_fields
  switch (effectivePrivacy(record, configuration, context)) {
    case 'all_users':
      return configuration.bulk_shareable_fields
    case 'custom': {
      const chosen = configuration.custom_shareable_fields.filter(
        (field) => preferenceOf(record, visibilityPrefix + field) === 'all_users',
      )
      return [...new Set([...configuration.public_fields, ...chosen])]
    }
    default:
      return configuration.public_fields
  }
}

/** What a person chose of a preference that decides who sees what; null where they chose nothing. */
export function preferenceOf(record: AccountRecord, key: string): string | null {
  return record.preferences.find((preference) => preference.key === key)?.value ?? null
}
