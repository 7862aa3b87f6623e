import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type AccountListOptions, isListed, readAccountList } from '../../src/accounts/account-list.ts'
import { createUserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { type Actor, system } from '../../src/site/actor.ts'
import { defineExtendedProfile } from '../../src/site/define-extended-profile.ts'
import type { SettingsInput } from '../../src/site/settings.ts'
import { isUserCoreError } from '../../src/values/errors.ts'
import { context } from '../support/context.ts'
import { record } from '../support/record.ts'

const staff: Actor = { username: 'sue', staff: true }

const extendedProfile = defineExtendedProfile({
  team: { schema: z.string(), searchable: true },
  secret: { schema: z.string(), searchable: true, visibility: 'private' },
  note: z.string(),
})

const read = (options: AccountListOptions, settings: SettingsInput = {}, actor: Actor = staff) =>
  readAccountList(options, actor, context(settings, undefined, extendedProfile))

/** Returns the code of the error, with its reason or the argument that it names. */
function refusal(options: unknown, settings?: SettingsInput, actor?: Actor): string | undefined {
  try {
    read(options as AccountListOptions, settings, actor)
    return undefined
  } catch (error) {
    if (!isUserCoreError(error)) throw error
    const { reason, argument } = error.params as { readonly reason?: string; readonly argument?: string }
    return `${error.code} ${reason ?? argument}`
  }
}

const hiding = (field: string): SettingsInput => ({
  account_visibility_configuration: {
    admin_fields: ['username', 'email', 'name', 'is_active', 'date_joined', 'country'].filter((name) => name !== field),
  },
})

describe('a list of accounts', () => {
  it('is in the order of what it is found by, as long as no other is asked for', () => {
    expect(read({})).toEqual({ order: 'id', where: {} })
    expect(read({ where: { country: 'IT', is_active: false } })).toEqual({
      order: 'id',
      where: { country: 'IT', is_active: false },
    })
    expect(read({ where: { email: 'ADA@', name: ' Ada ' } })).toEqual({
      order: 'email',
      where: { email: 'ada@', name: 'ada' },
    })
    expect(read({ where: { email: 'ada', name: 'ada' }, order: 'name' }).order).toBe('name')
    expect(read({ where: { date_joined: { from: '2026-01-01T00:00:00Z', before: new Date(0) } } })).toEqual({
      order: 'date_joined',
      where: { joined_from: '2026-01-01T00:00:00.000000Z', joined_before: '1970-01-01T00:00:00.000000Z' },
    })
    expect(read({ where: { extended_profile: { team: 'Red' } } }).where.values).toEqual([
      { field: 'extended_profile.team', value: '"red"' },
    ])
  })

  it('is refused in an order that no index has with the filter', () => {
    expect(refusal({ order: 'name' })).toBe('bad_request order')
    expect(refusal({ order: 'id', where: { name: 'a' } })).toBe('bad_request order')
    expect(refusal({ order: 'email', where: { username: 'a' } })).toBe('bad_request order')
    for (const order of ['id', 'username', 'email', 'date_joined']) expect(refusal({ order })).toBeUndefined()
  })

  it('is refused for beginnings and values of other sizes, and for fields that are not searched', () => {
    for (const odd of ['', ' ', '\u200b', 'a'.repeat(256), 'a'.repeat(1_000_000)]) {
      for (const field of ['username', 'email', 'name'])
        expect(refusal({ where: { [field]: odd } })).toBe(`bad_request ${field}`)
    }
    const odd: readonly object[] = [
      { note: 'x' },
      { other: 'x' },
      { toString: 'x' },
      { team: null },
      { team: {} },
      { team: 'a'.repeat(256) },
    ]
    for (const extended_profile of odd)
      expect(refusal({ where: { extended_profile } })).toBe('bad_request extended_profile')
    const many = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`f${index}`, 'x']))
    expect(refusal({ where: { extended_profile: many } })).toBe('bad_request extended_profile')
  })

  it('is refused over a field that staff do not see, in its order too', () => {
    const values = { username: 'a', email: 'a', name: 'a', is_active: true, country: 'IT', date_joined: {} }
    for (const [field, value] of Object.entries(values)) {
      for (const actor of [staff, system]) {
        expect(refusal({ where: { [field]: value } }, hiding(field), actor)).toBe('not_authorized hidden_field')
        expect(refusal({ where: { [field]: value } }, hiding('other'), actor)).toBeUndefined()
      }
      if (['username', 'email', 'date_joined'].includes(field))
        expect(refusal({ order: field }, hiding(field))).toBe('not_authorized hidden_field')
    }
    expect(refusal({ where: { extended_profile: { secret: 'x' } } })).toBe('not_authorized hidden_field')
    expect(refusal({ where: { extended_profile: { secret: 'x' } } }, {}, system)).toBeUndefined()
  })

  it('without fields for staff is over those alone that all people show', () => {
    const account_visibility_configuration = {
      admin_fields: [],
      public_fields: ['username', 'email'],
      bulk_shareable_fields: ['username', 'country'],
    }
    const settings = { account_visibility_configuration }
    expect(refusal({ where: { username: 'a' } }, settings)).toBeUndefined()
    for (const where of [{ email: 'a' }, { country: 'IT' }])
      expect(refusal({ where }, settings)).toBe('not_authorized hidden_field')
  })

  it('has no account that another value was stored of meanwhile', () => {
    const at = '2024-06-15T12:00:00.000000Z'
    const user = { ...record().user, date_joined: at }
    const extended_profiles = [{ user_id: 7, owner: 'user', document: '{"team":"Red"}', schema_version: 1 }]
    const account = record({ name: 'Ada', country: 'IT' }, { user, extended_profiles })
    const site = context({}, undefined, extendedProfile)
    const isFound = (where: AccountListOptions['where'], of = account) =>
      isListed(of, readAccountList(where === undefined ? {} : { where }, staff, site), site)
    const team = (name: string) => ({ extended_profile: { team: name } })
    const right = [{ username: 'AD' }, { email: 'ada@e' }, { name: 'ada' }, { is_active: true }, { country: 'IT' }]
    for (const where of [...right, { date_joined: { from: at } }, team('red'), undefined])
      expect(isFound(where)).toBe(true)
    const wrong = [{ username: 'b' }, { email: 'b' }, { name: 'b' }, { is_active: false }, { country: 'FR' }]
    for (const where of [...wrong, { date_joined: { before: at } }, team('blue')]) expect(isFound(where)).toBe(false)
    expect(isFound({ name: 'a' }, { ...account, profile: undefined })).toBe(false)
    expect(isFound({ country: 'IT' }, { ...account, profile: undefined })).toBe(false)
    expect(isFound(undefined, { ...account, retirement: 'sealed' })).toBe(false)
    expect(isFound(undefined, { ...account, retirement: 'requested' })).toBe(true)
  })
})

const fields = ['username', 'email', 'name', 'is_active', 'date_joined', 'country'] as const
const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 })
const team = fc.constantFrom('red', 'blue')
const moment = fc.integer({ min: 0, max: 3 }).map((hour) => new Date(Date.UTC(2024, 5, 15, hour)))

const person = fc.record({
  username: letters,
  email: letters,
  name: letters,
  is_active: fc.boolean(),
  date_joined: moment,
  country: fc.constantFrom('IT', 'FR'),
  team,
  secret: team,
})
type Generated = typeof person extends fc.Arbitrary<infer Value> ? Value : never

const filters = {
  username: letters,
  email: letters,
  name: letters,
  is_active: fc.boolean(),
  date_joined: fc.record({ from: moment, before: moment }, { requiredKeys: [] }),
  country: fc.constantFrom('IT', 'FR'),
  extended_profile: fc.oneof(fc.record({ team }), fc.record({ secret: team })),
}
/** Filters with up to two members: most of those with more name a field that is hidden. */
const filter = fc
  .subarray(Object.keys(filters) as (keyof typeof filters)[], { maxLength: 2 })
  .chain((members) => fc.record(Object.fromEntries(members.map((member) => [member, filters[member]]))))

const question = fc.record(
  {
    where: filter,
    order: fc.constantFrom('id', 'username', 'email', 'name', 'date_joined'),
    descending: fc.boolean(),
    limit: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
)

/** Makes a site of people in which staff see some fields. */
async function siteOf(people: readonly Generated[], admin_fields: readonly string[]) {
  let now = new Date(0)
  const users = createUserCore({
    repository: memoryRepository(),
    extendedProfile,
    clock: () => now,
    settings: { account_visibility_configuration: { admin_fields } },
  })
  for (const [index, { username, email, name, is_active, date_joined, country, team, secret }] of people.entries()) {
    now = date_joined
    const profile = { country, year_of_birth: 1990, extended_profile: { team, secret } }
    const names = { username: `${username}${index}`, email: `${email}${index}@example.com`, name }
    await users.accounts.create(system, { ...names, profile }, { active: is_active })
  }
  return users
}

type Users = Awaited<ReturnType<typeof siteOf>>

/** Returns every page of a list as text, or the code of its error. */
async function answerOf(users: Users, options: AccountListOptions): Promise<string> {
  const pages: unknown[] = []
  try {
    let after: string | undefined
    do {
      const page = await users.accounts.list(staff, { ...options, ...(after === undefined ? {} : { after }) })
      pages.push(page)
      after = page.next
    } while (after !== undefined)
  } catch (error) {
    return isUserCoreError(error) ? `${error.code} ${JSON.stringify(error.params)}` : String(error)
  }
  return JSON.stringify(pages)
}

it('two sites that differ in nothing but hidden values give staff the same lists', async () => {
  let answered = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(person, person), { minLength: 1, maxLength: 6 }),
      fc.subarray([...fields], { minLength: 1 }),
      fc.array(question, { minLength: 1, maxLength: 8 }),
      async (pairs, seen, questions) => {
        const visible = [...seen, 'team']
        const others = pairs.map(([one, other]) => {
          const kept = Object.entries(one).filter(([field]) => visible.includes(field))
          return { ...other, ...Object.fromEntries(kept) }
        })
        const one = await siteOf(
          pairs.map(([first]) => first),
          seen,
        )
        const other = await siteOf(others, seen)
        for (const options of questions as AccountListOptions[]) {
          const answer = await answerOf(one, options)
          answered += Number(answer.startsWith('['))
          expect(await answerOf(other, options)).toBe(answer)
        }
      },
    ),
    { numRuns: 60 },
  )
  expect(answered).toBeGreaterThan(30)
})
