import type { Context } from 'hono'
import { isUserCoreError, type JsonValue, type RetirementDocument, type RetirementFilter } from 'usercore'
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
      await retirement
        .request(actorOf(c), await users.accounts.me(actorOf(c)), password === undefined ? {} : { password })
        .catch(refuseRequest)
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
      await retirement.cancel(actorOf(c), { id: id as number }).catch(refuseCancelling)
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
    const list = (filter: RetirementFilter) => retirement.list(actorOf(c), filter)
    return c.json(await everyPage(list, { coolOffDays: numberIn(cool_off_days), states }, limit))
  })

  driven('/api/user/v1/accounts/retirements_by_status_and_date/', 'GET', async (c) => {
    const { start_date = '', end_date = '', state = '' } = c.req.query()
    const list = (filter: RetirementFilter) => retirement.list(actorOf(c), filter)
    return c.json(await everyPage(list, { from: start_date, to: end_date, state }))
  })

  driven('/api/user/v1/accounts/:username/retirement_status/', 'GET', async (c) =>
    c.json(await retirement.get(actorOf(c), usernameIn(c))),
  )

  driven('/api/user/v1/accounts/update_retirement_status/', 'PATCH', async (c) => {
    const { username, new_state, response, ...move } = await readMembers(c)
    const whom = requireUsername(username)
    for (const [name, value] of Object.entries({ new_state, response })) {
      if (value === undefined) throw refusal(400, `bad_request: ${name} must be given`)
    }
    await retirement.move(actorOf(c), whom, { ...move, state: new_state as string, note: response as JsonValue })
    return c.body(null, 204)
  })

  driven('/api/user/v1/accounts/retire_misc/', 'POST', async (c) => {
    await retirement.runStep(actorOf(c), requireUsername((await readMembers(c)).username), 'misc')
    return c.body(null, 204)
  })

  driven('/api/user/v1/accounts/retire/', 'POST', async (c) => {
    await retirement.runStep(actorOf(c), requireUsername((await readMembers(c)).username), 'account')
    return c.body(null, 204)
  })

  driven('/api/user/v1/accounts/retirement_cleanup/', 'POST', async (c) => {
    const { usernames, redacted_username, redacted_email, redacted_name } = await readMembers(c)
    const given = {
      redactedUsername: redacted_username,
      redactedEmail: redacted_email,
      redactedName: redacted_name,
    }
    const redacted = Object.entries(given).filter(([, value]) => typeof value === 'string')
    await retirement.cleanUp(actorOf(c), usernames as string[], Object.fromEntries(redacted))
    return c.body(null, 204)
  })

  if (!site.bulkRetirement) return
  driven('/v1/accounts/bulk_retire_users', 'POST', async (c) => {
    const { usernames = '' } = await readMembers(c)
    if (typeof usernames !== 'string') throw refusal(400, 'usernames is one text, with commas')
    const names = usernames === '' ? [] : usernames.split(',').map((name) => name.trim())
    const { requested, failed } = await retirement.requestMany(actorOf(c), names)
    return c.json({
      successful_user_retirements: requested.toSorted(),
      failed_user_retirements: failed.map(({ whom }) => whom),
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

/** A number of a query string; what says none is left to the library to refuse. */
function numberIn(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

/** The programs know no pages: all retirements, or as many as they ask for (1000 at most). */
async function everyPage(
  list: (
    filter: RetirementFilter,
  ) => Promise<{ readonly items: readonly RetirementDocument[]; readonly next?: string }>,
  filter: RetirementFilter,
  limit = '',
): Promise<readonly RetirementDocument[]> {
  const most = limit === '' ? 1000 : Math.min(numberIn(limit), 1000)
  if (most === 0) return []
  let page = await list({ ...filter, limit: most })
  if (limit !== '') return page.items
  const items = [...page.items]
  while (page.next !== undefined) {
    page = await list({ ...filter, limit: most, after: page.next })
    items.push(...page.items)
  }
  return items
}
