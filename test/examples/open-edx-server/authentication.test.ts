import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addPerson } from '../../../examples/open-edx-server/seed.ts'
import { openPage } from './stock-page.ts'
import { client, form, openServer, password, send, type TestServer } from './support.ts'

const me = '/api/user/v1/me'

let server: TestServer
beforeAll(async () => {
  server = await openServer()
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  send(server.url, method, path, body, headers)
const token = (fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  call('POST', '/oauth2/access_token', form({ grant_type: 'client_credentials', ...fields }), headers)

/** A token that somebody else has signed, or that says something else. */
function sign(payload: Record<string, unknown>, secret: Uint8Array) {
  const now = Math.floor(server.clock.now().getTime() / 1000)
  return new SignJWT({ user_id: 1, generation: 1, ...payload })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(`${server.url}/oauth2`)
    .setAudience('openedx')
    .setExpirationTime(now + 60)
    .sign(secret)
}

describe('programs', () => {
  it('get a signed token for their secret, and use it in either way', async () => {
    const { status, body } = await token({ ...client, token_type: 'jwt' })
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), token_type: 'JWT', expires_in: 3600, scope: 'read write' },
    ])
    for (const scheme of ['JWT', 'Bearer', 'jwt']) {
      const answer = await call('GET', me, undefined, { Authorization: `${scheme} ${body.access_token}` })
      expect(answer.body).toEqual({ username: 'RETIREMENT_SERVICE_USER' })
    }
  })

  it('get an access token unless they want another kind, and may name themselves in the header', async () => {
    const secret = [client.client_id, client.client_secret].map(encodeURIComponent).join(':')
    const { body } = await token({}, { Authorization: `Basic ${Buffer.from(secret).toString('base64')}` })
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 36_000 })
    const answer = await call('GET', me, undefined, { Authorization: `Bearer ${body.access_token}` })
    expect(answer.body).toEqual({ username: 'RETIREMENT_SERVICE_USER' })
  })

  it('get nothing for another secret, or in another way', async () => {
    for (const fields of [{}, { ...client, client_secret: 'x' }, { ...client, client_id: 'x' }]) {
      const { status, body } = await token(fields)
      expect([status, body]).toEqual([401, { error: 'invalid_client' }])
    }
    const other = await token({ ...client, grant_type: 'password' })
    expect([other.status, other.body]).toEqual([400, { error: 'unsupported_grant_type' }])
  })

  it('are refused with a token that is forged, for somebody else, void or no token at all', async () => {
    const { secret } = server.site
    for (const forged of [
      await sign({}, new Uint8Array(32)),
      await sign({ user_id: 999 }, secret),
      await sign({ generation: 2 }, secret),
      'e30.e30.e30',
      'x',
    ]) {
      for (const scheme of ['JWT', 'Bearer']) {
        const { status } = await call('GET', me, undefined, { Authorization: `${scheme} ${forged}` })
        expect(status).toBe(401)
      }
    }
    expect((await call('GET', me, undefined, { Authorization: `JWT ${await sign({}, secret)}` })).status).toBe(200)
  })

  it('are refused with a token that has expired', async () => {
    const { body } = await token({ ...client, token_type: 'jwt' })
    const ask = () => call('GET', me, undefined, { Authorization: `JWT ${body.access_token}` })
    server.clock.advance(3_599_000)
    expect((await ask()).status).toBe(200)
    server.clock.advance(2_000)
    expect((await ask()).status).toBe(401)
  })
})

describe('pages', () => {
  it('stay logged in when the cookie pair has expired: they ask for another one', async () => {
    const page = await openPage(server, 'ada@example.com', password)
    server.clock.advance(3_601_000)
    page.cookies.delete('edx-jwt-cookie-header-payload')
    page.cookies.delete('edx-jwt-cookie-signature')
    expect((await page.get(me)).body).toEqual({ username: 'ada' })
    expect(page.cookies.has('edx-jwt-cookie-signature')).toBe(true)
    await page.get('/logout')
    expect([...page.cookies.keys()]).toEqual([])
    expect((await page.get(me)).status).toBe(401)
  })

  it('hide the signature and the session from scripts', async () => {
    const login = form({ email_or_username: 'ada', password })
    const cookies = (await call('POST', '/api/user/v1/account/login_session/', login)).headers.getSetCookie()
    const hidden = cookies.filter((cookie) => /httponly/i.test(cookie)).map((cookie) => cookie.split('=')[0])
    expect(hidden.sort()).toEqual(['edx-jwt-cookie-signature', 'sessionid'])
    expect(cookies.every((cookie) => /samesite=lax/i.test(cookie))).toBe(true)
  })

  it('are not told whether the name or the password was wrong', async () => {
    const answers = await Promise.all(
      ['ada', 'nobody'].map((email_or_username) =>
        call('POST', '/api/user/v1/account/login_session/', form({ email_or_username, password: 'wrong' })),
      ),
    )
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [400, answers[0]?.text],
      [400, answers[0]?.text],
    ])
  })

  it('change nothing without the CSRF token that they alone can read', async () => {
    const page = await openPage(server, 'ada', password)
    const bio = (headers: Record<string, string>) =>
      page.send('PATCH', '/api/user/v1/accounts/ada', { bio: 'x' }, headers)
    for (const wrong of [{ 'X-CSRFToken': '' }, { 'X-CSRFToken': 'x' }, { Origin: 'https://evil.example' }]) {
      const { status, body } = await bio({ 'Content-Type': 'application/merge-patch+json', ...wrong })
      expect([status, Object.keys(body)]).toEqual([403, ['detail']])
    }
    const choice = form({ course_id: 'course-v1:OrgX+Engines+2026', email_opt_in: 'true' })
    const optIn = '/api/user/v1/preferences/email_opt_in/'
    expect((await page.send('POST', optIn, choice)).status).toBe(200)
    expect((await page.send('POST', optIn, choice, { 'X-CSRFToken': 'x' })).status).toBe(403)
    page.cookies.delete('csrftoken')
    expect((await page.patch('/api/user/v1/accounts/ada', { bio: 'x' })).status).toBe(403)
    // Reading needs none.
    expect((await page.get('/api/user/v1/accounts/ada')).body.bio).toBeNull()
  })

  it('of known origins may ask with cookies, others not', async () => {
    const preflight = async (Origin: string) => {
      const { status, headers } = await call('OPTIONS', '/api/user/v1/accounts/ada', undefined, {
        Origin,
        'Access-Control-Request-Method': 'PATCH',
        'Access-Control-Request-Headers': 'use-jwt-cookie,x-csrftoken,content-type,x-requested-with',
      })
      const allowed = ['origin', 'credentials', 'methods', 'headers'].map((name) =>
        headers.get(`access-control-allow-${name}`),
      )
      return [status, ...allowed]
    }
    expect(await preflight('http://localhost:1997')).toEqual([
      204,
      'http://localhost:1997',
      'true',
      expect.stringContaining('PATCH'),
      expect.stringMatching(/content-type.*use-jwt-cookie.*x-csrftoken.*x-requested-with/),
    ])
    expect((await preflight('https://evil.example'))[1]).toBeNull()
    const refused = await call('GET', me, undefined, { Origin: 'http://localhost:1997' })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'http://localhost:1997'])
  })
})

describe('somebody', () => {
  it('whose address is not confirmed has a session and access tokens, but no signed token alone', async () => {
    const id = await addPerson(server.site, { username: 'eve', email: 'eve@example.com', name: 'Eve', password })
    const page = await openPage(server, 'eve', password)
    await server.site.users.accounts.updateAsOperator({ system: true }, 'eve', { is_active: false })
    expect((await page.get('/api/user/v1/accounts/eve')).body).toMatchObject({ is_active: false })
    const signed = await sign({ user_id: id }, server.site.secret)
    expect((await call('GET', me, undefined, { Authorization: `JWT ${signed}` })).status).toBe(401)
  })

  it('whom support locks out is out at once, whatever they hold', async () => {
    const page = await openPage(server, 'bob', password)
    const signed = `${page.cookies.get('edx-jwt-cookie-header-payload')}.${page.cookies.get('edx-jwt-cookie-signature')}`
    const deactivate = '/api/user/v1/accounts/bob/deactivate/'
    for (const who of ['bob', 'grace']) expect((await server.as(who)('POST', deactivate)).status).toBe(403)
    expect((await server.as('root')('POST', '/api/user/v1/accounts/nobody/deactivate/')).status).toBe(404)
    const { status, body } = await server.as('root')('POST', deactivate)
    expect([status, body.username, Object.keys(body).length]).toEqual([200, 'bob', 11])
    expect((await page.get(me)).status).toBe(401)
    expect((await server.as('bob')('GET', me)).status).toBe(401)
    expect((await call('GET', me, undefined, { Authorization: `JWT ${signed}` })).status).toBe(401)
  })
})
