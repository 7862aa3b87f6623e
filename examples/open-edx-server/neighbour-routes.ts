import { setCookie } from 'hono/cookie'
import { orgOfCourse } from 'usercore'
import { readForm, readMembers } from './bodies.ts'
import { refusal, refusingInText } from './errors.ts'
import { type App, actorOf, route } from './http.ts'
import { requireUsername, requireWorker } from './retirement-routes.ts'
import type { Site } from './site.ts'

/**
 * What belongs to other parts of Open edX, as far as the stock pages and programs cannot do without it: the pages load
 * linked log-ins and certificates, of which there are none here, and a retirement ends enrolments.
 */
export function neighbourRoutes(app: App, { db, users, ...site }: Site): void {
  route(app, '/api/third_party_auth/v0/providers/user_status', 'logged in', { GET: (c) => c.json([]) })
  route(app, '/api/certificates/v0/certificates/:username/', 'logged in', { GET: (c) => c.json([]) })

  // The language itself is the preference `pref-lang`; this is for pages that the server would render.
  route(app, '/i18n/setlang/', 'anybody', {
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
      const states = await users.retirement.listStates(actorOf(c))
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
