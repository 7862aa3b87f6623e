import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccountPatch } from '../../src/accounts/account.ts'
import { accountWrites } from '../../src/accounts/account-writes.ts'
import { type ChangeRequest, changeAccount } from '../../src/accounts/change-account.ts'
import { changedValues } from '../../src/accounts/changed-values.ts'
import type { EmailClaim } from '../../src/accounts/email-claims.ts'
import type { AccountRecord } from '../../src/port/account-record.ts'
import type { PendingEmailChangeRow } from '../../src/port/tables.ts'
import type { SettingsInput } from '../../src/site/settings.ts'
import { context } from '../support/context.ts'
import { preferences, record } from '../support/record.ts'

const request: ChangeRequest = {
  emails: { claims: [], pending: [] },
  extendedProfile: undefined,
  hostIssues: [],
  unknownFields: 'ignore',
}

function change(
  before: AccountRecord,
  patch: unknown,
  more: Partial<ChangeRequest> = {},
  settings: SettingsInput = {},
) {
  return changeAccount(before, patch as AccountPatch, { ...request, ...more }, context(settings))
}

function changed(
  before: AccountRecord,
  patch: unknown,
  more: Partial<ChangeRequest> = {},
  settings: SettingsInput = {},
) {
  const checked = change(before, patch, more, settings)
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues))
  return checked.value
}

/** The issues of a patch, as `pointer code`. */
function issues(patch: unknown, more: Partial<ChangeRequest> = {}, settings: SettingsInput = {}, before = record()) {
  const checked = change(before, patch, more, settings)
  return 'issues' in checked ? checked.issues.map(({ pointer, code }) => `${pointer} ${code}`) : []
}

describe('a patch of an account', () => {
  it('sets the fields that it names and keeps the rest', () => {
    const before = record({ bio: 'old', goals: 'g' })
    expect(changed(before, { bio: ' new ', gender: 'o' }).after.profile).toEqual({
      ...before.profile,
      bio: 'new',
      gender: 'o',
    })
  })

  it('clears by null the fields that may be empty', () => {
    const before = record({
      bio: 'b',
      goals: 'g',
      gender: 'm',
      year_of_birth: 1990,
      phone_number: '1',
      country: 'US',
      state: 'MA',
    })
    const patch = {
      bio: null,
      goals: null,
      gender: null,
      year_of_birth: null,
      phone_number: null,
      country: null,
      state: null,
    }
    expect(changed(before, patch).after.profile).toMatchObject(patch)
  })

  it('reports all issues at once, and changes nothing', () => {
    const patch = {
      username: 'x',
      gender: 'undecided',
      email: 'not an address',
      name: '<b>',
      bio: 'fine',
      social_links: 'x',
    }
    expect(issues(patch)).toEqual([
      '/username read_only',
      '/gender invalid_choice',
      '/email invalid_format',
      '/name name_has_html',
      '/social_links not_a_list',
    ])
  })

  it.each([null, [], 'text', 5, undefined])('is refused when it is %j and no object', (patch) =>
    expect(issues(patch)).toEqual([' not_an_object']),
  )

  it.each([
    [{ bio: new Date() }, '/bio not_json'],
    [{ bio: 'a\0' }, '/bio bad_text'],
    [{ name: 'a\ud800' }, '/name bad_text'],
    [{ whatever: () => 1 }, '/whatever not_json'],
    [JSON.parse('{"__proto__":{"staff":true}}'), '/__proto__ forbidden_name'],
    [{ constructor: 1 }, '/constructor forbidden_name'],
    [
      { extended_profile: [{ field_name: 'a', field_value: JSON.parse('{"__proto__":1}') }] },
      '/extended_profile/0/field_value/__proto__ forbidden_name',
    ],
  ])('is refused for %j', (patch, issue) => expect(issues(patch)).toEqual([issue]))

  it('may repeat a stored name that the rules would refuse now', () => {
    const before = record({ name: '<Ada> https://ada' })
    expect(changed(before, { name: '<Ada> https://ada' }).after).toEqual(before)
    expect(issues({ name: '<Ada>' }, {}, {}, before)).toEqual(['/name name_has_html'])
    expect(issues({ name: '' }, {}, {}, record({ name: '' }))).toEqual(['/name required'])
  })

  it('is refused when it is too large or too deep', () => {
    expect(issues({ whatever: 'x'.repeat(300_000) })).toEqual(['/whatever too_large'])
    let deep: unknown = 1
    for (let level = 0; level < 100; level++) deep = [deep]
    expect(issues({ whatever: deep })[0]).toMatch(/ too_deep$/)
  })

  it('takes members that are undefined for absent', () =>
    expect(changed(record(), { bio: undefined }).after).toEqual(record()))

  it('does not change its inputs', () => {
    fc.assert(
      fc.property(
        fc.record(
          { bio: fc.option(fc.string()), language_proficiencies: fc.constant([{ code: 'en' }]), junk: fc.jsonValue() },
          { requiredKeys: [] },
        ),
        (patch) => {
          const before = record({ bio: 'old' }, { preferences: preferences({ account_privacy: 'private' }) })
          const [patchCopy, beforeCopy] = [structuredClone(patch), structuredClone(before)]
          change(before, patch)
          expect(patch).toEqual(patchCopy)
          expect(before).toEqual(beforeCopy)
        },
      ),
    )
  })

  it('has the same result when it is applied again', () => {
    const patch = {
      name: 'New Name',
      country: 'US',
      state: 'NY',
      language_proficiencies: [{ code: 'fr' }],
      social_links: [{ platform: 'x', social_link: 'ada' }],
      account_privacy: 'custom',
    }
    const once = changed(record(), patch)
    const twice = changed(once.after, patch)
    expect(accountWrites(record(), once.after)).not.toEqual([])
    expect(accountWrites(once.after, twice.after)).toEqual([])
    expect(changedValues(once.after, twice.after, context())).toEqual([])
  })
})

describe('names of a patch', () => {
  it('that are no fields or derived are listed as ignored', () => {
    expect(changed(record(), { shoe_size: 43, id: 9, last_login: 'x', 'visibility.bio': 'all_users' }).ignored).toEqual(
      ['shoe_size', 'id', 'last_login', 'visibility.bio'],
    )
  })

  it('that are no fields can be refused; derived ones come with whole documents and never are', () => {
    expect(issues({ shoe_size: 43, id: 9 }, { unknownFields: 'reject' })).toEqual(['/shoe_size unknown_field'])
  })

  it.each([
    'username',
    'date_joined',
    'is_active',
    'password_toggle_history',
    'profile_image',
    'requires_parental_consent',
  ])('that are read-only are refused, even with the same value: %s', (field) =>
    expect(issues({ [field]: 'ada' })).toEqual([`/${field} read_only`]),
  )

  it('can be made read-only by the site and its host', () => {
    const hostIssues = [{ pointer: '/name', code: 'read_only' as const }]
    expect(issues({ name: '<b>', bio: 'x' }, { hostIssues })).toEqual(['/name read_only'])
  })
})

describe('country and state', () => {
  const before = record({ country: 'US', state: 'MA' })
  it('another country drops the state, and the result names it', () => {
    expect(changed(before, { country: 'DE' }).after.profile).toMatchObject({ country: 'DE', state: null })
    const both = changed(before, { country: 'DE', state: 'NY' })
    expect(both.after.profile).toMatchObject({ country: 'DE', state: null })
    expect(both.ignored).toEqual(['state'])
  })
  it('the same country again keeps it', () =>
    expect(changed(before, { country: 'US' }).after.profile?.state).toBe('MA'))
  it('a restricted country is refused, even one that does not exist', () => {
    expect(issues({ country: 'DE' }, {}, { restricted_countries: ['DE'] })).toEqual(['/country country_restricted'])
    expect(issues({ country: 'XY' }, {}, { restricted_countries: ['XY'] })).toEqual(['/country country_restricted'])
  })
})

describe('account privacy', () => {
  const chosen = record({}, { preferences: preferences({ account_privacy: 'private', 'visibility.bio': 'all_users' }) })
  const privacy = (before: AccountRecord, value: unknown) =>
    changed(before, { account_privacy: value }).after.preferences.find((row) => row.key === 'account_privacy')

  it('is a preference with its own version', () => {
    expect(privacy(record(), 'custom')).toEqual({ user_id: 7, key: 'account_privacy', value: 'custom', version: 1 })
    expect(privacy(chosen, 'custom')).toMatchObject({ value: 'custom', version: 2 })
  })
  it('goes back to the default by null', () => expect(privacy(chosen, null)).toMatchObject({ value: null, version: 2 }))
  it('is left alone by the value it has', () =>
    expect(changed(chosen, { account_privacy: 'private' }).after).toBe(chosen))
  it.each([
    ['', 'required'],
    ['friends', 'invalid_choice'],
    [1, 'invalid_choice'],
  ])('cannot be %j', (value, code) => expect(issues({ account_privacy: value })).toEqual([`/account_privacy ${code}`]))
})

describe('an e-mail address', () => {
  const claim = (user_id: number, kind: EmailClaim['kind']): EmailClaim => ({
    user_id,
    kind,
    email_key: 'new@example.com',
  })
  const ask = (patch: AccountPatch, claims: EmailClaim[] = [], pending: PendingEmailChangeRow[] = []) =>
    changed(record(), patch, { emails: { claims, pending } })

  const heldBy = (...claims: EmailClaim[]) => ({ emails: { claims, pending: [] } })

  it('that no person has waits for its confirmation; the account keeps the old one', () => {
    const asked = ask({ email: 'New@example.com' })
    expect(asked.emailRequests).toEqual([{ kind: 'primary', wanted: 'New@example.com', takenBy: undefined }])
    expect(asked.after).toEqual(record())
  })
  it.each(['primary', 'secondary', 'retired'] as const)(
    'of another person, as %s, waits too, and is marked as taken',
    (kind) => {
      const { emailRequests } = ask({ email: 'new@example.com', secondary_email: 'new@example.com' }, [claim(8, kind)])
      expect(emailRequests).toEqual([
        { kind: 'primary', wanted: 'new@example.com', takenBy: claim(8, kind) },
        { kind: 'secondary', wanted: 'new@example.com', takenBy: claim(8, kind) },
      ])
    },
  )
  it('that is taken as a second one is reported where the site wants that', () => {
    const settings = { reveal_taken_secondary_email: true }
    expect(issues({ secondary_email: 'new@example.com' }, heldBy(claim(8, 'secondary')), settings)).toEqual([
      '/secondary_email conflict',
    ])
    expect(issues({ secondary_email: 'new@example.com' }, heldBy(claim(8, 'primary')), settings)).toEqual([])
  })
  it('can be another spelling of the own one', () =>
    expect(ask({ email: 'ADA@example.com' }).emailRequests).toMatchObject([{ wanted: 'ADA@example.com' }]))
  it('cannot be the same, nor the own second one', () => {
    expect(issues({ email: 'ada@example.com' })).toEqual(['/email unchanged'])
    expect(issues({ email: 'new@example.com' }, heldBy(claim(7, 'secondary')))).toEqual(['/email conflict'])
  })
  it('cannot be both the first and the second', () =>
    expect(issues({ secondary_email: 'Ada@Example.com' })).toEqual(['/secondary_email same_as_primary_email']))
  it('cannot be the second one that is active already', () => {
    const account_recovery = {
      user_id: 7,
      secondary_email: 'new@example.com',
      secondary_email_key: 'new@example.com',
      is_active: true,
    }
    expect(issues({ secondary_email: 'new@example.com' }, {}, {}, record({}, { account_recovery }))).toEqual([
      '/secondary_email unchanged',
    ])
  })
})

describe('the writes of a change', () => {
  it('name only the columns that differ, guarded by the version', () => {
    const before = record({ bio: 'old' })
    expect(accountWrites(before, changed(before, { bio: 'new' }).after)).toEqual([
      { update: 'profiles', set: { bio: 'new', version: 2 }, where: { user_id: 7, version: 1 }, guarded: true },
    ])
  })
  it('begin with a profile where there was none', () => {
    const before = record({}, { profile: undefined })
    const [first] = accountWrites(before, changed(before, { language_proficiencies: [{ code: 'en' }] }).after)
    expect(first).toMatchObject({ insert: 'profiles', rows: [{ user_id: 7, version: 1, name: '' }] })
  })
  it.each([
    [['fr', 'es'], [{ update: 'language_proficiencies', set: { code: 'es' }, where: { user_id: 7, code: 'en' } }]],
    [['fr'], [{ delete: 'language_proficiencies', where: { user_id: 7, code: ['en'] } }]],
    [['en', 'fr', 'es'], [{ insert: 'language_proficiencies', rows: [{ user_id: 7, code: 'es' }] }]],
    [
      ['it', 'es'],
      [
        { delete: 'language_proficiencies', where: { user_id: 7, code: ['en', 'fr'] } },
        {
          insert: 'language_proficiencies',
          rows: [
            { user_id: 7, code: 'es' },
            { user_id: 7, code: 'it' },
          ],
        },
      ],
    ],
  ])('from en and fr to %s touch only the languages that differ', (codes, writes) => {
    const language_proficiencies = ['en', 'fr'].map((code) => ({ user_id: 7, code }))
    const before = record({}, { language_proficiencies })
    const { after } = changed(before, { language_proficiencies: codes.map((code) => ({ code })) })
    expect(accountWrites(before, after).slice(1)).toEqual(writes)
  })
})

describe('the changes that are told', () => {
  it('name each field with its old and new value', () => {
    const before = record({ country: 'US', state: 'MA' })
    expect(
      changedValues(
        before,
        changed(before, { country: 'DE', language_proficiencies: [{ code: 'en' }] }).after,
        context(),
      ),
    ).toEqual([
      { setting: 'country', old: 'US', new: 'DE' },
      { setting: 'state', old: 'MA', new: null },
      { setting: 'language_proficiencies', old: [], new: [{ code: 'en' }] },
    ])
  })
})
