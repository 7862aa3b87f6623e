import { describe, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import {
  type Actor,
  createUserCore,
  definePreferences,
  type PreferencesOf,
  type Repository,
  type ResolvedPreference,
} from '../../src/index.ts'

declare const repository: Repository
declare const ada: Actor

const users = createUserCore({
  repository,
  preferences: definePreferences({
    theme: { schema: z.enum(['light', 'dark']), default: 'light', scopes: ['org'] },
    pageSize: { schema: z.number(), default: 25 },
    since: { schema: z.string().transform((text) => new Date(text)), default: new Date(0) },
  }),
})

describe('declared preferences', () => {
  it('are resolved to the type of their schema, without casts', async () => {
    const resolved = await users.preferences.resolve(ada, 'ada', ['theme', 'since', 'other'])
    expectTypeOf(resolved.theme).toEqualTypeOf<ResolvedPreference<'light' | 'dark'>>()
    expectTypeOf(resolved.since.value).toEqualTypeOf<Date>()
    expectTypeOf(resolved.other.value).toEqualTypeOf<string | null>()
    // @ts-expect-error a key that was not asked for
    void resolved.pageSize
    const many = await users.preferences.resolveMany(ada, ['ada'], ['pageSize'])
    expectTypeOf(many.get('ada')?.pageSize.value).toEqualTypeOf<number | undefined>()
  })

  it('are written with the input of their schema', () => {
    users.preferences.update(ada, 'ada', { theme: 'dark', since: '2024-01-01', pageSize: null, other: { a: [1] } })
    users.preferences.set(ada, 'ada', 'theme', 'dark', { org: 'OrgX', pin: true })
    users.preferences.set(ada, 'ada', 'other', [1, 'x'])
    // @ts-expect-error no value of the schema
    users.preferences.update(ada, 'ada', { theme: 'purple' })
    // @ts-expect-error no value of the schema
    users.preferences.set(ada, 'ada', 'pageSize', '25')
    // @ts-expect-error a value that JSON cannot say
    users.preferences.update(ada, 'ada', { other: new Date() })
  })

  it('have defaults and scopes that fit', () => {
    // @ts-expect-error a default that the schema does not give
    definePreferences({ theme: { schema: z.enum(['light', 'dark']), default: 'purple' } })
    // @ts-expect-error a scope that does not exist
    definePreferences({ theme: { schema: z.string(), default: '', scopes: ['planet'] } })
  })
})

describe('a site that rejects undeclared preferences', () => {
  const strict = createUserCore({
    repository,
    preferences: definePreferences(
      { theme: { schema: z.enum(['light', 'dark']), default: 'light' } },
      { undeclared: 'reject' },
    ),
  })

  it('takes the keys that are declared, and those that the library knows', () => {
    strict.preferences.update(ada, 'ada', { theme: 'dark', time_zone: null, 'visibility.bio': 'private' })
    strict.preferences.set(ada, 'ada', 'pref-lang', 'es-419')
    strict.preferences.resolve(ada, 'ada', ['theme', 'account_privacy'])
  })

  it('takes no misspelt key, but to delete what is stored under it', () => {
    strict.preferences.delete(ada, 'ada', 'thme')
    // @ts-expect-error a misspelt key
    strict.preferences.get(ada, 'ada', 'thme')
    // @ts-expect-error a misspelt key
    strict.preferences.getMany(ada, ['ada'], ['thme'])
    // @ts-expect-error a misspelt key
    strict.preferences.set(ada, 'ada', 'thme', 'dark')
    // @ts-expect-error a misspelt key
    strict.preferences.update(ada, 'ada', { thme: 'dark' })
    // @ts-expect-error a misspelt key
    strict.preferences.resolve(ada, 'ada', ['thme'])
    // @ts-expect-error a misspelt key
    strict.preferences.resolveMany(ada, ['ada'], ['theme', 'thme'])
  })

  it('has the values of its preferences as a type', () => {
    expectTypeOf<PreferencesOf<typeof strict>>().toEqualTypeOf<{ readonly theme: 'light' | 'dark' }>()
  })

  it('takes none inside a transaction of the host', () => {
    // @ts-expect-error a misspelt key
    strict.with({}).preferences.get(ada, 'ada', 'thme')
  })
})

describe('a site that declares none', () => {
  it('has plain texts', async () => {
    const plain = createUserCore({ repository })
    plain.preferences.update(ada, 'ada', { anything: 'goes', also: 5 })
    const resolved = await plain.preferences.resolve(ada, 'ada', ['anything'])
    expectTypeOf(resolved.anything.value).toEqualTypeOf<string | null>()
  })
})
