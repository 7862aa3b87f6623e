import { type Answer, form, mergePatch, send, type TestServer } from './support.ts'

/** How the stock pages talk to the server (clients.md, section 1): cookies, a signed token in two of them, CSRF. */
export interface StockPage {
  readonly cookies: Map<string, string>
  get(path: string): Promise<Answer>
  /** Sends what changes something, with the CSRF token that was fetched once. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  patch(path: string, body: unknown): Promise<Answer>
}

const origin = 'http://localhost:1997'

/** Logs somebody in and opens a page. */
export async function openPage(
  { url }: Pick<TestServer, 'url'>,
  username: string,
  password: string,
): Promise<StockPage> {
  const cookies = new Map<string, string>()
  let csrfToken: Promise<string> | undefined

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await send(url, method, path, body, {
      Accept: 'application/json, text/plain, */*',
      Origin: origin,
      Cookie,
      ...headers,
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(cookie) ?? []
      if (/max-age=0/i.test(attributes)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  /** Before each call: without a token that is still good, a new one is asked for. */
  async function authenticated(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    if (!cookies.has('edx-jwt-cookie-header-payload')) await call('POST', '/login_refresh')
    return call(method, path, body, { 'USE-JWT-COOKIE': 'true', ...headers })
  }

  const page: StockPage = {
    cookies,
    get: (path) => authenticated('GET', path),
    async send(method, path, body, headers) {
      csrfToken ??= authenticated('GET', '/csrf/api/v1/token').then(({ body: { csrfToken: token } }) => token)
      return authenticated(method, path, body, { 'X-CSRFToken': await csrfToken, ...headers })
    },
    patch: (path, body) => page.send('PATCH', path, body, { 'Content-Type': mergePatch }),
  }
  const answer = await call(
    'POST',
    '/api/user/v2/account/login_session/',
    form({ email_or_username: username, password }),
  )
  if (answer.status !== 200) throw new Error(`logging in answered ${answer.status}`)
  return page
}
