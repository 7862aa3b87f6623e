import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as z from 'zod'
import type { FieldDescription } from '../../../src/accounts/describe/describe-account.ts'
import { patchFields } from '../../../src/accounts/describe/describe-account.ts'
import { createUserCore, type UserCore, type UserCoreOptions } from '../../../src/create-user-core.ts'
import { memoryRepository } from '../../../src/memory/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { defaultPipeline } from '../../../src/retirement/pipeline.ts'
import { type Actor, anonymous, system } from '../../../src/site/actor.ts'
import { defineExtendedProfile } from '../../../src/site/define-extended-profile.ts'
import { isUserCoreError } from '../../../src/values/errors.ts'
import { withPeople as people } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }
const staff = { username: 'bob', staff: true }

const extendedProfile = defineExtendedProfile({
  level: z.number().int().min(1).max(3),
  team: { schema: z.enum(['red', 'blue']), required: true, visibility: 'private' },
  tags: { schema: z.array(z.string().max(4)).max(2), visibility: 'shared' },
})
const site = {
  extendedProfile,
  settings: {
    extended_profile_fields: ['free'],
    retired_identifier_keys: [{ id: 'k1', secret: 'a secret that only this test knows of' }],
    free_text_max_length: 12,
    email_change_rate_limit: '100/m',
    secondary_email_rate_limit: '100/m',
  },
} as const

/** A site with people who were there before it had its options. */
async function withPeople(
  repository: Repository,
  options: Partial<UserCoreOptions<unknown>>,
): Promise<UserCore<unknown>> {
  await people(repository)
  return createUserCore({ repository, ...options })
}

const ajv = new Ajv2020({ allowUnionTypes: true, validateFormats: false })
const isValid = ({ schema }: FieldDescription, value: unknown) => ajv.validate({ ...schema }, value)

/** Values of every field, many of them at its limits. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\n', '<', ':', '/', '\0', '\u202e', '\ud800', 'é', '\u{1f600}') }),
  fc
    .tuple(fc.constantFrom('', ' ', '\n\t'), fc.nat(310), fc.constantFrom('', '  '))
    .map(([a, n, b]) => a + 'x'.repeat(n) + b),
  fc.string({ unit: fc.constantFrom('1', '+', ' ', '(', '-', '\u200b', '–', '/'), maxLength: 70 }),
  fc.integer({ min: 1890, max: 2040 }).map(String),
  fc.integer({ min: 1890, max: 2040 }).map((year) => ` 0${year}.00 `),
  fc.constantFrom('', 'f', 'p', 'US', 'IT', 'CA', 'private', 'all_users', 'custom', 'nothing', 'http://x', 'en'),
)
const codes = fc.array(
  fc.oneof(
    fc.record({ code: fc.constantFrom('en', 'de', 'zh_HANS', 'xx') }, { noNullPrototype: true }),
    fc.constant({}),
    fc.constant('en'),
  ),
  { maxLength: 3 },
)
const values = fc.oneof(
  texts,
  codes,
  fc.constantFrom(null, true, 1.5, 1980, 1980.5, 12345678901, [], {}, ['en']),
  fc.integer({ min: 1800, max: 2100 }),
)

/** The fields whose rules a schema says whole. */
const exact = patchFields.filter(
  (field) => !['email', 'secondary_email', 'social_links', 'extended_profile'].includes(field),
)

/** Returns the codes of the issues at a field, or none where the change is taken. */
async function issuesOf(change: Promise<unknown>): Promise<readonly string[]> {
  try {
    await change
    return []
  } catch (error) {
    if (!isUserCoreError(error) || error.code !== 'account_validation_error') throw error
    return error.issues.map(({ code }) => code)
  }
}

it('update takes the values of each schema, and no others', async () => {
  const users = await withPeople(memoryRepository(), site)
  const { fields } = await users.accounts.describe(ada, 'ada')
  expect(exact.length).toBe(13)
  const seen = { taken: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...exact), values, async (field, value) => {
      const described = fields[field]
      if (described === undefined) throw new Error(`${field} is not described`)
      const issues = await issuesOf(users.accounts.update(ada, 'ada', { [field]: value }))
      seen[issues.length === 0 ? 'taken' : 'refused'] += 1
      expect([field, value, issues, isValid(described, value)]).toEqual([field, value, issues, issues.length === 0])
    }),
    { numRuns: 3000 },
  )
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(300)
})

it('every value of addresses, links and lists of links that update takes is one of its schema', async () => {
  const users = await withPeople(memoryRepository(), site)
  const { fields } = await users.accounts.describe(ada, 'ada')
  const given = {
    email: ['new@example.com', 'Ada <a@example.com>', 'a', null, 7],
    secondary_email: ['new@example.com', 'x', null],
    social_links: [[], [{ platform: 'x', social_link: 'x.com/ada' }], [{ platform: 'none', social_link: '' }], 'x'],
  }
  for (const [field, list] of Object.entries(given)) {
    for (const value of list) {
      const issues = await issuesOf(users.accounts.update(ada, 'ada', { [field]: value }))
      if (issues.length === 0)
        expect([field, value, isValid(fields[field as 'email'] as FieldDescription, value)]).toContain(true)
    }
  }
})

it('a list of the extended profile takes the values of each declared schema, and no others', async () => {
  const users = await withPeople(memoryRepository(), site)
  const { extended_profile } = await users.accounts.describe(ada, 'ada')
  expect(Object.keys(extended_profile).sort()).toEqual(['free', 'level', 'tags', 'team'])
  const any = fc.oneof(
    fc.integer({ min: -1, max: 5 }),
    fc.constantFrom('red', 'blue', 'green', 1.5, null, true),
    fc.array(fc.string({ maxLength: 6 }), { maxLength: 3 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(extended_profile)), any, async (field_name, field_value) => {
      const patch = { extended_profile: [{ field_name, field_value }] }
      const issues = await issuesOf(users.accounts.update(ada, 'ada', patch as never))
      const described = extended_profile[field_name] as FieldDescription
      expect([field_name, field_value, isValid(described, field_value)]).toEqual([
        field_name,
        field_value,
        issues.length === 0,
      ])
    }),
    { numRuns: 1000 },
  )
})

onEachStore('a description of an account', (open) => {
  it('says that a field is writable where update takes a change of it, for every actor and kind of site', async () => {
    await using store = await open()
    const sites = [
      site,
      {
        ...site,
        settings: { ...site.settings, allow_email_address_change: false, extra_readonly_account_fields: ['bio'] },
      },
      { ...site, isReadOnly: (actor: Actor, _: unknown, field: string) => actor === system && field === 'goals' },
    ]
    const change = {
      name: 'Ada King',
      email: 'other@example.com',
      secondary_email: 'second@example.com',
      gender: 'o',
      year_of_birth: 1981,
      level_of_education: 'm',
      goals: 'more',
      bio: 'other',
      country: 'FR',
      state: null,
      city: 'Paris',
      mailing_address: 'there',
      phone_number: '123',
      language_proficiencies: [{ code: 'en' }],
      social_links: [{ platform: 'x', social_link: 'x.com/ada' }],
      extended_profile: { level: 2 },
      account_privacy: 'all_users',
    }
    expect(Object.keys(change).sort()).toEqual([...patchFields].sort())
    await people(store.repository)
    for (const options of sites) {
      const users = createUserCore({ repository: store.repository, ...options })
      for (const actor of [ada, bob, staff, system]) {
        const { fields } = await users.accounts.describe(actor, 'ada')
        for (const [field, value] of Object.entries(change)) {
          const isTaken = await users.accounts.update(actor, 'ada', { [field]: value }).then(
            () => true,
            (error) => {
              if (['not_authorized', 'account_update_error', 'account_validation_error'].includes(error.code))
                return false
              throw error
            },
          )
          expect([field, fields[field as keyof typeof fields]?.writable ?? false]).toEqual([field, isTaken])
        }
      }
    }
  })

  it('says that a field is readable where the document shows it', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, site)
    for (const privacy of ['private', 'all_users'] as const) {
      await users.accounts.update(ada, 'ada', { account_privacy: privacy, year_of_birth: 1980 })
      for (const actor of [ada, bob, staff, system]) {
        const document = await users.accounts.get(actor, 'ada')
        const { fields, extended_profile } = await users.accounts.describe(actor, 'ada')
        const readable = Object.entries(fields).flatMap(([name, { readable }]) => (readable ? [name] : []))
        expect(readable.sort()).toEqual(Object.keys(document).sort())
        const shown = document.extended_profile?.map(({ field_name }) => field_name) ?? []
        const extended = Object.entries(extended_profile).flatMap(([name, { readable }]) => (readable ? [name] : []))
        expect(extended.sort()).toEqual([...shown].sort())
      }
    }
  })

  it('of a new account says what create takes and needs', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, site)
    const { fields, extended_profile } = await users.accounts.describe(anonymous)
    const required = Object.entries(fields).flatMap(([name, { required }]) => (required ? [name] : []))
    expect(required.sort()).toEqual(['email', 'name', 'username'])
    expect(Object.values(fields).every(({ readable, writable }) => !readable && writable)).toBe(true)
    expect(extended_profile).toMatchObject({ team: { required: true }, level: { required: false } })
    const account = {
      username: 'cy',
      email: 'cy@example.com',
      name: 'Cy',
      profile: { bio: 'x', extended_profile: { team: 'red' } },
    } as const
    for (const name of required) {
      const partial: Record<string, unknown> = { ...account }
      delete partial[name]
      expect([name, await issuesOf(users.accounts.create(anonymous, partial as never))]).not.toContainEqual([])
    }
    await users.accounts.create(anonymous, account as never)
    // A person whose retirement has begun can be described, and not be written.
    await users.retirement.setPipeline(system, defaultPipeline)
    await users.retirement.request(system, 'cy')
    expect(Object.values((await users.accounts.describe(system, 'cy')).fields).some(({ writable }) => writable)).toBe(
      false,
    )
  })
})

it('offers the countries alone that the site and its hook allow', async () => {
  const users = await withPeople(memoryRepository(), {
    settings: { countries: ['IT', 'FR', 'XX'], restricted_countries: ['XX'] },
    isCountryRestricted: (country) => country === 'FR',
  })
  const { fields } = await users.accounts.describe(ada, 'ada')
  expect(fields.country?.options).toEqual(['IT'])
})

it('a declared schema that says no JSON Schema has none; one that says something else is a mistake of the site', async () => {
  const standard = (jsonSchema: unknown) => ({
    '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }), jsonSchema },
  })
  const of = (schema: unknown) => withPeople(memoryRepository(), { extendedProfile: { one: schema as never } })
  for (const silent of [
    undefined,
    {},
    {
      input: () => {
        throw new Error('runs code')
      },
    },
  ]) {
    const { extended_profile } = await (await of(standard(silent))).accounts.describe(ada, 'ada')
    expect(extended_profile.one).toEqual({ readable: true, writable: true, required: false })
  }
  for (const wrong of [null, 'text', { pattern: /x/ }, [], { a: () => 1 }]) {
    const users = await of(standard({ input: () => wrong }))
    await expect(users.accounts.describe(ada, 'ada')).rejects.toMatchObject({
      code: 'config_error',
      params: { hook: 'extendedProfile.one' },
    })
  }
})
