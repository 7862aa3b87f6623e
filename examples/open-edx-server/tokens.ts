import { createHash, randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { findPerson, type SitePerson } from './people.ts'
import type { Site } from './site.ts'

/** Seconds for which tokens are good: a signed one, an access token, a session. */
export const lifetimes = { jwt: 3600, access: 36_000, session: 1_209_600 } as const

const algorithm = 'HS256'
const audience = 'openedx'
const issuerOf = (site: Site) => `${site.url}/oauth2`

/**
 * Signs the identity of a person. The stock pages read the members of the payload; the server believes `user_id` and
 * `generation`, and looks up everything else.
 */
export function signToken(
  site: Site,
  person: SitePerson,
  grantType: 'client_credentials' | 'password',
): Promise<string> {
  const { id, username, email, name, is_active, actor, generation } = person
  const now = Math.floor(site.clock().getTime() / 1000)
  return new SignJWT({
    user_id: id,
    preferred_username: username,
    email,
    email_verified: is_active,
    name,
    administrator: actor.staff === true,
    superuser: actor.superuser === true,
    roles: [],
    scopes: ['user_id', 'email', 'profile'],
    grant_type: grantType,
    version: '1.2.0',
    generation,
  })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setIssuer(issuerOf(site))
    .setAudience(audience)
    .setSubject(String(id))
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimes.jwt)
    .sign(site.secret)
}

/** Finds the person of a signed token; none when it is forged, expired or void. */
export async function personOfToken(site: Site, token: string): Promise<SitePerson | undefined> {
  try {
    const options = { issuer: issuerOf(site), audience, algorithms: [algorithm], currentDate: site.clock() }
    const { payload } = await jwtVerify(token, site.secret, options)
    const person = await findPerson(site.db, { id: Number(payload.user_id) })
    return person?.generation === payload.generation ? person : undefined
  } catch {
    return undefined
  }
}

/** Makes a session or an access token: random, and stored as its hash. */
export async function createToken(
  site: Site,
  kind: 'session' | 'access',
  user_id: number,
  token = randomBytes(32).toString('base64url'),
): Promise<string> {
  const expires_at = new Date(site.clock().getTime() + lifetimes[kind] * 1000).toISOString()
  const row = { hash: hashToken(token), kind, user_id, expires_at }
  await site.db.insertInto('site_tokens').values(row).execute()
  return token
}

/** Whose session or access token it is. */
export async function findByToken(
  site: Site,
  kind: 'session' | 'access',
  token: string,
): Promise<SitePerson | undefined> {
  const row = await site.db
    .selectFrom('site_tokens')
    .select('user_id')
    .where('hash', '=', hashToken(token))
    .where('kind', '=', kind)
    .where('expires_at', '>', site.clock().toISOString())
    .executeTakeFirst()
  return row && findPerson(site.db, { id: row.user_id })
}

export async function deleteToken(site: Site, token: string): Promise<void> {
  await site.db.deleteFrom('site_tokens').where('hash', '=', hashToken(token)).execute()
}

/** Enough for what is drawn at random: unlike a password it cannot be guessed. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
