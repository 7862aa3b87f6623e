import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import * as rules from '../src/rules/index.ts'
import {
  age,
  applyJsonPatch,
  applyMergePatch,
  changeAccount,
  changePreferences,
  checkField,
  diffJsonPatch,
  diffMergePatch,
  drawGroup,
  eraseAccount,
  formatSocialLink,
  identifierKey,
  isMinorNameEdit,
  mergeExtendedProfile,
  newAccount,
  newRetirement,
  orgOfCourse,
  patchAccount,
  patchExtendedProfile,
  profileImageUrls,
  refuseCancel,
  refuseMove,
  refuseStep,
  requiresParentalConsent,
  resolvePreference,
  retiredForm,
  retiredForms,
  rewrapped,
  ruleContext,
  showAccount,
  suggestUsernames,
  toCloudEvent,
  visibleFields,
} from '../src/rules/index.ts'

/** The rules as a host's own unit tests use them: no core, no repository, nothing to wait for. */
const now = new Date('2026-11-29T12:00:00Z')
const keys = ['k1', 'k2'].map((id) => ({ id, secret: `a secret of at least thirty-two characters, ${id}` }))
const context = ruleContext({ now, settings: { retired_identifier_keys: keys } })
const ada = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context, {
  name: 'Ada',
  year_of_birth: 1980,
  country: 'US',
  state: 'MA',
})
const states = [
  { state_name: 'PENDING', state_execution_order: 1, kind: 'start', step: null, action: null },
  { state_name: 'RETIRING', state_execution_order: 11, kind: 'working', step: 'lms', action: 'account' },
  { state_name: 'ABORTED', state_execution_order: 21, kind: 'end', step: null, action: null },
] as const

/** The value of a rule that finds no issue. */
function valueIn<Value>(checked: rules.Checked<Value>): Value {
  if ('value' in checked) return checked.value
  throw new Error(JSON.stringify(checked.issues))
}

describe('a change of an account', () => {
  it('by a merge patch gives the account after it, and leaves the one before as it was', () => {
    const { account, ignored } = valueIn(changeAccount(ada, { bio: ' Mathematician ', country: 'IT' }, context))
    expect(account.profile).toMatchObject({ bio: 'Mathematician', country: 'IT', state: null })
    expect(ada.profile).toMatchObject({ bio: null, country: 'US', state: 'MA' })
    expect(ignored).toEqual([])
  })

  it('by a merge patch returns every issue', () => {
    const checked = changeAccount(ada, { bio: 'x'.repeat(301), name: '' }, context)
    expect('issues' in checked && checked.issues.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/bio', 'too_long'],
      ['/name', 'required'],
    ])
  })

  it('merges the extended profile of the holder', () => {
    const first = valueIn(changeAccount(ada, { extended_profile: { job: { a: 1, b: 2 }, city: 'Rome' } }, context))
    const second = valueIn(
      changeAccount(first.account, { extended_profile: { job: { b: null }, city: null } }, context),
    )
    expect(second.account.extended_profiles).toEqual([
      { user_id: 1, owner: 'user', document: '{"job":{"a":1}}', schema_version: 1 },
    ])
  })

  it('asks for another address, unless it is held by the same person already', () => {
    const { account, emailRequests } = valueIn(changeAccount(ada, { email: 'ada@example.org' }, context))
    expect(account.user.email).toBe('ada@example.com')
    expect(emailRequests).toEqual([{ kind: 'primary', wanted: 'ada@example.org', takenBy: undefined }])
    const emailsHeld = [{ user_id: 1, kind: 'secondary', email_key: 'ada@example.org' }] as const
    expect(changeAccount(ada, { email: 'ada@example.org' }, context, { emailsHeld })).toMatchObject({
      issues: [{ pointer: '/email', code: 'conflict' }],
    })
  })

  it('lists names that are no fields, or refuses them', () => {
    const patch = { colour: 'red' } as object
    expect(valueIn(changeAccount(ada, patch, context)).ignored).toEqual(['colour'])
    expect(changeAccount(ada, patch, context, { unknownFields: 'reject' })).toMatchObject({
      issues: [{ code: 'unknown_field' }],
    })
  })

  it('by a JSON Patch replaces fields of the extended profile as a whole', () => {
    const site = ruleContext({ now, settings: { extended_profile_fields: ['job'] } })
    const { account } = valueIn(changeAccount(ada, { extended_profile: { job: { a: 1, b: 2 } } }, site))
    const patched = patchAccount(
      account,
      [
        { op: 'replace', path: '/bio', value: 'Mathematician' },
        { op: 'remove', path: '/extended_profile/job/b' },
      ],
      site,
    )
    expect(valueIn(patched).account.profile?.bio).toBe('Mathematician')
    expect(valueIn(patched).account.extended_profiles).toMatchObject([{ document: '{"job":{"a":1}}' }])
  })

  it('by a JSON Patch refuses fields that no person can change', () => {
    expect(patchAccount(ada, [{ op: 'replace', path: '/username', value: 'eve' }], context)).toMatchObject({
      issues: [{ pointer: '/username', code: 'read_only' }],
    })
    expect(() => patchAccount(ada, [{ op: 'test', path: '/bio', value: 'x' }], context)).toThrow('patch_error')
  })
})

it.each([
  ['username', 'ada', 'ada', 'a', 'bad_length'],
  ['password', 'correct horse', 'correct horse', 'short', 'too_short'],
  ['email', 'ada@example.com', 'ada@example.com', 'ada', 'invalid_format'],
  ['name', ' Ada ', 'Ada', '<b>', 'name_has_html'],
  ['gender', 'f', 'f', 'x', 'invalid_choice'],
  ['year_of_birth', '1980', 1980, 1800, 'out_of_range'],
  ['level_of_education', 'p', 'p', 'x', 'invalid_choice'],
  ['goals', ' x ', 'x', {}, 'not_text'],
  ['bio', ' x ', 'x', 'x'.repeat(301), 'too_long'],
  ['country', 'IT', 'IT', 'ZZ', 'invalid_choice'],
  ['state', 'MA', 'MA', 'ZZ', 'invalid_choice'],
  ['city', 7, '7', [], 'not_text'],
  ['mailing_address', 'x', 'x', [], 'not_text'],
  ['phone_number', '+39 (06) 1', '+39061', 'x', 'invalid_format'],
  ['language_proficiencies', [{ code: 'it' }, { code: 'en' }], ['en', 'it'], [{ code: '?' }], 'invalid_choice'],
  [
    'social_links',
    [{ platform: 'x', social_link: 'ada' }],
    [{ platform: 'x', social_link: 'https://www.x.com/ada' }],
    [{ platform: '?', social_link: 'ada' }],
    'unknown_platform',
  ],
  ['account_privacy', 'private', 'private', 'friends', 'invalid_choice'],
] as const)('the check of %s gives the stored form, or the issue', (field, right, stored, wrong, code) => {
  expect(checkField(field, right, context)).toEqual({ value: stored })
  expect(checkField(field, wrong, context)).toMatchObject({ issues: [{ code }] })
})

it('an unknown field is refused by name', () => {
  expect(() => checkField('colour' as never, 'red', context)).toThrow(
    expect.objectContaining({ code: 'bad_request', params: { argument: 'field' } }),
  )
})

describe('an extended profile', () => {
  const document = { a: { x: 1, y: 2 }, b: 2 }

  it('takes a list, a merge patch and a JSON Patch', () => {
    expect(mergeExtendedProfile(document, [{ field_name: 'a', field_value: null }], context)).toEqual({
      value: { a: null, b: 2 },
    })
    expect(mergeExtendedProfile(document, { a: { y: null }, b: null }, context)).toEqual({ value: { a: { x: 1 } } })
    expect(patchExtendedProfile(document, [{ op: 'move', from: '/a/x', path: '/b' }], context)).toEqual({
      value: { a: { y: 2 }, b: 1 },
    })
    expect(document).toEqual({ a: { x: 1, y: 2 }, b: 2 })
  })

  it('keeps to the limits of the site in each of them', () => {
    const small = ruleContext({ now, settings: { extended_profile_max_fields: 2 } })
    const issues = { issues: [{ pointer: '/extended_profile', code: 'too_many', params: { max: 2 } }] }
    expect(mergeExtendedProfile(document, [{ field_name: 'c', field_value: 3 }], small)).toEqual(issues)
    expect(mergeExtendedProfile(document, { c: 3 }, small)).toEqual(issues)
    expect(patchExtendedProfile(document, [{ op: 'add', path: '/c', value: 3 }], small)).toEqual(issues)
  })
})

describe('the document that a reader sees', () => {
  it('has all of it for its holder, and the public fields alone for others of a child', () => {
    const child = newAccount({ id: 2, username: 'bob', email: 'bob@example.com' }, context, { year_of_birth: 2020 })
    expect(showAccount(ada, { id: 1 }, context).email).toBe('ada@example.com')
    expect(Object.keys(showAccount(child, { id: 1 }, context)).toSorted()).toEqual(
      visibleFields(child, { id: 1 }, context).toSorted(),
    )
    expect(visibleFields(child, { id: 1 }, context)).toEqual(['account_privacy', 'profile_image', 'username'])
    expect(showAccount(ada, { id: 1 }, context, { view: 'shared' })).not.toHaveProperty('email')
    expect(showAccount(ada, { id: 1 }, context, { derived: { verified_name: 'A' } }).verified_name).toBe('A')
  })

  it('has the age, the need of consent and the images of its record', () => {
    const document = showAccount(ada, { id: 1 }, context)
    for (const account of [ada, document]) {
      expect(age(account, context)).toBe(45)
      expect(requiresParentalConsent(account, context)).toBe(false)
      expect(requiresParentalConsent(account, context, { ageLimit: 50 })).toBe(true)
      expect(profileImageUrls(account, context).small).toBe('/static/default_30.png')
    }
    expect(age({}, context)).toBe(null)
    const profile_image_uploaded_at = '2026-01-01T00:00:00.000Z'
    const profile_image = { user_id: 1, name: 'drawn', sizes: '30' }
    const pictured = { ...ada, profile: ada.profile && { ...ada.profile, profile_image_uploaded_at }, profile_image }
    expect(profileImageUrls(pictured, context).small).toContain('/drawn_30.jpg?v=')
  })
})

describe('preferences', () => {
  const theme = { schema: z.enum(['light', 'dark']), default: 'light' } as const

  it('change by a merge patch of their texts', () => {
    const stored = { theme: 'dark', draft: 'x' }
    expect(changePreferences(stored, { draft: null, count: 5 }, context)).toEqual({
      value: { preferences: { theme: 'dark', count: '5' }, changed: ['draft', 'count'] },
    })
    expect(changePreferences(stored, { 'not a key': 1 }, context)).toMatchObject({
      issues: [{ code: 'invalid_characters' }],
    })
    const declared = { definitions: { count: { schema: z.string(), default: '' } }, undeclared: 'store' } as const
    expect(valueIn(changePreferences({}, { count: '5' }, context, declared)).preferences).toEqual({ count: '"5"' })
  })

  it('resolve to the nearest value that the schema takes', () => {
    expect(resolvePreference(theme, { user: 'light', org: 'dark' })).toEqual({ value: 'dark', source: 'org' })
    expect(resolvePreference(theme, { user: 'dark', course: 'blue' })).toEqual({ value: 'dark', source: 'user' })
    expect(resolvePreference(theme, {})).toEqual({ value: 'light', source: 'default' })
    expect(resolvePreference(undefined, { user: 'x' })).toEqual({ value: 'x', source: 'user' })
    const waits = { schema: z.string().refine(async () => true), default: '' }
    expect(() => resolvePreference(waits, { user: 'x' })).toThrow()
  })
})

describe('a retirement', () => {
  const retirement = newRetirement(ada, states, context)
  const later = ruleContext({ now: new Date('2027-01-01') })

  it('moves once it has cooled off, and is worked on in its step', () => {
    expect(refuseMove(retirement, 'RETIRING', states, context)).toBe('cool_off')
    expect(refuseMove(retirement, 'RETIRING', states, later)).toBe(undefined)
    expect(refuseMove(retirement, 'PENDING', states, later)).toBe('not_later')
    expect(refuseMove(retirement, 'PENDING', states, later, { force: true })).toBe(undefined)
    expect(refuseStep(retirement, 'account', states, later)).toBe('not_working')
    expect(refuseStep({ ...retirement, current_state: 'RETIRING' }, 'account', states, later)).toBe(undefined)
  })

  it('is cancelled before it begins', () => {
    expect(refuseCancel(retirement, ada, states)).toBe(undefined)
    expect(refuseCancel({ ...retirement, current_state: 'RETIRING' }, ada, states)).toBe('not_pending')
  })

  it('ends in writes that hold nothing of the person', () => {
    expect(() => eraseAccount(ada, retirement, context)).toThrow(expect.objectContaining({ code: 'config_error' }))
    const writes = eraseAccount(ada, retirement, { ...context, ids: () => 'id' })
    const stored = writes.flatMap((write): readonly object[] =>
      'set' in write ? [write.set] : 'rows' in write ? write.rows : [],
    )
    expect(JSON.stringify(stored)).toContain(retirement.retired_username)
    expect(JSON.stringify(stored)).not.toMatch(/ada|"Ada"|1980/i)
  })

  it('hides names behind the keys of the site', () => {
    const [first, both] = [1, 2].map(
      (count) => ruleContext({ now, settings: { retired_identifier_keys: keys.slice(0, count) } }).settings,
    ) as [typeof context.settings, typeof context.settings]
    const form = retiredForm('username', 'ada', first)
    expect(form).toMatch(/^retired__user_h1_k1_[0-9a-f]{40}$/)
    expect(retiredForms('username', 'Ada', both)).toContain(form)
    expect(retiredForms('username', 'Ada', both)).toContain(rewrapped('username', form, both))
  })
})

it('values have their functions', () => {
  const colours = { id: 7, name: 'colours', scheme: 'random', groups: [{ id: 1, name: 'red' }] }
  expect(drawGroup(colours, (size) => new Uint8Array(size))).toEqual({ id: 1, name: 'red' })
  expect(applyMergePatch({ a: 1 }, { a: null })).toEqual({})
  expect(diffMergePatch({ a: 1 }, {})).toEqual({ a: null })
  expect(applyJsonPatch({ a: 1 }, [{ op: 'remove', path: '/a' }])).toEqual({})
  expect(diffJsonPatch({ a: 1 }, {})).toEqual([{ op: 'remove', path: '/a' }])
  expect(formatSocialLink('x.com/', 'ada')).toBe('https://www.x.com/ada')
  expect(identifierKey(' ADA ')).toBe('ada')
  expect(isMinorNameEdit('Ada', 'Adá')).toBe(true)
  expect(orgOfCourse('course-v1:OrgX+C+R')).toBe('OrgX')
  expect(suggestUsernames('Ada King', () => false)).toContain('ada_king')
  const message = { id: 'm', kind: 'event', name: 'x', user_id: 7, payload: {}, created_at: '' } as never
  expect(toCloudEvent(message, { source: '/users' }).subject).toBe('7')
})

it('every function is used above', async () => {
  const { readFile } = await import('node:fs/promises')
  const text = (await readFile(import.meta.filename, 'utf8')).replace(/^import \{.*?\} from .*?$/gms, '')
  const functions = Object.entries(rules).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
  expect(functions.filter((name) => !new RegExp(`\\b${name}\\(`).test(text))).toEqual([])
})

it('no rule returns a promise, reads a clock or draws a number', () => {
  expect(ruleContext({ now }).now).toBe(now)
  expect(() => ruleContext({ now }).ids()).toThrow(expect.objectContaining({ code: 'config_error' }))
  expect(() => ruleContext({ now }).random(1)).toThrow(expect.objectContaining({ code: 'config_error' }))
})

/** Rules with what a client sends to them, as JSON. */
const ofClients: readonly (readonly [name: string, call: (value: never) => unknown])[] = [
  ['changeAccount', (patch) => changeAccount(ada, patch, context)],
  ['changeAccount by a field', (bio) => changeAccount(ada, { bio, email: bio, social_links: bio }, context)],
  ['changeAccount by the extended profile', (patch) => changeAccount(ada, { extended_profile: patch }, context)],
  ['patchAccount', (operations) => patchAccount(ada, operations, context)],
  ['patchAccount by an operation', (operation) => patchAccount(ada, [operation], context)],
  ['patchAccount by a value', (value) => patchAccount(ada, [{ op: 'add', path: '/bio', value }], context)],
  ['changePreferences by a value', (value) => changePreferences({ theme: 'dark' }, { theme: value }, context)],
  ['checkField of a text', (value) => checkField('bio', value, context)],
  ['checkField of a list', (value) => checkField('social_links', value, context)],
  ['mergeExtendedProfile', (input) => mergeExtendedProfile({ a: 1 }, input, context)],
  ['mergeExtendedProfile by an item', (item) => mergeExtendedProfile({ a: 1 }, [item], context)],
  ['patchExtendedProfile', (operations) => patchExtendedProfile({ a: 1 }, operations, context)],
  ['patchExtendedProfile by an operation', (operation) => patchExtendedProfile({ a: 1 }, [operation], context)],
]
const json = [
  'null',
  'true',
  '-1',
  '1.5',
  '1e20',
  '""',
  '"a\\u0000"',
  '"\\ud800"',
  '[]',
  '[[1]]',
  '{}',
  '{"__proto__":{"a":1}}',
]

it.each(ofClients)('%s takes any JSON, or refuses it', (_, call) => {
  for (const text of json) {
    try {
      expect(call(JSON.parse(text) as never)).toSatisfy((checked: object) => 'value' in checked || 'issues' in checked)
    } catch (error) {
      expect(error).toMatchObject({ code: 'patch_error' })
    }
  }
})
