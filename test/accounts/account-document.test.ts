import { describe, expect, it } from 'vitest'
import { accountDocument } from '../../src/accounts/account-document.ts'
import { type GetOptions, readingOf } from '../../src/accounts/visibility.ts'
import type { AccountRecord } from '../../src/port/account-record.ts'
import { type Actor, system } from '../../src/site/actor.ts'
import type { SettingsInput } from '../../src/site/settings.ts'
import { context } from '../support/context.ts'
import { preferences, record } from '../support/record.ts'

const self = { username: 'ada' }
const other = { username: 'bob' }
const staff = { username: 'eve', staff: true }
const superuser = { username: 'eve', superuser: true }

type Reading = GetOptions & { readonly actor: Actor }

function show(account: AccountRecord, { actor, ...options }: Reading, settings: SettingsInput = {}, derived = {}) {
  const given = context(settings)
  return accountDocument(account, readingOf(actor, options, given.settings), given, derived)
}

const fields = (account: AccountRecord, reading: Reading, settings: SettingsInput = {}) =>
  Object.keys(show(account, reading, settings)).sort()

const publicFields = ['account_privacy', 'profile_image', 'username']

describe('the fields that each reader sees', () => {
  it('the holder, staff and trusted code see all 28', () => {
    for (const actor of [self, staff, system, { username: 'ADA' }]) expect(fields(record(), { actor })).toHaveLength(28)
  })

  it('others see eleven by default, without the name', () => {
    const seen = fields(record(), { actor: other })
    expect(seen).toHaveLength(11)
    expect(seen).not.toContain('name')
    expect(fields(record(), { actor: superuser })).toEqual(seen)
  })

  it('the shared view shows the holder and staff the fields that others see', () => {
    for (const actor of [self, staff]) expect(fields(record(), { actor, view: 'shared' })).toHaveLength(11)
  })

  it.each(['private', 'friends', 'Custom'])('others see three under %s', (account_privacy) => {
    const account = record({}, { preferences: preferences({ account_privacy }) })
    expect(fields(account, { actor: other })).toEqual(publicFields)
    expect(show(account, { actor: other }).account_privacy).toBe(account_privacy)
  })

  it('under custom others see the three and the chosen fields', () => {
    const chosen = {
      account_privacy: 'custom',
      'visibility.bio': 'all_users',
      'visibility.name': 'all_users',
      'visibility.country': 'private',
      'visibility.email': 'all_users',
    }
    const account = record({}, { preferences: preferences(chosen) })
    expect(fields(account, { actor: other })).toEqual([...publicFields, 'bio', 'name'].sort())
  })

  it('a deleted choice is no choice', () => {
    const account = record({}, { preferences: preferences({ account_privacy: null }) })
    expect(show(account, { actor: other }).account_privacy).toBe('all_users')
  })

  it.each([2014, null])('minors are private under every choice: born %s', (year_of_birth) => {
    const account = record({ year_of_birth }, { preferences: preferences({ account_privacy: 'all_users' }) })
    expect(fields(account, { actor: other })).toEqual(publicFields)
    expect(show(account, { actor: self })).toMatchObject({
      account_privacy: 'private',
      requires_parental_consent: true,
    })
  })

  it('an unknown age is no minor where the site says so, but still needs consent', () => {
    const account = record({ year_of_birth: null })
    const settings = { unknown_age_is_minor: false }
    expect(fields(account, { actor: other }, settings)).toHaveLength(11)
    expect(show(account, { actor: self }, settings).requires_parental_consent).toBe(true)
  })

  it('without a profile others see the public fields and the holder gets nulls', () => {
    const account = record({}, { profile: undefined })
    expect(show(account, { actor: other })).toEqual({
      account_privacy: 'all_users',
      profile_image: null,
      username: 'ada',
    })
    expect(show(account, { actor: self })).toMatchObject({
      name: null,
      language_proficiencies: null,
      extended_profile: null,
      requires_parental_consent: null,
      is_active: true,
    })
  })

  it('a configuration of the call replaces the lists it names, for others only', () => {
    const configuration = { default_visibility: 'private', public_fields: ['email', 'nonsense'] }
    expect(show(record(), { actor: other, configuration })).toEqual({ email: 'ada@example.com', nonsense: null })
    expect(fields(record(), { actor: self, configuration })).toHaveLength(28)
    expect(fields(record(), { actor: other, configuration: { public_fields: ['email'] } })).toHaveLength(11)
  })

  it('only the holder and staff see the picture of a child', () => {
    const account = record({ year_of_birth: 2014, profile_image_uploaded_at: '2024-01-01T00:00:00.000000Z' })
    const settings = { profile_image_hash_seed: 'secret' }
    const hasImage = (reading: Reading) => show(account, reading, settings).profile_image?.has_image
    expect(hasImage({ actor: other })).toBe(false)
    expect(hasImage({ actor: self })).toBe(true)
    expect(hasImage({ actor: staff, view: 'shared' })).toBe(false)
  })
})

describe('the values of fields', () => {
  it('codes and the bio that are stored empty show as null, other texts as they are', () => {
    const account = record({
      bio: '',
      country: '',
      state: '',
      gender: '',
      level_of_education: '',
      goals: '',
      mailing_address: '',
      name: '',
    })
    expect(show(account, { actor: self })).toMatchObject({
      bio: null,
      country: null,
      state: null,
      gender: null,
      level_of_education: null,
      goals: '',
      mailing_address: '',
      name: '',
    })
  })

  it('the day of joining has whole seconds, the last log-in all its digits', () => {
    const user = {
      ...record().user,
      date_joined: '2024-01-02T03:04:05.678901Z',
      last_login: '2024-01-02T03:04:05.670000Z',
    }
    expect(show(record({}, { user }), { actor: self })).toMatchObject({
      date_joined: '2024-01-02T03:04:05Z',
      last_login: '2024-01-02T03:04:05.670000Z',
    })
  })

  it('the secondary address shows only where the site shows it', () => {
    const account_recovery = {
      user_id: 7,
      secondary_email: 's@x.org',
      secondary_email_key: 's@x.org',
      is_active: false,
    }
    const account = record({}, { account_recovery })
    expect(show(account, { actor: self })).toMatchObject({ secondary_email: null, secondary_email_enabled: null })
    expect(show(account, { actor: self }, { enable_secondary_email: true })).toMatchObject({
      secondary_email: 's@x.org',
      secondary_email_enabled: true,
    })
  })

  it('the extended profile shows the configured names, in their order, with "" for an absent one', () => {
    const document = (text: string) =>
      record({}, { extended_profiles: [{ user_id: 7, owner: 'user', document: text, schema_version: 1 }] })
    const settings = { extended_profile_fields: ['b', 'a', 'toString', 'c'] }
    const values = (account: AccountRecord) =>
      show(account, { actor: self }, settings).extended_profile?.map((field) => field.field_value)
    expect(values(document('{"a":null,"b":{"x":[1]},"hidden":1}'))).toEqual([{ x: [1] }, null, '', ''])
    for (const text of ['', '{oops', '[]', '"x"', 'null']) expect(values(document(text))).toEqual(['', '', '', ''])
    expect(values(record())).toEqual(['', '', '', ''])
  })

  it('without a list of admin fields the holder and staff see the fields that others see', () => {
    const settings = { account_visibility_configuration: { admin_fields: [] } }
    for (const actor of [self, staff]) expect(fields(record(), { actor }, settings)).toHaveLength(11)
    const hidden = record({}, { preferences: preferences({ account_privacy: 'private' }) })
    expect(fields(hidden, { actor: self }, settings)).toEqual(publicFields)
  })

  it('the extended profile is shown to no reader whose list lacks it', () => {
    const extended_profiles = [{ user_id: 7, owner: 'user', document: '{"a":1}', schema_version: 1 }]
    const settings = {
      extended_profile_fields: ['a'],
      account_visibility_configuration: { admin_fields: ['username', 'email'] },
    }
    for (const actor of [self, staff, system]) {
      expect(Object.keys(show(record({}, { extended_profiles }), { actor }, settings))).toEqual(['username', 'email'])
    }
  })

  it('fields that the host derives show the values that it gave', () => {
    const derived = { verified_name: 'Ada L', time_zone: 'UTC', course_certificates: [1] }
    expect(show(record(), { actor: self }, {}, derived)).toMatchObject(derived)
  })
})

describe('a profile image', () => {
  const md5OfSecretAda = '2953f29bc314bd0a7ea7ddf6ccc1555f'
  const image = (settings: SettingsInput) =>
    show(
      record({ profile_image_uploaded_at: '2002-01-09T15:43:01.900000Z' }),
      { actor: self },
      { profile_image_hash_seed: 'secret', profile_image_sizes: { small: 10 }, ...settings },
    ).profile_image

  it('has a file name of seed and username where none is stored, and the time of upload against caches', () => {
    const address = `http://example-storage.com/profile-images/${md5OfSecretAda}_10.jpg?v=1010590981`
    expect(image({})).toEqual({ has_image: true, image_url_small: address })
  })

  it('joins the version to a query of the storage', () =>
    expect(image({ profile_image_url_query: 'sig=1' })?.image_url_small).toMatch(/_10\.jpg\?sig=1&v=1010590981$/))

  it('gets the address of the site where it has none of its own', () => {
    const settings = { profile_image_base_url: '/images/', site_url: 'https://learn.example' }
    expect(image(settings)?.image_url_small).toMatch(
      /^https:\/\/learn\.example\/images\/[0-9a-f]{32}_10\.jpg\?v=1010590981$/,
    )
    expect(image({ profile_image_base_url: '/images/' })?.image_url_small).toMatch(/^\/images\//)
  })
})
