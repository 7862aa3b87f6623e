import type { SettingChange } from '../outbox/told-change.ts'
import type { AccountRecord } from '../port/account-record.ts'
import { emptyProfile } from '../port/empty-profile.ts'
import type { Context } from '../site/context.ts'
import { isEqual } from '../values/json.ts'
import { extendedValues } from './extended-profile/visible-fields.ts'

const profileFields = [
  'name',
  'gender',
  'year_of_birth',
  'level_of_education',
  'goals',
  'bio',
  'country',
  'state',
  'city',
  'mailing_address',
  'phone_number',
  'profile_image_uploaded_at',
] as const

const userFields = ['username', 'email', 'is_active'] as const

/**
 * Returns the differences between two states of one account, field by field. Fields of the extended profile are called
 * `extended_profile.<name>`.
 */
export function changedValues(before: AccountRecord, after: AccountRecord, context: Context): SettingChange[] {
  const [oldValues, newValues] = [valuesOf(before, context), valuesOf(after, context)]
  const settings = new Set([...oldValues.keys(), ...newValues.keys()])
  return [...settings]
    .map((setting) => ({ setting, old: oldValues.get(setting) ?? null, new: newValues.get(setting) ?? null }))
    .filter((change) => !isEqual(change.old, change.new))
}

function valuesOf(record: AccountRecord, context: Context): Map<string, SettingChange['old']> {
  const profile = record.profile ?? emptyProfile(record.user.id)
  return new Map<string, SettingChange['old']>([
    ...userFields.map((field) => [field, record.user[field]] as const),
    ...profileFields.map((field) => [field, profile[field]] as const),
    ['language_proficiencies', record.language_proficiencies.map(({ code }) => ({ code }))],
    ['social_links', record.social_links.map(({ platform, social_link }) => ({ platform, social_link }))],
    ['secondary_email', record.account_recovery?.is_active === true ? record.account_recovery.secondary_email : null],
    ...[...extendedValues(record, context)].map(([name, { value }]) => [`extended_profile.${name}`, value] as const),
    ...record.preferences.map(({ key, value }) => [key, value] as const),
  ])
}
