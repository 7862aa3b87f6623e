import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from './stock-page.ts'
import { form, openServer, password, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await openServer({ people: [{ username: 'ada', password: '<script>', role: 'learner' }] })
})
afterAll(async () => {
  expect(server.failures).toEqual([])
  await server.close()
})

const anonymously = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  server.as(undefined)(method, path, body, headers)

describe('the start page', () => {
  it('says what is here and who can log in', async () => {
    const { status, text } = await anonymously('GET', '/')
    expect([status, text]).toEqual([200, expect.stringContaining('ada (learner), password &lt;script&gt;')])
    expect(text).toContain('href="/login"')
  })

  it('says who is logged in', async () => {
    const page = await openPage(server, 'ada', password)
    expect((await page.get('/')).text).toContain('href="/account/settings"')
  })
})

describe('logging in on the page', () => {
  const logIn = (fields: Record<string, string>) =>
    anonymously('POST', '/login', form({ email_or_username: 'ada', ...fields }))

  it('leads back to where the person came from', async () => {
    const next = 'http://localhost:1997/?a=1&b="'
    const { text } = await anonymously('GET', `/login?next=${encodeURIComponent(next)}`)
    expect(text).toContain('value="http://localhost:1997/?a=1&amp;b=%22"')
    const { status, headers } = await logIn({ password, next })
    expect([status, headers.get('location')]).toEqual([303, 'http://localhost:1997/?a=1&b=%22'])
    expect(headers.getSetCookie().join()).toContain('sessionid=')
    expect((await server.as('grace')('GET', `/login?next=${encodeURIComponent(next)}`)).headers.get('location')).toBe(
      'http://localhost:1997/?a=1&b=%22',
    )
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    'http://[',
    'http://localhost:1/',
  ])('leads to the start rather than to %s', async (next) => {
    const { status, headers } = await logIn({ password, next })
    expect([status, headers.get('location')]).toEqual([303, '/'])
    expect((await anonymously('GET', `/login?next=${encodeURIComponent(next)}`)).text).not.toContain('name="next"')
  })

  it('is refused with the form, which keeps where the person came from', async () => {
    const { status, text, headers } = await logIn({ password: 'wrong', next: '/dashboard' })
    expect([status, headers.getSetCookie()]).toEqual([400, []])
    expect(text).toContain('not right')
    expect(text).toContain(`value="${server.url}/dashboard"`)
  })

  it('says what became of a link to activate an account', async () => {
    for (const status of ['success', 'info', 'error'])
      expect((await anonymously('GET', `/login?account_activation_status=${status}`)).text).toContain('role="alert"')
    expect((await anonymously('GET', '/login?account_activation_status=x')).text).not.toContain('role="alert"')
  })
})

describe('logging out', () => {
  it.each([
    ['', '/login'],
    ['?redirect_url=https%3A%2F%2Fevil.example', '/login'],
    ['?redirect_url=%2Fdashboard', '/dashboard'],
  ])('with %j leads to %s', async (query, path) => {
    const { status, headers } = await anonymously('GET', `/logout${query}`)
    expect([status, headers.get('location')]).toEqual([302, server.url + path])
  })
})

describe('addresses of the original', () => {
  it.each([
    ['/account/settings', 'http://localhost:1997/'],
    ['/dashboard', 'http://localhost:1996/learner-dashboard/'],
    ['/u/bob', 'http://localhost:1995/u/bob'],
  ])('%s leads to %s, after logging in', async (path, target) => {
    const { status, headers } = await anonymously('GET', path)
    expect([status, headers.get('location')]).toEqual([302, `${server.url}/login?next=${encodeURIComponent(path)}`])
    expect((await server.as('ada')('GET', path)).headers.get('location')).toBe(target)
  })

  it('that are not here answer a page to browsers, and JSON to programs', async () => {
    const browser = await anonymously('GET', '/courses', undefined, { Accept: 'text/html,*/*;q=0.8' })
    expect([browser.status, browser.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8'])
    const program = await anonymously('GET', '/courses', undefined, { Accept: 'application/json, text/plain, */*' })
    expect([program.status, Object.keys(program.body)]).toEqual([404, ['detail']])
  })

  it('that are not here say so to pages of other origins: 404, not a broken network', async () => {
    const headers = { Origin: 'http://localhost:1997', 'Access-Control-Request-Method': 'GET' }
    const { status, headers: said } = await anonymously('OPTIONS', '/api/nothing', undefined, headers)
    expect([status, said.get('access-control-allow-origin')]).toEqual([204, headers.Origin])
    const { status: found, headers: shared } = await anonymously('GET', '/api/nothing', undefined, headers)
    expect([found, shared.get('access-control-allow-origin')]).toEqual([404, headers.Origin])
  })
})
