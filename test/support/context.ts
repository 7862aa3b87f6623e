import type { Context } from '../../src/site/context.ts'
import {
  defineExtendedProfile,
  type ExtendedFields,
  type ExtendedProfile,
} from '../../src/site/define-extended-profile.ts'
import { resolveSettings, type SettingsInput } from '../../src/site/settings.ts'

/** The context of rules on 15 June 2024. Ids count up, random bytes are zeros. */
export function context(
  settings: SettingsInput = {},
  now = '2024-06-15T12:00:00Z',
  extendedProfile: ExtendedProfile<ExtendedFields> = defineExtendedProfile({}),
): Context {
  let id = 0
  return {
    settings: resolveSettings(settings),
    extendedProfile,
    now: new Date(now),
    ids: () => `id-${++id}`,
    random: (bytes) => new Uint8Array(bytes),
    translate: undefined,
  }
}
