import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { html } from 'hono/html'
import { accountChangesRoutes } from './account-changes-routes.ts'
import { accountRoutes, accountsRoutes } from './accounts-routes.ts'
import { authenticate } from './authentication.ts'
import { answer, detailed } from './errors.ts'
import type { App, Env } from './http.ts'
import { linkRoutes } from './link-routes.ts'
import { neighbourRoutes } from './neighbour-routes.ts'
import { operatorRoutes } from './operator-routes.ts'
import { page } from './page.ts'
import { pageRoutes } from './page-routes.ts'
import { partnerReportRoutes } from './partner-report-routes.ts'
import { passwordResetRoutes } from './password-reset-routes.ts'
import { preferencesRoutes } from './preferences-routes.ts'
import { profileImageRoutes } from './profile-image-routes.ts'
import { registrationRoutes } from './registration-routes.ts'
import { retirementRoutes } from './retirement-routes.ts'
import { serverListsRoutes } from './server-lists-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import type { Site } from './site.ts'

/** A picture has 1 MB at most; a form puts a little around it. */
const largestBody = 1_200_000

/**
 * Tells whether a browser asks for the methods that a page of another origin may send. Every path responds, since the
 * page would otherwise see a broken network in the place of 404.
 */
function isPreflight(c: Context): boolean {
  return c.req.header('origin') !== undefined && c.req.header('access-control-request-method') !== undefined
}

/** The HTTP surface of a site: every route, and what is true of all of them. */
export function createApp(site: Site): App {
  const app = new Hono<Env>()
  app.onError((error) => answer(error, site.onFailure))
  app.notFound((c) => {
    // Browsers that follow a link get a page.
    if (!/\btext\/html\b/.test(c.req.header('accept') ?? '')) return detailed(404).getResponse()
    return c.html(page('Nothing here', html`<p>There is nothing here. <a href="/">Start</a></p>`), 404)
  })
  const shared = cors({
    origin: [...site.pages],
    credentials: true,
    allowHeaders: ['content-type', 'use-jwt-cookie', 'x-csrftoken', 'x-requested-with', 'authorization'],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  })
  app.use((c, next) => (c.req.method === 'OPTIONS' && !isPreflight(c) ? next() : shared(c, next)))
  app.use(
    bodyLimit({
      maxSize: largestBody,
      onError: () => {
        throw detailed(413)
      },
    }),
  )
  app.use(authenticate(site))

  for (const routes of [
    pageRoutes,
    sessionRoutes,
    passwordResetRoutes,
    registrationRoutes,
    linkRoutes,
    accountsRoutes,
    accountChangesRoutes,
    operatorRoutes,
    profileImageRoutes,
    retirementRoutes,
    partnerReportRoutes,
    preferencesRoutes,
    serverListsRoutes,
    neighbourRoutes,
    // Last: it takes any word behind `accounts/` for a username.
    accountRoutes,
  ]) {
    routes(app, site)
  }
  return app
}
