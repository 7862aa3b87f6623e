import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createUserCore, defineExtendedProfile, definePreferences, isUserCoreError, system } from '../src/index.ts'
import { memoryRepository } from '../src/memory/index.ts'
import type { JsonObject, JsonValue } from '../src/values/json.ts'

const max = 4000

/** A site that counts how often its storage, its hooks and its schemas are asked. */
async function countingSite() {
  let asked = 0
  const counting = <Result>(answer: Result) => {
    asked++
    return answer
  }
  const counted = z.unknown().refine(() => counting(true))
  const repository = new Proxy(memoryRepository(), {
    get: (target, name) => (name === 'idType' ? target.idType : counting(Reflect.get(target, name))),
  })
  const users = createUserCore({
    repository,
    settings: { patch_max_bytes: max, extended_profile_max_fields: 50 },
    extendedProfile: defineExtendedProfile({ declared: { schema: counted } }),
    preferences: definePreferences({ declared: { schema: counted, default: null } }),
    isReadOnly: () => counting(false),
    isCountryRestricted: () => counting(false),
    nameNeedsVerification: () => counting(false),
    derivedFields: async () => counting(new Map()),
    credentials: {
      verify: async () => counting(true),
      set: async () => counting(undefined),
      disable: async () => counting(undefined),
    },
  })
  await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' }, { active: true })
  asked = 0
  return { users, asked: () => asked }
}

const ada = { username: 'ada' }
const nested = (levels: number): JsonValue => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

/** Objects that are too large, each in its own way; all of them name what is declared. */
const tooLarge: readonly (readonly [string, JsonObject])[] = [
  ['members', Object.fromEntries(Array.from({ length: max }, (_, index) => [`declared${index}`, '']))],
  ['a long text', { declared: 'x'.repeat(max) }],
  ['a long name', { declared: 1, [`declared${'x'.repeat(max)}`]: 1 }],
  ['a long list', { declared: Array(max).fill(null) }],
  ['small objects', { declared: Array(max).fill({}) }],
  ['a value that is too deep, and more behind it', { declared: nested(100), later: Array(max).fill(0) }],
]

type Site = Awaited<ReturnType<typeof countingSite>>['users']

/** Every operation that takes an object of any size. */
const calls: readonly (readonly [string, (users: Site, input: JsonObject) => Promise<unknown>])[] = [
  ['accounts.update', (users, input) => users.accounts.update(ada, 'ada', input as never)],
  [
    'accounts.update, of an extended profile',
    (users, input) => users.accounts.update(ada, 'ada', { extended_profile: input }),
  ],
  [
    'accounts.update, of a listed extended profile',
    (users, input) =>
      users.accounts.update(ada, 'ada', {
        extended_profile: Object.entries(input).map(([field_name, field_value]) => ({
          field_name,
          field_value,
        })) as never,
      }),
  ],
  [
    'accounts.patch',
    (users, value) => users.accounts.patch(ada, 'ada', [{ op: 'add', path: '/extended_profile', value }]),
  ],
  [
    'accounts.updateAsOperator',
    (users, input) => users.accounts.updateAsOperator(system, 'ada', { profile: input as never }),
  ],
  [
    'accounts.create',
    (users, profile) =>
      users.accounts.create(system, {
        username: 'bob',
        email: 'bob@example.com',
        name: 'Bob',
        profile: profile as never,
      }),
  ],
  ['extendedProfile.update', (users, input) => users.extendedProfile.update(ada, 'ada', input)],
  ['preferences.update', (users, input) => users.preferences.update(ada, 'ada', input)],
  ['preferences.set', (users, input) => users.preferences.set(ada, 'ada', 'declared', input)],
]

describe.each(calls)('%s', (_, call) => {
  it.each(tooLarge)('refuses %s before storage, a hook or a schema is asked', async (_, input) => {
    const { users, asked } = await countingSite()
    const error: unknown = await call(users, input).catch((thrown: unknown) => thrown)
    if (!isUserCoreError(error)) throw new Error('it was not refused', { cause: error })
    expect(error.issues).toEqual([expect.objectContaining({ pointer: '', code: 'too_large' })])
    expect(asked()).toBe(0)
  })
})

describe('an update', () => {
  it('asks hooks about fields that can be written alone', async () => {
    const { users, asked } = await countingSite()
    const names = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`n${index}`, 1]))
    const { ignored } = await users.accounts.update(ada, 'ada', names as never)
    expect(ignored).toHaveLength(200)
    expect(asked()).toBeLessThan(10)
  })

  it('asks hooks about no more extended profile fields than can be stored', async () => {
    const { users, asked } = await countingSite()
    for (const value of [1, null]) {
      const names = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`n${index}`, value]))
      const before = asked()
      await expect(users.extendedProfile.update(ada, 'ada', names)).rejects.toMatchObject({
        issues: [{ pointer: '/extended_profile', code: 'too_many' }],
      })
      expect(asked() - before).toBeLessThan(10)
    }
  })
})
