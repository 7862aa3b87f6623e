import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountFields } from '../../../examples/open-edx-server/registration-form.ts'
import { openPage } from './stock-page.ts'
import { form, openServer, password, type TestServer } from './support.ts'

const accounts = '/api/user/v1/accounts'

let server: TestServer
beforeAll(async () => {
  server = await openServer({ validationLimit: 4, settings: { enable_secondary_email: true } })
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

const nobody = (method: string, path: string, body?: unknown) => server.as(undefined)(method, path, body)
/** Follows the link of the newest mail of that name. */
async function linkOf(name: string): Promise<string> {
  const link = (await server.mails()).findLast((mail) => mail.name === name)?.link ?? ''
  expect(link.startsWith(server.url)).toBe(true)
  return link.slice(server.url.length)
}

describe('registration', () => {
  const eve = { username: 'eve', email: 'eve@example.com', name: 'Eve', password, country: 'IT', department: 'Sales' }
  const register = (fields: object) => nobody('POST', '/user_api/v1/account/registration/', form({ ...eve, ...fields }))

  it('makes an account that is logged in, and active once the link of the mail is followed', async () => {
    const { status, body, headers } = await register({})
    expect([status, body]).toEqual([200, { success: true }])
    expect(headers.getSetCookie().join()).toContain('edx-jwt-cookie-signature=')
    const page = await openPage(server, 'eve', password)
    const own = async () => (await page.get(`${accounts}/eve`)).body
    expect(await own()).toMatchObject({ name: 'Eve', country: 'IT', is_active: false, account_privacy: 'private' })
    expect((await own()).extended_profile).toContainEqual({ field_name: 'department', field_value: 'Sales' })
    expect((await own()).last_login).toBe('2026-06-15T12:00:00Z')

    const link = await linkOf('activation')
    const visit = async (path: string) => (await nobody('GET', path)).headers.get('location')
    expect(await visit('/activate/0123')).toContain('?account_activation_status=error')
    expect((await server.as('ada')('GET', link)).headers.get('location')).toContain('learner-dashboard')
    expect(await own()).toMatchObject({ is_active: false })
    expect(await visit(`${link}?next=/courses`)).toContain('?account_activation_status=success&next=%2Fcourses')
    expect(await own()).toMatchObject({ is_active: true })
    for (const next of ['//evil.example', 'https://evil.example', '/\\evil.example'])
      expect(await visit(`${link}?next=${encodeURIComponent(next)}`)).toMatch(/\?account_activation_status=info$/)
  })

  it('keeps everything that the form asks for, and when the person logged in', async () => {
    const given = {
      ...{ country: 'US', state: 'NY', gender: 'f', level_of_education: 'm', goals: 'Engines' },
      ...{ mailing_address: '12 St James’s Square', phone_number: '+442071234567' },
    }
    const born = { year_of_birth: '1985', city: 'London' }
    const person = { username: 'eva', email: 'eva@example.com', confirm_email: 'eva@example.com' }
    const { status, headers } = await register({ ...person, ...given, ...born, honor_code: 'true' })
    expect(status).toBe(200)
    const Cookie = headers
      .getSetCookie()
      .map((cookie) => cookie.split(';', 1)[0])
      .join('; ')
    const { body } = await server.as(undefined)('GET', `${accounts}/eva`, undefined, { Cookie })
    expect(body).toMatchObject({
      ...given,
      year_of_birth: 1985,
      requires_parental_consent: false,
      account_privacy: 'all_users',
      last_login: '2026-06-15T12:00:00Z',
    })
    const city = server.site.db.selectFrom('usercore_profiles').select('city').where('user_id', '=', body.id)
    expect(await city.execute()).toEqual([{ city: 'London' }])
  })

  it('asks for what it keeps', async () => {
    const { body } = await nobody('GET', '/api/user/v2/account/registration/')
    const names = body.fields.map(({ name }: { name: string }) => name)
    for (const name of accountFields) expect(names).toContain(name)
    for (const name of ['username', 'email', 'name', 'password', 'occupation']) expect(names).toContain(name)
  })

  it('takes what was left empty for nothing, and the name in two parts', async () => {
    const { name: _, ...rest } = eve
    const empty = Object.fromEntries(accountFields.map((field) => [field, '']))
    const names = { username: 'evi', email: 'evi@example.com', first_name: 'Evi', last_name: 'Berg' }
    const { status } = await nobody('POST', '/api/user/v2/account/registration/', form({ ...rest, ...empty, ...names }))
    expect(status).toBe(200)
    const { body } = await server.as('grace')('GET', `${accounts}/evi`)
    expect(body).toMatchObject({ name: 'Evi Berg', country: null, year_of_birth: null, gender: null })
  })

  it('is refused when the address was typed in two ways', async () => {
    const { status, body } = await register({
      username: 'evo',
      email: 'evo@example.com',
      confirm_email: 'eva@example.com',
    })
    expect([status, body]).toEqual([400, { confirm_email: [{ user_message: 'The two entries differ.' }] }])
  })

  it('is refused field by field, with another status for what is taken', async () => {
    const wrong = await register({ username: 'a', email: 'x', name: '<b>', password: 'short', country: 'XX' })
    expect([wrong.status, Object.keys(wrong.body).sort()]).toEqual([
      400,
      ['country', 'email', 'name', 'password', 'username'],
    ])
    expect(wrong.body.username).toEqual([{ user_message: 'This must have between 2 and 30 characters.' }])
    const taken = await register({ username: 'ADA' })
    expect([taken.status, Object.keys(taken.body).sort()]).toEqual([409, ['email', 'username']])
  })

  it('can be asked about values beforehand, a few times a week', async () => {
    const ask = (body: unknown) => nobody('POST', '/api/user/v1/validation/registration/', body)
    expect((await ask(form({ username: 'fay', email: 'ada@example.com', shoe_size: '43' }))).body).toEqual({
      validation_decisions: { username: '', email: 'This is already in use.' },
    })
    const { body } = await ask({ email: 'a@b.co', confirm_email: 'x', name: '', password: 'short', country: '' })
    expect(body.validation_decisions).toEqual({
      email: '',
      confirm_email: 'The two entries differ.',
      name: 'This cannot be empty.',
      password: 'This must have 8 characters at least.',
      country: 'This cannot be empty.',
    })
    expect((await ask([])).body).toEqual({ validation_decisions: {} })
    expect([(await ask({})).status, (await ask({})).status]).toEqual([200, 403])
    server.clock.advance(7 * 86_400_000)
    expect((await ask({})).status).toBe(200)
    await server.wait(0)
  })
})

describe('questions of the form', () => {
  let asked: TestServer
  beforeAll(async () => {
    asked = await openServer({ validationLimit: 100 })
  })
  afterAll(() => asked.close())
  const ask = async (body: Record<string, string>) =>
    (await asked.as(undefined)('POST', '/api/user/v1/validation/registration/', form(body))).body

  it('can be about one field among the others', async () => {
    const values = { name: 'Ada', username: 'a', email: 'x', password: 'short' }
    for (const form_field_key of ['username', 'email', 'password']) {
      const { validation_decisions } = await ask({ ...values, form_field_key, is_authn_mfe: 'true' })
      expect(Object.keys(validation_decisions)).toEqual([form_field_key])
    }
    expect(await ask({ form_field_key: 'username' })).toEqual({
      validation_decisions: { username: expect.stringMatching(/./) },
    })
    expect(await ask({ form_field_key: 'shoe_size', shoe_size: '43' })).toEqual({ validation_decisions: {} })
  })

  it('get usernames suggested that are free: for a name, and in the place of one that is taken', async () => {
    expect((await ask({ form_field_key: 'name', name: 'Ada Lovelace' })).username_suggestions).toEqual([
      'ada_lovelace',
      'adalovelace',
      'alovelace',
    ])
    expect((await ask({ form_field_key: 'username', username: 'ADA' })).username_suggestions).toEqual([
      'ada2',
      'ada3',
      'ada4',
    ])
    expect(await ask({ form_field_key: 'username', username: 'free' })).not.toHaveProperty('username_suggestions')
    expect(await ask({ form_field_key: 'name', name: '<b>' })).not.toHaveProperty('username_suggestions')
    expect(await ask({ form_field_key: 'name', name: 'Иван' })).not.toHaveProperty('username_suggestions')
  })
})

describe('moments', () => {
  it('have six digits of a second, or none', async () => {
    const other = await openServer()
    const lastLogin = async () => {
      await openPage(other, 'ada', password)
      return (await other.as('ada')('GET', `${accounts}/ada`)).body.last_login
    }
    expect(await lastLogin()).toBe('2026-06-15T12:00:00Z')
    other.clock.advance(120)
    expect(await lastLogin()).toBe('2026-06-15T12:00:00.120000Z')
    const page = await openPage(other, 'ada', password)
    expect((await page.send('POST', '/login_refresh')).body.expires).toMatch(/:\d\dZ$/)
    await other.close()
  })
})

describe('another e-mail address', () => {
  it('is confirmed by a link that works once', async () => {
    await server.as('ada')('PATCH', `${accounts}/ada`, { email: 'ada@new.example' })
    const link = await linkOf('email_change_confirmation')
    expect((await nobody('GET', link)).text).toContain('Your e-mail address is confirmed.')
    expect((await nobody('GET', link)).text).toContain('used up')
    expect((await server.as('ada')('GET', `${accounts}/ada`)).body.email).toBe('ada@new.example')
    expect((await server.mails()).map(({ name, to }) => [name, to])).toEqual([
      ['email_changed', 'ada@example.com'],
      ['email_changed', 'ada@new.example'],
    ])
  })

  it('stays as it was when another account took the new one meanwhile', async () => {
    await server.as('ada')('PATCH', `${accounts}/ada`, { email: 'shared@example.com' })
    const first = await linkOf('email_change_confirmation')
    await server.as('bob')('PATCH', `${accounts}/bob`, { email: 'shared@example.com' })
    await nobody('GET', await linkOf('email_change_confirmation'))
    expect((await nobody('POST', first)).text).toContain('another account')
  })

  it('can be a second one', async () => {
    await server.as('ada')('PATCH', `${accounts}/ada`, { secondary_email: 'ada@second.example' })
    await nobody('GET', await linkOf('secondary_email_confirmation'))
    expect((await server.as('ada')('GET', `${accounts}/ada`)).body).toMatchObject({
      secondary_email: 'ada@second.example',
      secondary_email_enabled: true,
    })
  })
})

describe('addresses', () => {
  const search = (who: string, body: unknown) => server.as(who)('POST', `${accounts}/search_emails`, body)

  it('are looked for by staff; for others there is no such thing', async () => {
    for (const who of ['bob', 'root']) {
      const { status, body } = await search(who, { emails: [] })
      expect([who, status, Object.keys(body)]).toEqual([who, 404, ['developer_message', 'user_message']])
    }
    const { status, body } = await search('grace', { emails: ['GRACE@example.com', 'nobody@example.com'] })
    expect([status, body]).toEqual([200, [{ email: 'grace@example.com', id: 3, username: 'grace' }]])
  })

  it('come as a list', async () => {
    expect((await search('grace', { emails: 'grace@example.com' })).body).toEqual([])
    for (const body of [{}, { emails: null }, { emails: 5 }]) {
      const { status, body: error } = await search('grace', body)
      expect([body, status, Object.keys(error)]).toEqual([
        body,
        400,
        ['developer_message', 'user_message', 'params', 'issues'],
      ])
    }
    const send = (body: unknown, headers?: Record<string, string>) =>
      server.as('grace')('POST', `${accounts}/search_emails`, body, headers)
    const multipart = new FormData()
    multipart.set('emails', 'grace@example.com')
    for (const body of [form({ emails: 'grace@example.com' }), multipart]) expect((await send(body)).status).toBe(415)
    expect((await send('x', { 'Content-Type': 'text/plain' })).status).toBe(415)
  })
})

describe('operators', () => {
  const modify = (who: string, method: string, body: unknown) =>
    server.as(who)(method, '/api/user/v1/modify/', body, { 'Content-Type': 'application/json' })

  it('make accounts that are active at once', async () => {
    const fay = {
      username: 'fay',
      email: 'fay@example.com',
      name: 'Fay',
      password,
      year_of_birth: 1980,
      is_staff: true,
    }
    const { status, body } = await modify('grace', 'POST', fay)
    expect([status, body]).toEqual([201, { user_id: expect.any(Number), username: 'fay' }])
    const page = await openPage(server, 'fay', password)
    expect((await page.get(`${accounts}/bob`)).body).toMatchObject({ email: expect.any(String) })
    expect((await page.get(`${accounts}/fay`)).body).toMatchObject({ is_active: true, year_of_birth: 1980 })
  })

  it('change accounts at once, account and flags together', async () => {
    const changes = { username_or_email: ' bob ', email: 'bob@new.example', gender: 'm', is_staff: true }
    const { status, body } = await modify('grace', 'PATCH', changes)
    expect([status, body.username]).toEqual([200, 'bob'])
    expect((await server.as('bob')('GET', `${accounts}/grace`)).body).toMatchObject({ email: 'grace@example.com' })
    const refused = await modify('grace', 'PATCH', {
      username_or_email: 'bob@new.example',
      is_staff: false,
      gender: 'x',
    })
    expect([refused.status, Object.keys(refused.body.error)]).toEqual([400, ['gender']])
    expect((await server.as('bob')('GET', `${accounts}/grace`)).body).toHaveProperty('email')
    await modify('grace', 'PATCH', { username_or_email: 'bob@new.example', is_staff: false })
    expect((await server.as('bob')('GET', `${accounts}/grace`)).body).not.toHaveProperty('email')
  })

  it('are staff; only superusers make superusers', async () => {
    for (const who of ['bob', 'root']) expect((await modify(who, 'POST', {})).status).toBe(403)
    const changes = { username_or_email: 'bob', is_superuser: true }
    expect((await modify('grace', 'PATCH', changes)).status).toBe(403)
    expect((await modify('grace', 'PATCH', { username_or_email: 'root', email: 'x@example.com' })).status).toBe(403)
  })

  it.each([
    ['POST', {}, ['username', 'email']],
    ['POST', { username: 'gus', email: 'gus@example.com', shoe_size: 43 }, ['shoe_size']],
    ['POST', { username: 'gus', email: 'gus@example.com', name: ' ', country: null }, ['name', 'country']],
    ['POST', { username: 'gus', email: 'grace@example.com', gender: 'x' }, ['gender', 'email']],
    ['POST', { username: 'gus', email: 'gus@example.com', is_active: 'yes' }, ['is_active']],
    ['PATCH', { email: 'x@example.com' }, ['username_or_email']],
    ['PATCH', { username_or_email: 'bob', username: 'bob' }, ['username']],
    ['PATCH', { username_or_email: 'bob', id: 1 }, ['id']],
    ['PATCH', { username_or_email: 'bob', email: 'grace@example.com', password: 'short' }, ['email', 'password']],
  ])('%s of %j is refused at %j', async (method, body, fields) => {
    const { status, body: refused } = await modify('grace', method, body)
    expect([status, Object.keys(refused.error)]).toEqual([400, fields])
  })

  it('say yes and no by the texts of forms', async () => {
    const send = (method: string, fields: Record<string, string>) =>
      server.as('grace')(method, '/api/user/v1/modify/', String(form(fields)), {
        'Content-Type': 'application/x-www-form-urlencoded',
      })
    const made = await send('POST', { username: 'gil', email: 'gil@example.com', is_active: 'False', is_staff: 'on' })
    expect(made.status).toBe(201)
    const own = async () => (await server.as('grace')('GET', `${accounts}/gil`)).body
    expect(await own()).toMatchObject({ is_active: false })
    for (const [text, is_active] of [
      ['1', true],
      ['no', false],
      ['TRUE', true],
    ] as const) {
      expect((await send('PATCH', { username_or_email: 'gil', is_active: text })).status).toBe(200)
      expect(await own()).toMatchObject({ is_active })
    }
    const { status, body } = await send('PATCH', { username_or_email: 'gil', is_active: 'perhaps' })
    expect([status, Object.keys(body.error)]).toEqual([400, ['is_active']])
  })

  it('hear in the same form which flag or person is not for them', async () => {
    const flag = await modify('grace', 'POST', { username: 'gus', email: 'gus@example.com', is_superuser: true })
    expect([flag.status, flag.body]).toEqual([403, { error: { is_superuser: [expect.any(String)] } }])
    const person = await modify('grace', 'PATCH', { username_or_email: 'root', is_staff: true })
    expect([person.status, person.body]).toEqual([403, { error: [expect.any(String)] }])
  })

  it('find no person who is unknown, or about to be retired', async () => {
    expect((await modify('grace', 'PATCH', { username_or_email: 'nobody' })).status).toBe(404)
    await server.site.users.retirement.request({ system: true }, 'renamer')
    const { status, body } = await modify('grace', 'PATCH', { username_or_email: 'renamer', is_active: false })
    expect([status, body]).toEqual([404, { error: [expect.any(String)] }])
  })
})

describe('what goes wrong inside', () => {
  it('is told to the site, and to nobody else', async () => {
    const failures: unknown[] = []
    const broken = await openServer({ onFailure: (error) => failures.push(error) })
    // Whatever reads preferences fails: the smallest integer has no absolute value.
    await broken.site.db.schema.alterTable('usercore_preferences').renameTo('gone').execute()
    await sql`create view usercore_preferences as select abs(-9223372036854775807 - 1) as user_id, '' as key, '' as value,
      1 as version`.execute(broken.site.db)
    const { status, body } = await broken.as('ada')('GET', '/api/user/v1/preferences/ada')
    expect([status, Object.keys(body)]).toEqual([500, ['detail']])
    expect(failures).toMatchObject([{ code: 'internal_error' }])
    const update = await broken.as('ada')('PATCH', '/api/user/v1/preferences/ada', { a: '1' })
    expect([update.status, Object.keys(update.body)]).toEqual([
      400,
      ['developer_message', 'user_message', 'params', 'issues'],
    ])
    await broken.close()
  })

  it('is no form that cannot be read', async () => {
    const headers = { 'Content-Type': 'multipart/form-data' }
    for (const path of [`${accounts}/ada/image`, `${accounts}/name_change/`]) {
      const { status, body } = await server.as('ada')('POST', path, 'no parts', headers)
      expect([path, status, Object.keys(body)]).toEqual([path, 400, ['detail']])
    }
  })

  it('is no body that is too large', async () => {
    const { status, body } = await server.as('ada')('PATCH', `${accounts}/ada`, { bio: 'x'.repeat(1_300_000) })
    expect([status, Object.keys(body)]).toEqual([413, ['detail']])
  })
})
