import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { SitePerson } from './people.ts'
import type { Site } from './site.ts'
import { lifetimes, signToken } from './tokens.ts'

/** A signed token in two: pages read who has logged in from the first, and never see the second. */
export const jwtCookies = { payload: 'edx-jwt-cookie-header-payload', signature: 'edx-jwt-cookie-signature' } as const
export const sessionCookie = 'sessionid'
export const csrfCookie = 'csrftoken'

const shared = (site: Site) => ({ path: '/', sameSite: 'Lax', secure: site.url.startsWith('https:') }) as const

/** Sets the cookie pair. Returns the moment at which it expires, in seconds since 1970. */
export async function setJwtCookies(c: Context, site: Site, person: SitePerson): Promise<number> {
  const [header = '', payload = '', signature = ''] = (await signToken(site, person, 'password')).split('.')
  const options = { ...shared(site), maxAge: lifetimes.jwt }
  setCookie(c, jwtCookies.payload, `${header}.${payload}`, options)
  setCookie(c, jwtCookies.signature, signature, { ...options, httpOnly: true })
  return Math.floor(site.clock().getTime() / 1000) + lifetimes.jwt
}

export function setSessionCookie(c: Context, site: Site, session: string): void {
  setCookie(c, sessionCookie, session, { ...shared(site), maxAge: lifetimes.session, httpOnly: true })
}

export function deleteLogInCookies(c: Context): void {
  for (const name of [jwtCookies.payload, jwtCookies.signature, sessionCookie]) deleteCookie(c, name, { path: '/' })
}

/** The CSRF token of this browser; makes one where there is none. */
export function csrfToken(c: Context, site: Site): string {
  const token = getCookie(c, csrfCookie) || randomBytes(32).toString('base64url')
  setCookie(c, csrfCookie, token, { ...shared(site), maxAge: 31_449_600 })
  return token
}
