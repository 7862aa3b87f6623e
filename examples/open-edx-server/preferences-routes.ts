import type { Context } from 'hono'
import { isUserCoreError, type JsonValue, listTimeZones } from 'usercore'
import { identifierKey, orgOfCourse } from 'usercore/rules'
import { isObject, mediaType, readForm, readJson } from './bodies.ts'
import { csrfToken } from './cookies.ts'
import { detailed, refusal, refusingEmpty, texts } from './errors.ts'
import { type App, actorOf, type Env, requireLogIn, route, usernameIn } from './http.ts'
import type { Site } from './site.ts'

/** Preferences: all of a person, one by one, and what the stock pages choose them from. */
export function preferencesRoutes(app: App, site: Site): void {
  const { users } = site
  for (const prefix of ['/user_api/v1', '/api/user/v1']) {
    route(app, `${prefix}/preferences/time_zones/`, 'everyone', {
      GET(c) {
        const country_code = c.req.query('country_code') ?? null
        const zones = listTimeZones({ country_code, at: site.clock() })
        return c.json(zones.map(({ time_zone, description }) => ({ time_zone, description })))
      },
    })

    route(app, `${prefix}/preferences/email_opt_in/`, 'everyone', {
      async POST(c) {
        // 403, not 401, to visitors who are not logged in, as in the original, which knows sessions alone here.
        requireLogIn(c, 403)
        const { course_id, email_opt_in } = await readForm(c)
        if (course_id === undefined || email_opt_in === undefined)
          return c.text('course_id and email_opt_in are needed.', 400)
        const org = orgOfCourse(course_id)
        if (org === undefined) return c.text('There cannot be a course of this id.', 400)
        // `true` in any letter case is yes, everything else is no.
        const optIn = email_opt_in.toLowerCase() === 'true'
        const { actor, person } = c.get('requester')
        await users.emailOptIns.set(actor, person?.username ?? '', { org, optIn })
        csrfToken(c, site)
        return c.body(null, 200)
      },
    })
  }

  route(app, '/api/user/v1/preferences/:username', 'logged in', {
    GET: refusingEmpty(async (c) => c.json(await users.preferences.getAll(actorOf(c), usernameIn(c)))),

    PATCH: refusingEmpty(async (c) => {
      const username = usernameIn(c)
      const { person } = c.get('requester')
      const isOwn = identifierKey(username) === identifierKey(person?.username ?? '')
      const patch = await readPatch(c)
      // Staff, who may read, hear of an empty body first; others that they may not.
      const isEmpty = !isObject(patch) || Object.keys(patch).length === 0
      if (isEmpty) {
        throw isOwn || person?.actor.staff === true
          ? refusal(400, texts('bad_request (argument: patch)'))
          : refusal(403)
      }
      await users.preferences.update(actorOf(c), username, patch as Record<string, JsonValue>)
      return c.body(null, 204)
    }),
  })

  route(app, '/api/user/v1/preferences/:username/:key{[a-zA-Z0-9_]+}', 'logged in', {
    GET: refusingEmpty(async (c) => {
      const value = await users.preferences.get(actorOf(c), usernameIn(c), keyIn(c))
      if (value === null) throw refusal(404)
      return c.json(value)
    }),

    PUT: refusingEmpty(async (c) => {
      if (mediaType(c) !== 'application/json') throw detailed(415)
      const value = (await readJson(c)) as JsonValue
      await users.preferences.set(actorOf(c), usernameIn(c), keyIn(c), value).catch(refuseInTexts(keyIn(c)))
      return c.body(null, 204)
    }),

    DELETE: refusingEmpty(async (c) => {
      const existed = await users.preferences.delete(actorOf(c), usernameIn(c), keyIn(c))
      if (!existed) throw refusal(404)
      return c.body(null, 204)
    }),
  })
}

function keyIn(c: Context<Env>): string {
  return c.req.param('key') ?? ''
}

/** A merge patch, called so with or without parameters. No body is no patch, whatever it is called. */
async function readPatch(c: Context): Promise<unknown> {
  if (mediaType(c) === 'application/merge-patch+json') return (await c.req.text()) === '' ? null : readJson(c)
  if ((await c.req.text()) === '') return null
  throw detailed(415)
}

/** The error of one preference, without its name around it. */
function refuseInTexts(key: string) {
  return (error: unknown): never => {
    if (!isUserCoreError(error) || error.code !== 'preference_validation_error') throw error
    const { developer_message = error.message, user_message } = error.field_errors[key] ?? {}
    throw refusal(400, texts(developer_message, user_message))
  }
}
