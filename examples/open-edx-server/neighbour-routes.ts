import { setCookie } from 'hono/cookie'
import { identifierKey, orgOfCourse } from 'usercore/rules'
import { isMappings, readForm, readMembers } from './bodies.ts'
import { detailed, refusal, refusingInText, texts } from './errors.ts'
import { type App, actorOf, route, usernameIn } from './http.ts'
import { requireUsername, requireWorker } from './retirement-routes.ts'
import type { Site } from './site.ts'

/** Services that keep usernames of their own: none of them has any here. */
const renamers = [
  '/api/discussion/v1/accounts/replace_usernames/',
  '/api/v2/user_management/replace_usernames/',
  '/api/v2/replace_usernames/',
  '/api/v1/replace_usernames/',
]

/**
 * Routes of other parts of Open edX, as far as the stock pages and programs cannot do without it: the pages load
 * linked log-ins, certificates and verifications, of which there are none here; a retirement ends enrolments, and a
 * replacement of usernames goes on to the forum and other services.
 */
export function neighbourRoutes(app: App, { db, users, ...site }: Site): void {
  route(app, '/api/third_party_auth/v0/providers/user_status', 'logged in', { GET: (c) => c.json([]) })
  route(app, '/api/user/v1/accounts/third_party_auth_error/', 'logged in', { GET: (c) => c.json({ user_message: '' }) })
  route(app, '/api/certificates/v0/certificates/:username/', 'logged in', { GET: (c) => c.json([]) })
  for (const path of ['verification_status/', 'verifications/']) {
    route(app, `/api/user/v1/accounts/:username/${path}`, 'logged in', {
      GET(c) {
        const { person } = c.get('requester')
        const isOwn = identifierKey(usernameIn(c)) === identifierKey(person?.username ?? '')
        throw detailed(isOwn || person?.actor.staff === true ? 404 : 403)
      },
    })
  }
  route(app, '/api/user/v1/accounts/verifications/:attempt{[0-9]+}/', 'logged in', {
    GET(c) {
      throw detailed(c.get('requester').person?.actor.staff === true ? 404 : 403)
    },
  })

  for (const path of renamers) {
    route(app, path, 'logged in', {
      async POST(c) {
        const worker = users.settings.username_replacement_worker
        if (worker === null || identifierKey(c.get('requester').person?.username ?? '') !== identifierKey(worker))
          throw detailed(403)
        const { username_mappings } = await readMembers(c)
        if (!isMappings(username_mappings)) throw refusal(400, texts('bad_request (argument: username_mappings)'))
        return c.json({ successful_replacements: username_mappings, failed_replacements: [] })
      },
    })
  }

  // The language itself is the preference `pref-lang`; this is for pages that the server would render.
  route(app, '/i18n/setlang/', 'everyone', {
    async POST(c) {
      const { language = '' } = await readForm(c)
      if (!/^[a-zA-Z0-9-]{2,35}$/.test(language)) throw refusal(400, { detail: 'language is needed.' })
      setCookie(c, 'openedx-language-preference', language, { path: '/', sameSite: 'Lax', maxAge: 1_209_600 })
      return c.body(null, 204)
    },
  })

  route(app, '/api/enrollment/v1/unenroll/', 'logged in', {
    POST: refusingInText(async (c) => {
      requireWorker(c, { db, users, ...site })
      const username = requireUsername((await readMembers(c)).username)
      const { user, current_state } = await users.retirement.get(actorOf(c), username)
      const { states } = await users.retirement.getPipeline(actorOf(c))
      const state = states.find(({ state_name }) => state_name === current_state.state_name)
      if (state?.kind !== 'working') throw refusal(400, 'nothing is at work in this state')
      const active = db.selectFrom('site_enrollments').select('course_id').where('is_active', '=', 1)
      const courses = await active.where('user_id', '=', Number(user.id)).execute()
      if (courses.length === 0) return c.body(null, 204)
      const ended = db.updateTable('site_enrollments').set({ is_active: 0 })
      await ended.where('user_id', '=', Number(user.id)).execute()
      return c.json([...new Set(courses.map(({ course_id }) => orgOfCourse(course_id)))])
    }),
  })
}
