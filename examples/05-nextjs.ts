/**
 * Behind Next.js: the route handlers in 05-nextjs/app are what an application has in its own `app` folder.
 *
 * They are functions of `Request` to `Response`, so this program calls them as Next.js does, without Next.js.
 */
import * as accounts from './05-nextjs/app/api/accounts/[username]/route.ts'
import * as preferences from './05-nextjs/app/api/preferences/[username]/route.ts'
import { visit } from './support/visit.ts'

const handlers = new Map([
  ['GET accounts', accounts.GET],
  ['PATCH accounts', accounts.PATCH],
  ['PATCH preferences', preferences.PATCH],
])

await visit(async (path, init) => {
  const request = new Request(`http://site.invalid/api${path}`, init)
  const [, area, username = ''] = path.split('/')
  const handle = handlers.get(`${request.method} ${area}`)
  if (handle === undefined) return new Response(null, { status: 405 })
  return handle(request, { params: Promise.resolve({ username }) })
})
