import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBrowser } from '../../support/browser.ts'
import { type Answer, openServer, password, type TestServer } from './support.ts'

/** A page that asks the server as the stock pages do (clients.md, section 1), and stands on a port of its own. */
const stockPage = `<!doctype html><title>Account</title><script>
  const lms = new URL(location).searchParams.get('lms')
  const common = { credentials: 'include', mode: 'cors' }
  let csrfToken
  async function call(method, path, body, headers = {}) {
    if (!document.cookie.includes('edx-jwt-cookie-header-payload='))
      await fetch(lms + '/login_refresh', { ...common, method: 'POST' })
    const own = { 'USE-JWT-COOKIE': 'true', Accept: 'application/json, text/plain, */*', ...headers }
    if (method !== 'GET') {
      const ask = () => fetch(lms + '/csrf/api/v1/token', { ...common, headers: { 'USE-JWT-COOKIE': 'true' } })
      csrfToken ??= ask().then((answer) => answer.json()).then((answer) => answer.csrfToken)
      own['X-CSRFToken'] = await csrfToken
    }
    const answer = await fetch(lms + path, { ...common, method, body, headers: own })
    const text = await answer.text()
    return { status: answer.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text }
  }
  const patch = (path, value) =>
    call('PATCH', path, JSON.stringify(value), { 'Content-Type': 'application/merge-patch+json' })
  const multipart = (fields) => {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    return form
  }
</script>`

const executablePath = findBrowser()
const account = '/api/user/v1/accounts/ada'
const preferences = '/api/user/v1/preferences/ada'

let pages: Server
let port: number
let server: TestServer
let browser: Browser | undefined
beforeAll(async () => {
  if (executablePath === undefined) return
  pages = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(stockPage))
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  port = (pages.address() as AddressInfo).port
  server = await openServer({ pages: [`http://localhost:${port}`, `http://127.0.0.1:${port}`] })
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})
afterAll(async () => {
  if (browser === undefined) return
  await browser.close()
  await new Promise((resolve) => pages.close(resolve))
  expect(server.failures).toEqual([])
  await server.close()
})

/** Opens the page on a host name of this machine. */
async function open(host: string): Promise<{ page: Page; address: string; ask: (script: string) => Promise<Reply> }> {
  const page = (await browser?.newPage()) as Page
  const address = `http://${host}:${port}/?lms=${encodeURIComponent(server.url)}`
  await page.goto(address)
  return { page, address, ask: (script) => page.evaluate<Reply>(script) }
}

/** What the page makes of an answer. */
type Reply = Pick<Answer, 'status' | 'body'>

async function logIn(page: Page, next: string): Promise<void> {
  await page.goto(`${server.url}/login?next=${encodeURIComponent(next)}`)
  await page.getByLabel('Username or e-mail').fill('ada')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button').click()
  await page.waitForURL(next)
}

describe('the account page in a browser', () => {
  it('logs in and back, loads everything, and saves what a person changes', async ({ skip }) => {
    skip(browser === undefined, 'no browser is installed: apt-get install chromium')
    const { page, address, ask } = await open('localhost')
    expect((await ask(`call('GET', '${account}')`)).status).toBe(401)

    await logIn(page, address)
    const cookies = await page.evaluate<string>('document.cookie')
    expect(cookies).toContain('edx-jwt-cookie-header-payload=')
    expect(cookies).not.toMatch(/edx-jwt-cookie-signature|sessionid/)

    const paths = [
      account,
      preferences,
      '/api/third_party_auth/v0/providers/user_status',
      '/api/user/v1/accounts/third_party_auth_error/',
      '/user_api/v1/preferences/time_zones/',
      '/user_api/v1/account/registration/',
      '/api/edx_name_affirmation/v1/verified_name/history',
    ]
    const loaded = await page.evaluate<Reply[]>(
      `Promise.all(${JSON.stringify(paths)}.map((path) => call('GET', path)))`,
    )
    // The last one is not here: the page reads 404 from the answer, which a browser hides without CORS.
    expect(loaded.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 404])
    expect(loaded[0]?.body).toMatchObject({ username: 'ada', email: 'ada@example.com' })

    expect(await ask(`patch('${account}', { country: 'ES' })`)).toMatchObject({ status: 200, body: { country: 'ES' } })
    const refused = await ask(`patch('${account}', { name: '<b>' })`)
    expect([refused.status, Object.keys(refused.body.field_errors)]).toEqual([400, ['name']])
    expect((await ask(`patch('${preferences}', { time_zone: 'Europe/Madrid', 'pref-lang': 'es-419' })`)).status).toBe(
      204,
    )
    expect(await ask(`call('GET', '${preferences}')`)).toMatchObject({ body: { time_zone: 'Europe/Madrid' } })
    const language = `call('POST', '/i18n/setlang/', multipart({ language: 'es-419' }))`
    expect((await ask(language)).status).toBe(204)
    const reset = `call('POST', '/password_reset/', new URLSearchParams({ email: 'ada@example.com' }))`
    expect(await ask(reset)).toEqual({ status: 200, body: { success: true } })
    expect((await server.mails()).map(({ name }) => name)).toContain('password_reset')
    await page.close()
  })

  it('is not logged in on another host name, to which the browser brings no cookies', async ({ skip }) => {
    skip(browser === undefined, 'no browser is installed: apt-get install chromium')
    const { page, address, ask } = await open('127.0.0.1')
    await logIn(page, address)
    expect((await ask(`call('GET', '${account}')`)).status).toBe(401)
    await page.goto(address.replace('127.0.0.1', 'localhost'))
    expect((await ask(`call('GET', '${account}')`)).status).toBe(200)
    await page.close()
  })
})
