import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import { type Actor, anonymous } from 'usercore'
import { csrfCookie, jwtCookies, sessionCookie } from './cookies.ts'
import { detailed } from './errors.ts'
import type { Env } from './http.ts'
import type { SitePerson } from './people.ts'
import type { Site } from './site.ts'
import { findByToken, personOfToken } from './tokens.ts'

/** The sender of a request. */
export interface Requester {
  readonly actor: Actor
  /** Undefined for a request without a log-in. */
  readonly person: SitePerson | undefined
  /** Whether another origin may be behind the request: it comes with cookies, changes something, and has no CSRF token. */
  readonly isForged: boolean
}

/**
 * Finds the sender of a request:
 *
 * | request | is from | also while the address is not confirmed |
 * | --- | --- | --- |
 * | `Authorization: JWT …` | the person of the signed token | no |
 * | `Authorization: Bearer …` | the person of the access token, or of the signed token | access tokens: yes |
 * | `USE-JWT-COOKIE: true`, the two cookies of a signed token | the person of the signed token | yes |
 * | the session's cookie | the person of the session | yes |
 *
 * A token that is no good is refused, not passed over. What comes with cookies and changes something needs a CSRF token
 * wherever one has to be logged in.
 */
export function authenticate(site: Site): MiddlewareHandler<Env> {
  return async (c, next) => {
    const byHeader = await personOfHeader(c, site)
    const person = byHeader ?? (await personOfCookies(c, site))
    const isForged = person !== byHeader && !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method) && !hasCsrfToken(c, site)
    c.set('requester', { actor: person?.actor ?? anonymous, person, isForged })
    await next()
  }
}

async function personOfHeader(c: Context, site: Site): Promise<SitePerson | undefined> {
  const [, scheme, token = ''] = /^(JWT|Bearer) +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (scheme === undefined) return undefined
  const opaque = scheme.toLowerCase() === 'bearer' ? await findByToken(site, 'access', token) : undefined
  const person = opaque ?? (await personOfToken(site, token))
  if (person === undefined || (opaque === undefined && !person.is_active)) throw detailed(401)
  return person
}

async function personOfCookies(c: Context, site: Site): Promise<SitePerson | undefined> {
  const [payload, signature, session] = [
    getCookie(c, jwtCookies.payload),
    getCookie(c, jwtCookies.signature),
    getCookie(c, sessionCookie),
  ]
  const usesJwt = c.req.header('use-jwt-cookie')?.toLowerCase() === 'true'
  const byJwt = usesJwt && payload && signature ? await personOfToken(site, `${payload}.${signature}`) : undefined
  return byJwt ?? (session ? await findByToken(site, 'session', session) : undefined)
}

/** The page has to show that it can read the token: that of another origin cannot. */
function hasCsrfToken(c: Context, site: Site): boolean {
  const [cookie = '', header = ''] = [getCookie(c, csrfCookie), c.req.header('x-csrftoken')]
  const origin = c.req.header('origin')
  const isKnown = origin === undefined || [new URL(site.url).origin, ...site.pages].includes(origin)
  return isKnown && cookie !== '' && isSame(cookie, header)
}

/** Compares secrets without telling by the time how much of them is right. */
export function isSame(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer]
  return timingSafeEqual(first, second)
}
