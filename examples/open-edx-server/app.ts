import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { accountChangesRoutes } from './account-changes-routes.ts'
import { accountRoutes, accountsRoutes } from './accounts-routes.ts'
import { authenticate } from './authentication.ts'
import { answer, detailed } from './errors.ts'
import type { App, Env } from './http.ts'
import { linkRoutes } from './link-routes.ts'
import { neighbourRoutes } from './neighbour-routes.ts'
import { operatorRoutes } from './operator-routes.ts'
import { partnerReportRoutes } from './partner-report-routes.ts'
import { preferencesRoutes } from './preferences-routes.ts'
import { profileImageRoutes } from './profile-image-routes.ts'
import { registrationRoutes } from './registration-routes.ts'
import { retirementRoutes } from './retirement-routes.ts'
import { serverListsRoutes } from './server-lists-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import type { Site } from './site.ts'

/** A picture has 1 MB at most; a form puts a little around it. */
const largestBody = 1_200_000

/** The HTTP surface of a site: every route, and what is true of all of them. */
export function createApp(site: Site): App {
  const app = new Hono<Env>()
  app.onError((error) => answer(error, site.onFailure))
  app.notFound(() => detailed(404).getResponse())
  app.use(
    cors({
      origin: [...site.pages],
      credentials: true,
      allowHeaders: ['content-type', 'use-jwt-cookie', 'x-csrftoken', 'x-requested-with', 'authorization'],
      allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    }),
  )
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
    sessionRoutes,
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
