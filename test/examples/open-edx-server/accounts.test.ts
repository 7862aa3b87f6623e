import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { json, mergePatch, openServer, type TestServer } from './support.ts'

const accounts = '/api/user/v1/accounts'

let server: TestServer
beforeAll(async () => {
  server = await openServer()
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

const get = async (username: string | undefined, path: string) => server.as(username)('GET', accounts + path)
const patch = async (username: string, target: string, body: unknown, type = mergePatch) =>
  server.as(username)('PATCH', `${accounts}/${target}`, body, { 'Content-Type': type })

describe('reading accounts', () => {
  it('shows 28 fields to their owner and to staff', async () => {
    for (const reader of ['ada', 'grace']) {
      const { status, body } = await get(reader, '/ada')
      expect([status, Object.keys(body).length]).toEqual([200, 28])
      expect(body).toMatchObject({
        username: 'ada',
        email: 'ada@example.com',
        is_active: true,
        date_joined: '2026-06-15T12:00:00Z',
        bio: null,
        social_links: [],
        language_proficiencies: [],
        extended_profile: [
          { field_name: 'occupation', field_value: '' },
          { field_name: 'department', field_value: '' },
          { field_name: 'work_experience', field_value: '' },
        ],
        secondary_email_enabled: null,
      })
    }
  })

  it('shows others 11 fields of an account for all, and 3 of a private one', async () => {
    const shared = await get('bob', '/ada')
    expect(Object.keys(shared.body).length).toBe(11)
    expect(shared.body).not.toHaveProperty('name')
    await patch('renamer', 'renamer', { account_privacy: 'private' })
    for (const reader of ['bob', 'root']) {
      const { body } = await get(reader, '/renamer')
      expect(Object.keys(body).sort()).toEqual(['account_privacy', 'profile_image', 'username'])
    }
    expect(Object.keys((await get('grace', '/renamer?view=shared')).body)).toHaveLength(3)
    expect(Object.keys((await get('grace', '/renamer?view=other')).body)).toHaveLength(28)
  })

  it('shows under custom privacy what was chosen', async () => {
    const chosen = { 'visibility.bio': 'all_users', 'visibility.country': 'private', 'visibility.name': 'all_users' }
    const preferences = { account_privacy: 'custom', ...chosen }
    await server.as('root')('PATCH', '/api/user/v1/preferences/root', preferences)
    const { body } = await get('bob', '/root')
    expect(Object.keys(body).sort()).toEqual(['account_privacy', 'bio', 'name', 'profile_image', 'username'])
  })

  it('says with nothing in the body that somebody is unknown', async () => {
    for (const path of ['/nobody', '?username=nobody', '?username=,']) {
      const { status, text } = await get('ada', path)
      expect([path, status, text]).toEqual([path, 404, ''])
    }
  })

  it('lists accounts by name, without empty parts at the ends and without unknown ones', async () => {
    const { status, body } = await get('ada', '?username=,bob,nobody,ada,bob,')
    expect(status).toBe(200)
    expect(body.map(({ username }: { username: string }) => username)).toEqual(['bob', 'ada'])
    expect((await get('ada', '')).body).toEqual([(await get('ada', '/ada')).body])
  })

  it('looks accounts up by address and id for staff and superusers alone, and only the first selector counts', async () => {
    const { id } = (await get('ada', '/ada')).body
    for (const query of ['?email=ada@example.com', `?lms_user_id=${id}`, `?lms_user_id=%20${id}%20`]) {
      expect((await get('grace', query)).body).toMatchObject([{ username: 'ada', id }])
      expect(Object.keys((await get('root', query)).body[0])).toHaveLength(11)
      expect((await get('bob', query)).status).toBe(403)
    }
    expect((await get('grace', `?email=ADA@example.com&lms_user_id=9999`)).body).toMatchObject([{ username: 'ada' }])
    expect((await get('grace', `?username=bob&email=ada@example.com`)).body).toMatchObject([{ username: 'bob' }])
    for (const [query, status] of [
      ['?email=nobody@example.com', 404],
      ['?lms_user_id=9999', 404],
      ['?lms_user_id=abc', 400],
      ['?lms_user_id=1.0', 400],
      ['?lms_user_id=2/8', 400],
    ] as const) {
      const answer = await get('grace', query)
      expect([query, answer.status, answer.text]).toEqual([query, status, ''])
    }
  })

  it('refuses whoever names an address or an id in any query of an account, even for nothing', async () => {
    for (const path of ['/api/user/v1/me?email=', `${accounts}/ada?lms_user_id=`, `${accounts}?username=ada&email`]) {
      expect([path, (await server.as('ada')('GET', path)).status]).toEqual([path, 403])
      expect([path, (await server.as('grace')('GET', path)).status]).toEqual([path, 200])
    }
    expect((await server.as('ada')('PATCH', `${accounts}/ada?email=x`, {})).status).toBe(403)
    expect((await server.as('ada')('POST', `${accounts}/search_emails?email=x`, {})).status).toBe(403)
  })

  it('says who one is', async () => {
    expect((await server.as('ada')('GET', '/api/user/v1/me')).body).toEqual({ username: 'ada' })
  })
})

describe('the merge patch of an account', () => {
  it('answers the complete account, as a GET does', async () => {
    const { status, body } = await patch('ada', 'ada', { bio: 'Hello', year_of_birth: '1987', gender: '' })
    expect(status).toBe(200)
    expect(body).toEqual((await get('ada', '/ada')).body)
    expect(body).toMatchObject({ bio: 'Hello', year_of_birth: 1987, gender: null })
  })

  it('takes nothing but its media type, without parameters', async () => {
    for (const type of [json, `${mergePatch}; charset=utf-8`, 'text/plain', 'application/json-patch+json']) {
      const { status, body } = await patch('ada', 'ada', { bio: 'x' }, type)
      expect([type, status, Object.keys(body)]).toEqual([type, 415, ['detail']])
    }
  })

  it('refuses what is no JSON, and what is no object', async () => {
    expect((await patch('ada', 'ada', '{"bio":')).body).toEqual({ detail: expect.any(String) })
    expect((await patch('ada', 'ada', '{"year_of_birth":NaN}')).status).toBe(400)
    for (const body of ['[]', '"x"', '5', 'null']) {
      const { status, body: error } = await patch('ada', 'ada', body)
      expect([body, status, Object.keys(error)]).toEqual([body, 400, ['developer_message', 'user_message']])
    }
  })

  it('is for oneself: others, staff included, get 403 with nothing in the body, whoever it is', async () => {
    for (const [requester, target] of [
      ['bob', 'ada'],
      ['grace', 'ada'],
      ['root', 'ada'],
      ['bob', 'nobody'],
    ] as const) {
      const { status, text } = await patch(requester, target, { bio: 'x' })
      expect([status, text]).toEqual([403, ''])
    }
  })

  it('tells every field error at once, in two texts, and stores nothing', async () => {
    const { status, body } = await patch('ada', 'ada', {
      username: 'x',
      gender: 'undecided',
      email: 'no',
      name: '<b>',
      bio: 'stays out',
      social_links: [{ platform: 'x', social_link: 'x.com/a/b' }],
      extended_profile: [{ field_name: 'department' }],
    })
    expect(status).toBe(400)
    expect(Object.keys(body)).toEqual(['field_errors'])
    expect(Object.keys(body.field_errors).sort()).toEqual([
      'email',
      'extended_profile',
      'gender',
      'name',
      'social_links',
      'username',
    ])
    for (const error of Object.values(body.field_errors)) {
      expect(error).toMatchObject({ developer_message: expect.any(String), user_message: expect.any(String) })
    }
    expect((await get('ada', '/ada')).body.bio).toBe('Hello')
  })

  it('refuses what would crash the original', async () => {
    for (const [field, value] of [
      ['name', null],
      ['name', 5],
      ['phone_number', [1]],
      ['email', true],
      ['social_links', null],
      ['language_proficiencies', { code: 'en' }],
    ] as const) {
      const { status, body } = await patch('ada', 'ada', { [field]: value })
      expect([field, status, Object.keys(body.field_errors)]).toEqual([field, 400, [field]])
    }
    expect((await patch('ada', 'ada', { bio: null })).body.bio).toBeNull()
  })

  it.each([
    [{ country: '' }, { country: null, state: null }],
    [
      { country: 'DE', state: 'NY' },
      { country: 'DE', state: null },
    ],
    [
      { country: 'US', state: 'NY' },
      { country: 'US', state: 'NY' },
    ],
    [{ language_proficiencies: [{ code: 'aa' }] }, { language_proficiencies: [{ code: 'aa' }] }],
    [{ language_proficiencies: [] }, { language_proficiencies: [] }],
    [{ name: ' Ada L ' }, { name: 'Ada L' }],
    [{ phone_number: '+1 (800) 555-0100' }, { phone_number: '+18005550100' }],
    [{ unknown: 1, id: 7, url: 'x' }, { name: 'Ada L' }],
  ])('of %j shows %j', async (body, shown) => {
    const { status, body: account } = await patch('ada', 'ada', body)
    expect(status).toBe(200)
    expect(account).toMatchObject(shown)
  })

  it('merges social links by platform, and takes the names that older pages have for x', async () => {
    const links = async (...social_links: { platform: string; social_link: string }[]) =>
      (await patch('bob', 'bob', { social_links })).body.social_links
    await links({ platform: 'facebook', social_link: 'bob' })
    expect(await links({ platform: 'linkedin', social_link: 'https://www.linkedin.com/in/bob' })).toEqual([
      { platform: 'facebook', social_link: 'https://www.facebook.com/bob' },
      { platform: 'linkedin', social_link: 'https://www.linkedin.com/in/bob' },
    ])
    for (const platform of ['twitter', 'xTwitter', 'x']) {
      const x = { platform: 'x', social_link: `https://www.x.com/${platform}` }
      expect(await links({ platform, social_link: platform })).toContainEqual(x)
    }
    const strange = await patch('bob', 'bob', { social_links: ['x', { platform: '__proto__', social_link: 'x' }] })
    expect([strange.status, Object.keys(strange.body.field_errors)]).toEqual([400, ['social_links']])
    await links({ platform: 'linkedin', social_link: '' }, { platform: 'x', social_link: '' })
    expect(await links()).toEqual([{ platform: 'facebook', social_link: 'https://www.facebook.com/bob' }])
  })

  it('sets extended profile fields by list, and stores what is not configured without showing it', async () => {
    const extended_profile = [
      { field_name: 'occupation', field_value: { name: 'Organic Farmer', crops: ['rye', { oats: 1.5 }] } },
      { field_name: 'shoe_size', field_value: 43 },
      { field_name: 'department', field_value: 'A' },
      { field_name: 'department', field_value: null },
    ]
    const { body } = await patch('bob', 'bob', { extended_profile })
    expect(body.extended_profile).toEqual([
      { field_name: 'occupation', field_value: { name: 'Organic Farmer', crops: ['rye', { oats: 1.5 }] } },
      { field_name: 'department', field_value: null },
      { field_name: 'work_experience', field_value: '' },
    ])
    const malformed = await patch('bob', 'bob', { extended_profile: 'department' })
    expect([malformed.status, Object.keys(malformed.body.field_errors)]).toEqual([400, ['extended_profile']])
  })

  it('looks the same for an address that is free and one that is taken; a key goes to the free one alone', async () => {
    await server.mails()
    const free = await patch('ada', 'ada', { email: 'new@example.com', goals: 'g' })
    const taken = await patch('ada', 'ada', { email: 'bob@example.com', goals: 'g' })
    expect([free.status, taken.status]).toEqual([200, 200])
    expect(free.body).toEqual(taken.body)
    expect(free.body.email).toBe('ada@example.com')
    // Messages come in order for each person, and these are of two.
    expect((await server.mails()).map(({ name, to }) => [name, to]).sort()).toEqual([
      ['email_already_in_use', 'bob@example.com'],
      ['email_change_confirmation', 'new@example.com'],
    ])
  })

  it('may name addresses as often as the site lets it, and is dropped as a whole beyond', async () => {
    const limited = await openServer({ settings: { email_change_rate_limit: '1/m' } })
    const send = (body: unknown) => limited.as('ada')('PATCH', `${accounts}/ada`, body)
    expect((await send({ email: 'one@example.com' })).status).toBe(200)
    limited.clock.advance(20_000)
    const { status, body, headers } = await send({ email: 'two@example.com', bio: 'stays out' })
    expect([status, Object.keys(body), headers.get('Retry-After')]).toEqual([429, ['error'], '40'])
    expect((await send({ goals: 'g' })).body).toMatchObject({ goals: 'g', bio: null })
    await limited.close()
  })

  it('says in two texts that addresses cannot be changed', async () => {
    const fixed = await openServer({ settings: { allow_email_address_change: false } })
    const { status, body } = await fixed.as('ada')('PATCH', `${accounts}/ada`, { email: 'x@example.com', name: '<b>' })
    expect([status, Object.keys(body)]).toEqual([400, ['developer_message', 'user_message', 'params', 'issues']])
    await fixed.close()
  })
})
