import { describe, expect, it } from 'vitest'
import { resolveSettings } from '../../src/site/settings.ts'
import { UserCoreError } from '../../src/values/errors.ts'

function messageOf(settings: object): string {
  try {
    resolveSettings(settings)
    return 'taken'
  } catch (error) {
    return error instanceof UserCoreError ? error.message : String(error)
  }
}

describe('the error of wrong settings', () => {
  it.each([
    [
      { retired_identifier_keys: [{ id: 'a', secret: 'secret' }] },
      'retired_identifier_keys.0.secret: at least 32 characters',
    ],
    [
      { retired_identifier_keys: [{ id: 'A', secret: 's'.repeat(32) }] },
      'retired_identifier_keys.0.id: 1 to 8 lower-case letters and digits',
    ],
    [{ colour: 'red' }, 'colour: no such setting'],
    [
      { account_visibility_configuration: { colour: 'red' } },
      'account_visibility_configuration.colour: no such setting',
    ],
    [{ cool_off_days: 40_000 }, 'cool_off_days: at most 36500'],
    [{ cool_off_days: -1 }, 'cool_off_days: at least 0'],
    [{ cool_off_days: 1.5 }, 'cool_off_days: a whole number'],
    [{ cool_off_days: '1' }, 'cool_off_days: a number'],
    [{ confirmation_key_hours: 0 }, 'confirmation_key_hours: more than 0'],
    [{ countries: 'secret' }, 'countries: a list'],
    [{ retired_user_salts: [] }, 'retired_user_salts: at least 1 items'],
    [{ retired_identifier_scheme: 'secret' }, 'retired_identifier_scheme: one of hmac_sha256, sha1'],
    [{ email_change_rate_limit: 'secret' }, 'email_change_rate_limit: a limit such as 5/d, or empty text'],
    [{ retired_email_format: 'secret' }, 'retired_email_format: text that holds {} once'],
    [{ site_url: 'secret' }, 'site_url: a URL'],
    [{ social_platforms: { x: 'secret' } }, 'social_platforms.x: text that ends in /'],
    [{ profile_image_naming: 'username' }, "profile_image_hash_seed: given, since profile_image_naming is 'username'"],
    [{ colour: 'red', cool_off_days: -1 }, 'cool_off_days: at least 0; colour: no such setting'],
  ])('names each setting and the value that it needs: %j', (settings, said) => {
    expect(messageOf(settings)).toBe(`config_error: ${said}`)
    expect(messageOf(settings)).not.toContain('"secret"')
  })
})
