import { describe, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import {
  type AccountDocument,
  type AccountDocumentOf,
  type AccountPatchOf,
  createUserCore,
  definePreferences,
  type PreferencesOf,
} from '../../src/index.ts'
import { memoryRepository } from '../../src/memory/index.ts'

const users = createUserCore({
  repository: memoryRepository(),
  preferences: definePreferences({ theme: { schema: z.enum(['light', 'dark']), default: 'light' } }),
  extendedProfile: { since: z.int() },
})

describe('the types of a site', () => {
  it('have names of their own', () => {
    expectTypeOf<PreferencesOf<typeof users>>().toEqualTypeOf<{ readonly theme: 'light' | 'dark' }>()
    expectTypeOf<AccountDocumentOf<typeof users>>().toEqualTypeOf<AccountDocument>()
    expectTypeOf<{ extended_profile: { since: 1 } }>().toExtend<AccountPatchOf<typeof users>>()
    expectTypeOf<{ extended_profile: { since: 'x' } }>().not.toExtend<AccountPatchOf<typeof users>>()
  })
})

describe('an unknown option', () => {
  it('does not compile', () => {
    // @ts-expect-error a misspelt option
    createUserCore({ repository: memoryRepository(), setings: {} })
    // @ts-expect-error a misspelt setting
    createUserCore({ repository: memoryRepository(), settings: { cool_of_days: 1 } })
  })
})
