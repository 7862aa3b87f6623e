import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { isSame } from './authentication.ts'
import { readForm } from './bodies.ts'
import { csrfToken, deleteLogInCookies, sessionCookie, setJwtCookies } from './cookies.ts'
import { refusal } from './errors.ts'
import { type App, route } from './http.ts'
import { findByPassword, logIn } from './log-in.ts'
import { targetOf } from './page-routes.ts'
import { findPerson } from './people.ts'
import type { Site } from './site.ts'
import { createToken, deleteToken, findByToken, hashToken, lifetimes, signToken } from './tokens.ts'

/** Logging in, staying logged in, and tokens for programs. */
export function sessionRoutes(app: App, site: Site): void {
  route(app, '/csrf/api/v1/token', 'everyone', { GET: (c) => c.json({ csrfToken: csrfToken(c, site) }) })

  for (const path of ['/api/user/v1/account/login_session/', '/api/user/v2/account/login_session/'] as const) {
    route(app, path, 'everyone', {
      async POST(c) {
        const { email_or_username = '', email = email_or_username, password = '' } = await readForm(c)
        const person = await findByPassword(site, email, password)
        if (person === undefined) {
          throw refusal(400, { success: false, error_code: 'incorrect-email-or-password', value: 'This is not right.' })
        }
        await logIn(c, site, person)
        return c.json({ success: true })
      },
    })
  }

  // Asked by the stock pages before a call, once the cookie pair has expired.
  route(app, '/login_refresh', 'everyone', {
    async POST(c) {
      const person = await findByToken(site, 'session', getCookie(c, sessionCookie) ?? '')
      if (person === undefined) {
        deleteLogInCookies(c)
        return c.json({ success: false }, 401)
      }
      const expires = await setJwtCookies(c, site, person)
      const text = new Date(expires * 1000).toISOString().replace('.000Z', 'Z')
      return c.json({ success: true, expires: text, expires_epoch_seconds: expires })
    },
  })

  route(app, '/logout', 'everyone', {
    async GET(c) {
      await deleteToken(site, getCookie(c, sessionCookie) ?? '')
      deleteLogInCookies(c)
      return c.redirect(targetOf(site, c.req.query('redirect_url')) ?? site.logInPage)
    },
  })

  route(app, '/oauth2/access_token', 'everyone', {
    async POST(c) {
      const form = await readForm(c)
      if (form.grant_type !== 'client_credentials') throw refusal(400, { error: 'unsupported_grant_type' })
      const { client_id = '', client_secret = '' } = { ...form, ...basicCredentials(c) }
      const client = await site.db
        .selectFrom('site_clients')
        .select(['secret_hash', 'user_id'])
        .where('client_id', '=', client_id)
        .executeTakeFirst()
      const isRight = client !== undefined && isSame(hashToken(client_secret), client.secret_hash)
      const person = isRight ? await findPerson(site.db, { id: client.user_id }) : undefined
      if (person === undefined)
        throw refusal(401, { error: 'invalid_client' }, { 'WWW-Authenticate': 'Basic realm="api"' })
      const isJwt = form.token_type?.toLowerCase() === 'jwt'
      return c.json({
        access_token: isJwt
          ? await signToken(site, person, 'client_credentials')
          : await createToken(site, 'access', person.id),
        token_type: isJwt ? 'JWT' : 'Bearer',
        expires_in: isJwt ? lifetimes.jwt : lifetimes.access,
        scope: 'read write',
      })
    },
  })
}

/** A client may name itself in the header as well (RFC 6749, 2.3.1). */
function basicCredentials(c: Context): { client_id?: string; client_secret?: string } {
  const [, encoded] = /^Basic +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (encoded === undefined) return {}
  const [client_id = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':').map(decodeURIComponent)
  return { client_id, client_secret: secret.join(':') }
}
