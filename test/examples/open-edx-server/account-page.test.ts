import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, type StockPage } from './stock-page.ts'
import { form, openServer, password, type TestServer } from './support.ts'

/** The requests of the account settings page (clients.md, sections 2 to 6), as it sends them. */
const account = '/api/user/v1/accounts/ada'
const preferences = '/api/user/v1/preferences/ada'

let server: TestServer
let page: StockPage
beforeAll(async () => {
  server = await openServer()
  page = await openPage(server, 'ada', password)
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

describe('the account page', () => {
  it('reads who has logged in from the cookie that it may see', () => {
    const [, payload = ''] = page.cookies.get('edx-jwt-cookie-header-payload')?.split('.') ?? []
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      user_id: expect.any(Number),
      preferred_username: 'ada',
      email: 'ada@example.com',
      name: 'ada example',
      administrator: false,
      roles: [],
    })
  })

  it('loads everything in parallel, then the zones of the country', async () => {
    const [own, chosen, linked, zones, registration] = await Promise.all(
      [
        account,
        preferences,
        '/api/third_party_auth/v0/providers/user_status',
        '/user_api/v1/preferences/time_zones/',
        '/user_api/v1/account/registration/',
      ].map(page.get),
    )
    expect([own, chosen, linked, zones, registration].map((answer) => answer?.status)).toEqual([
      200, 200, 200, 200, 200,
    ])
    for (const field of [
      ...[
        'username',
        'email',
        'name',
        'year_of_birth',
        'country',
        'state',
        'level_of_education',
        'gender',
        'is_active',
      ],
      ...['secondary_email', 'secondary_email_enabled', 'pending_name_change', 'extended_profile'],
    ]) {
      expect(own?.body).toHaveProperty(field)
    }
    expect(own?.body.social_links).toEqual([])
    expect(own?.body.language_proficiencies).toEqual([])
    expect(chosen?.body).toEqual({})
    expect(linked?.body).toEqual([])
    expect(zones?.body.length).toBeGreaterThan(400)
    expect(zones?.body[0]).toEqual({ time_zone: 'Africa/Abidjan', description: 'Africa/Abidjan (GMT, UTC+0000)' })
    const { options } = registration?.body.fields.find(({ name }: { name: string }) => name === 'country') ?? {}
    expect(options).toContainEqual({ value: 'ES', name: 'Spain' })

    const spanish = await page.get('/user_api/v1/preferences/time_zones/?country_code=ES')
    expect(spanish.body).toEqual([
      { time_zone: 'Africa/Ceuta', description: 'Africa/Ceuta (CEST, UTC+0200)' },
      { time_zone: 'Atlantic/Canary', description: 'Atlantic/Canary (WEST, UTC+0100)' },
      { time_zone: 'Europe/Madrid', description: 'Europe/Madrid (CEST, UTC+0200)' },
    ])
  })

  it.each([
    [{ country: 'ES' }, { country: 'ES' }],
    [{ year_of_birth: '1987' }, { year_of_birth: 1987 }],
    [{ gender: '' }, { gender: null }],
    [{ level_of_education: 'p' }, { level_of_education: 'p' }],
    [{ language_proficiencies: [{ code: 'fr' }] }, { language_proficiencies: [{ code: 'fr' }] }],
    [{ language_proficiencies: [] }, { language_proficiencies: [] }],
    [{ social_links: [{ platform: 'facebook', social_link: '' }] }, { social_links: [] }],
    [
      { social_links: [{ platform: 'linkedin', social_link: 'https://www.linkedin.com/in/ana' }] },
      { social_links: [{ platform: 'linkedin', social_link: 'https://www.linkedin.com/in/ana' }] },
    ],
    [{ year_of_birth: '1990' }, { year_of_birth: 1990 }],
  ])('saves %j and gets the complete account back', async (body, shown) => {
    const answer = await page.patch(account, body)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ username: 'ada', email: 'ada@example.com', ...shown })
    expect((await page.get(account)).body).toEqual(answer.body)
  })

  it('saves the time zone as a preference, and takes it back with null', async () => {
    const { status, text } = await page.patch(preferences, { time_zone: 'Europe/Madrid' })
    expect([status, text]).toEqual([204, ''])
    expect((await page.get(preferences)).body).toEqual({ time_zone: 'Europe/Madrid' })
    expect((await page.patch(preferences, { time_zone: null })).status).toBe(204)
    expect((await page.get(preferences)).body).toEqual({})
  })

  it('saves the language, then activates it', async () => {
    expect((await page.patch(preferences, { 'pref-lang': 'es-419' })).status).toBe(204)
    const language = new FormData()
    language.set('language', 'es-419')
    const headers = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' }
    const { status } = await page.send('POST', '/i18n/setlang/', language, headers)
    expect(status).toBe(204)
    expect(page.cookies.get('openedx-language-preference')).toBe('es-419')
  })

  it('loses nothing when one commit saves account and preferences at once', async () => {
    const answers = await Promise.all([
      page.patch(account, { country: 'IT' }),
      page.patch(preferences, { time_zone: 'Europe/Rome' }),
      page.patch(account, { level_of_education: 'b' }),
      page.patch(account, { social_links: [{ platform: 'x', social_link: 'ada' }] }),
      page.patch(account, { extended_profile: [{ field_name: 'department', field_value: 'Engines' }] }),
      page.patch(account, { extended_profile: [{ field_name: 'DOB', field_value: '1990-7' }] }),
      page.patch(preferences, { 'pref-lang': 'it' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 204, 200, 200, 200, 200, 204])
    const { body } = await page.get(account)
    expect(body).toMatchObject({ country: 'IT', level_of_education: 'b' })
    expect(body.social_links).toContainEqual({ platform: 'x', social_link: 'https://www.x.com/ada' })
    expect(body.extended_profile).toContainEqual({ field_name: 'department', field_value: 'Engines' })
    expect((await page.get(preferences)).body).toMatchObject({ time_zone: 'Europe/Rome', 'pref-lang': 'it' })
  })

  it('sends the whole extended profile back to change one field of it', async () => {
    const loaded = (await page.get(account)).body.extended_profile as { field_name: string; field_value: unknown }[]
    const extended_profile = loaded.map((item) =>
      item.field_name === 'work_experience' ? { ...item, field_value: '3' } : item,
    )
    const { status, body } = await page.patch(account, { extended_profile })
    expect([status, body.extended_profile]).toEqual([200, extended_profile])
  })

  it('finds the text to show at the field that was refused', async () => {
    const { status, body } = await page.patch(account, { name: '<b>' })
    expect(status).toBe(400)
    expect(body.field_errors.name).toMatchObject({
      developer_message: expect.any(String),
      user_message: 'A name cannot contain < or >.',
    })
    const links = await page.patch(account, { social_links: [{ platform: 'x', social_link: 'evil.example/ada' }] })
    expect(Object.keys(links.body.field_errors)).toEqual(['social_links'])
  })

  it('asks for another name, to be approved', async () => {
    const headers = { Accept: 'application/json' }
    const request = (name: unknown) => page.send('POST', '/api/user/v1/accounts/name_change/', { name }, headers)
    expect((await request('ada example')).body).toEqual({ new_name: expect.any(String) })
    for (const name of ['', '<b>', null]) {
      const refused = await request(name)
      expect([refused.status, refused.body]).toEqual([400, { new_name: [expect.any(String)] }])
    }
    const { status, text } = await request('Ada King')
    expect([status, text]).toEqual([201, ''])
    expect((await page.get(account)).body).toMatchObject({ name: 'ada example', pending_name_change: 'Ada King' })
    const confirm = `/api/user/v1/accounts/name_change/ada/confirm/`
    expect((await server.as('root')('POST', confirm)).status).toBe(403)
    expect((await server.as('grace')('POST', confirm)).status).toBe(204)
    expect((await server.as('grace')('POST', confirm)).status).toBe(404)
    expect((await page.get(account)).body).toMatchObject({ name: 'Ada King', pending_name_change: null })
  })

  it('deletes the account with the password, and is logged out at once', async () => {
    const path = '/api/user/v1/accounts/deactivate_logout/'
    expect((await page.send('POST', path, form({ password: 'wrong' }))).status).toBe(403)
    expect((await page.send('POST', path, form({}))).status).toBe(400)
    const { status, text } = await page.send('POST', path, form({ password }))
    expect([status, text]).toEqual([204, ''])
    expect((await page.get(account)).status).toBe(401)
    await expect(openPage(server, 'ada', password)).rejects.toThrow('400')
    expect((await server.mails()).map(({ name, to }) => [name, to])).toContainEqual([
      'retirement_requested',
      'ada@example.com',
    ])
  })
})
