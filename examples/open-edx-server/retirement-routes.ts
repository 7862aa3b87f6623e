import type { Context } from 'hono'
import {
  isUserCoreError,
  type MoveRequest,
  type RetirementDocument,
  type RetirementPageOptions,
  type RetirementsPage,
} from 'usercore'
import { readForm, readMembers } from './bodies.ts'
import { deleteLogInCookies } from './cookies.ts'
import { detailed, refusal, refusingInText } from './errors.ts'
import { type App, actorOf, type Env, route, usernameIn } from './http.ts'
import type { Site } from './site.ts'

/** Retirement: asked for by the person, taken back by support, driven by the programs of Open edX. */
export function retirementRoutes(app: App, site: Site): void {
  const { users } = site
  const { retirement } = users

  route(app, '/api/user/v1/accounts/deactivate_logout/', 'logged in', {
    async POST(c) {
      const { password } = await readForm(c)
      await retirement.request(actorOf(c), undefined, password === undefined ? {} : { password }).catch(refuseRequest)
      deleteLogInCookies(c)
      return c.body(null, 204)
    },
  })

  route(app, '/api/user/v1/accounts/cancel_retirement/', 'logged in', {
    async POST(c) {
      if (!users.hasRight(actorOf(c), 'cancel_retirement')) throw detailed(403)
      const { retirement_id } = await readMembers(c)
      const isNumber = typeof retirement_id === 'string' && /^\d+$/.test(retirement_id)
      const id = isNumber ? Number(retirement_id) : retirement_id
      await retirement.cancel(actorOf(c), { retirement_id: id as number }).catch(refuseCancelling)
      return c.json({ success: true })
    },
  })

  const driven = (path: string, method: 'GET' | 'POST' | 'PATCH', handler: (c: Context<Env>) => Promise<Response>) =>
    route(app, path, 'logged in', {
      [method]: async (c: Context<Env>) => {
        requireWorker(c, site)
        return refusingInText(handler)(c)
      },
    })

  driven('/api/user/v1/accounts/retirement_queue/', 'GET', async (c) => {
    const { cool_off_days = '', limit } = c.req.query()
    const states = c.req.queries('states') ?? []
    return c.json(await everyPage((page) => retirement.queue(actorOf(c), { ...page, cool_off_days, states }), limit))
  })

  driven('/api/user/v1/accounts/retirements_by_status_and_date/', 'GET', async (c) => {
    const { start_date = '', end_date = '', state = '' } = c.req.query()
    const request = { start_date, end_date, state }
    return c.json(await everyPage((page) => retirement.byStatusAndDate(actorOf(c), { ...page, ...request })))
  })

  driven('/api/user/v1/accounts/:username/retirement_status/', 'GET', async (c) =>
    c.json(await retirement.get(actorOf(c), usernameIn(c))),
  )

  driven('/api/user/v1/accounts/update_retirement_status/', 'PATCH', async (c) => {
    const { username, ...move } = await readMembers(c)
    await retirement.updateState(actorOf(c), requireUsername(username), move as unknown as MoveRequest)
    return c.body(null, 204)
  })

  driven('/api/user/v1/accounts/retire_misc/', 'POST', async (c) => {
    await retirement.retireMisc(actorOf(c), requireUsername((await readMembers(c)).username))
    return c.body(null, 204)
  })

  driven('/api/user/v1/accounts/retire/', 'POST', async (c) => {
    await retirement.retireAccount(actorOf(c), requireUsername((await readMembers(c)).username))
    return c.body(null, 204)
  })

  driven('/api/user/v1/accounts/retirement_cleanup/', 'POST', async (c) => {
    const { usernames, redacted_username, redacted_email, redacted_name } = await readMembers(c)
    const redacted = Object.entries({ redacted_username, redacted_email, redacted_name }).filter(
      ([, value]) => typeof value === 'string',
    )
    await retirement.cleanUp(actorOf(c), usernames as string[], Object.fromEntries(redacted))
    return c.body(null, 204)
  })

  if (!site.bulkRetirement) return
  driven('/v1/accounts/bulk_retire_users', 'POST', async (c) => {
    const { usernames = '' } = await readMembers(c)
    if (typeof usernames !== 'string') throw refusal(400, 'usernames is one text, with commas')
    const names = usernames === '' ? [] : usernames.split(',').map((name) => name.trim())
    const { successful_user_retirements, failed_user_retirements } = await retirement.bulkRequest(actorOf(c), names)
    return c.json({
      successful_user_retirements: successful_user_retirements.toSorted(),
      failed_user_retirements,
    })
  })
}

/** Refuses a sender who may not drive retirements. */
export function requireWorker(c: Context<Env>, { users }: Site): void {
  if (!users.hasRight(actorOf(c), 'retire_user')) throw detailed(403)
}

/** The username of a body; the programs of Open edX take 404 for its absence. */
export function requireUsername(username: unknown): string {
  if (typeof username !== 'string' || username === '') throw refusal(404, { message: 'username is missing' })
  return username
}

/** Nothing in the body: the site does not let people go. A text: the password was wrong. */
function refuseRequest(error: unknown): never {
  if (!isUserCoreError(error)) throw error
  if (error.code === 'not_authorized') throw error.params.argument === 'password' ? detailed(403) : refusal(403)
  throw error.code === 'retirement_state_error' ? detailed(500) : error
}

/** Whatever is wrong with what support asks for is said in the same way. */
function refuseCancelling(error: unknown): never {
  const codes = ['bad_request', 'not_found', 'retirement_state_error']
  throw isUserCoreError(error) && codes.includes(error.code) ? refusal(400, { message: error.message }) : error
}

/** The programs know no pages: all retirements, or as many as they ask for (1000 at most). */
async function everyPage(
  load: (page: RetirementPageOptions) => Promise<RetirementsPage>,
  limit?: string,
): Promise<RetirementDocument[]> {
  let page = await load({ limit: limit || 1000 })
  const items = [...page.items]
  while (!limit && page.next !== undefined) {
    page = await load({ limit: 1000, after: page.next })
    items.push(...page.items)
  }
  return items
}
