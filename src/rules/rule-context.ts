import type { Context, RandomBytes } from '../site/context.ts'
import { defaultSettings } from '../site/default-settings.ts'
import { defineExtendedProfile, type ExtendedFields, type ExtendedProfile } from '../site/define-extended-profile.ts'
import type { SettingsInput } from '../site/settings.ts'
import { configError } from '../values/arguments.ts'
import type { Translate } from '../values/sentences.ts'

/** The values that rules are given from outside: no rule waits, reads a clock or draws a number. */
export interface RuleContextOptions {
  /** The moment at which the rule is asked. */
  readonly now: Date
  /** Settings that differ from the defaults. They are not checked here: `createUserCore` does that. Default none. */
  readonly settings?: SettingsInput
  /** The declared fields of the extended profile, as `defineExtendedProfile` makes them. Default none. */
  readonly extendedProfile?: ExtendedProfile<ExtendedFields>
  /** Gives the next id. Default: rules that need one throw `config_error`. */
  readonly ids?: () => string
  /** Gives that many bytes. Default: rules that need some throw `config_error`. */
  readonly random?: RandomBytes
  /** Makes sentences for people. Default: English. */
  readonly translate?: Translate
}

/**
 * Returns the context that rules take, with the settings of a site that sets none where they are not given.
 *
 * Expects options of the types that `RuleContextOptions` says; none of them is checked, since `createUserCore`
 * checks those of a site.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29'), settings: { parental_consent_age_limit: 16 } })
 * const isChild = requiresParentalConsent({ year_of_birth: 2015 }, context) // true
 * ```
 */
export function ruleContext(options: RuleContextOptions): Context {
  const { now, settings = {}, extendedProfile = defineExtendedProfile({}), translate } = options
  const missing = (name: string) => () => {
    throw configError(name, 'a function, for a rule that needs it')
  }
  return {
    settings: {
      ...defaultSettings,
      ...settings,
      account_visibility_configuration: {
        ...defaultSettings.account_visibility_configuration,
        ...settings.account_visibility_configuration,
      },
    },
    extendedProfile,
    now,
    ids: options.ids ?? missing('ids'),
    random: options.random ?? missing('random'),
    translate,
  }
}
