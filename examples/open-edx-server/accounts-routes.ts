import type { Context } from 'hono'
import { type AccountPatch, type GetOptions, isUserCoreError, type SocialLink } from 'usercore'
import { isObject, readJson } from './bodies.ts'
import { detailed, refusal, refusingEmpty, texts } from './errors.ts'
import { type App, actorOf, type Env, ownUsername, route, usernameIn } from './http.ts'
import type { Site } from './site.ts'

/** Accounts: reading them, and the merge patch of one's own. */
export function accountsRoutes(app: App, { users }: Site): void {
  route(app, '/api/user/v1/me', 'logged in', {
    async GET(c) {
      requireLookUp(c)
      const { username } = await users.accounts.me(actorOf(c))
      return c.json({ username })
    },
  })

  route(app, '/api/user/v1/accounts', 'logged in', {
    GET: refusingEmpty(async (c) => {
      requireLookUp(c)
      const { username, email, lms_user_id } = c.req.query()
      if (username) {
        const usernames = username.replace(/^,+|,+$/g, '').split(',')
        const accounts = [...(await users.accounts.getMany(actorOf(c), usernames, view(c))).values()]
        if (accounts.length === 0) throw refusal(404)
        return c.json(accounts)
      }
      if (email) return c.json([await users.accounts.getByEmail(actorOf(c), email, view(c)).catch(tellRetired)])
      if (lms_user_id)
        return c.json([await users.accounts.get(actorOf(c), { id: lms_user_id }, view(c)).catch(refuseEmptyId)])
      return c.json([await users.accounts.get(actorOf(c), ownUsername(c), view(c))])
    }),
  })
}

/** Declared after every other path of `accounts/`: this one would take their last part for a username. */
export function accountRoutes(app: App, { users }: Site): void {
  route(app, '/api/user/v1/accounts/:username', 'logged in', {
    GET: refusingEmpty(async (c) => {
      requireLookUp(c)
      const account = await users.accounts.get(actorOf(c), usernameIn(c), view(c))
      return c.json(account)
    }),

    PATCH: refusingEmpty(async (c) => {
      requireLookUp(c)
      // As in the original, not even a parameter may follow here; preferences are less strict.
      if (c.req.header('content-type') !== 'application/merge-patch+json') throw detailed(415)
      const patch = await readJson(c)
      // Without a field to blame: the stock pages look for `field_errors` by name.
      if (!isObject(patch)) throw refusal(400, texts('not_an_object', 'This must be an object.'))
      const { account } = await users.accounts.update(actorOf(c), usernameIn(c), withPlatforms(patch))
      return c.json(account)
    }),
  })
}

/** `?view=shared`: the account as others see it. */
function view(c: Context): GetOptions {
  return c.req.query('view') === 'shared' ? { view: 'shared' } : {}
}

/** Refuses a query that names an address or an id, even an empty one, unless staff or a superuser asks. */
export function requireLookUp(c: Context<Env>): void {
  const actor = c.get('requester').person?.actor
  const asks = c.req.query('email') !== undefined || c.req.query('lms_user_id') !== undefined
  if (asks && actor?.staff !== true && actor?.superuser !== true) throw detailed(403)
}

/** An address that was retired is told apart, so that support can take a request back. */
function tellRetired(error: unknown): never {
  if (!isUserCoreError(error) || error.code !== 'not_found') throw error
  const { can_cancel_retirement, retirement_id } = error.params
  const error_msg = 'This e-mail address belongs to an account that was retired.'
  throw refusal(404, { error_msg, can_cancel_retirement, retirement_id })
}

function refuseEmptyId(error: unknown): never {
  throw isUserCoreError(error) && error.code === 'bad_request' ? refusal(400) : error
}

/** Older pages call the platform `x` by other names. */
const platforms = new Map<unknown, string>([
  ['twitter', 'x'],
  ['xTwitter', 'x'],
])

function withPlatforms(patch: Record<string, unknown>): AccountPatch {
  if (!Array.isArray(patch.social_links)) return patch
  const social_links = patch.social_links.map((link: unknown) =>
    isObject(link) ? { ...link, platform: platforms.get(link.platform) ?? link.platform } : link,
  )
  return { ...patch, social_links: social_links as SocialLink[] }
}
