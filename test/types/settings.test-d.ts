import { describe, expectTypeOf, it } from 'vitest'
import {
  resolveSettings,
  type Settings,
  type SettingsInput,
  type VisibilityConfiguration,
} from '../../src/site/settings.ts'

describe('settings', () => {
  it('are all there once they are resolved', () => {
    expectTypeOf(resolveSettings).returns.toEqualTypeOf<Settings>()
    expectTypeOf<Settings['parental_consent_age_limit']>().toEqualTypeOf<number | null>()
    expectTypeOf<Settings>().toExtend<Required<Settings>>()
    expectTypeOf<Settings['account_visibility_configuration']>().toExtend<Required<VisibilityConfiguration>>()
  })

  it('can each be left out, also those of visibility', () => {
    expectTypeOf<object>().toExtend<SettingsInput>()
    expectTypeOf<{ account_visibility_configuration: { public_fields: string[] } }>().toExtend<SettingsInput>()
    expectTypeOf<keyof SettingsInput>().toEqualTypeOf<keyof Settings>()
  })

  it('have exact names and types', () => {
    // @ts-expect-error a misspelt name
    resolveSettings({ extended_profile_field: [] })
    // @ts-expect-error a wrong type
    resolveSettings({ cool_off_days: '14' })
    // @ts-expect-error undefined is no value: leave the setting out
    resolveSettings({ cool_off_days: undefined })
    // @ts-expect-error a misspelt list
    resolveSettings({ account_visibility_configuration: { public_field: [] } })
  })
})
