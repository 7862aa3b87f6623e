import { describe, expect, it } from 'vitest'
import { defaultSettings } from '../../src/site/default-settings.ts'
import { resolveSettings, type SettingsInput } from '../../src/site/settings.ts'

describe('resolveSettings', () => {
  it('has the defaults of the vectors', () => {
    const settings = resolveSettings()
    expect(settings.parental_consent_age_limit).toBe(13)
    expect(settings.social_platforms).toEqual({ facebook: 'facebook.com/', x: 'x.com/', linkedin: 'linkedin.com/in/' })
    expect(settings.profile_image_sizes).toEqual({ full: 500, large: 120, medium: 50, small: 30 })
    const { account_visibility_configuration: visibility } = settings
    expect(visibility.default_visibility).toBe('all_users')
    expect(visibility.public_fields).toHaveLength(3)
    expect(visibility.bulk_shareable_fields).toHaveLength(11)
    expect(visibility.custom_shareable_fields).toHaveLength(12)
    expect(visibility.admin_fields).toHaveLength(28)
  })

  it('replaces whole keys of the visibility configuration and keeps the others', () => {
    const { account_visibility_configuration: visibility } = resolveSettings({
      account_visibility_configuration: { public_fields: ['username'] },
    })
    expect(visibility.public_fields).toEqual(['username'])
    expect(visibility.admin_fields).toHaveLength(28)
  })

  it.each<[string, unknown]>([
    ['extended_profile_field', { extended_profile_field: [] }],
    ['account_visibility_configuration.public', { account_visibility_configuration: { public: [] } }],
    ['parental_consent_age_limit', { parental_consent_age_limit: -1 }],
    ['email_change_rate_limit', { email_change_rate_limit: '5 a day' }],
    ['social_platforms.x', { social_platforms: { x: 'x.com' } }],
    ['retired_username_format', { retired_username_format: 'retired' }],
    ['retired_user_salts', { retired_user_salts: [] }],
    ['cool_off_days', { cool_off_days: 36_501 }],
    ['minimum_cool_off_days', { minimum_cool_off_days: 40_000 }],
    ['partner_report_days', { partner_report_days: Number.POSITIVE_INFINITY }],
    ['confirmation_key_hours', { confirmation_key_hours: 1e20 }],
    ['extended_profile_max_depth', { extended_profile_max_depth: 1001 }],
    ['patch_max_bytes', { patch_max_bytes: 2 ** 31 }],
  ])('refuses %s, and names it without its value', (name, input) => {
    expect(() => resolveSettings(input as SettingsInput)).toThrow(
      expect.objectContaining({ code: 'config_error', params: { settings: name } }),
    )
  })
})

it('a site without settings of its own has the defaults', () => expect(resolveSettings()).toEqual(defaultSettings))
