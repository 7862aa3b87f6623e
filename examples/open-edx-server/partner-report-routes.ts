import { isObject, readData, readMembers } from './bodies.ts'
import { refusingInText } from './errors.ts'
import { type App, actorOf, route } from './http.ts'
import { requireUsername, requireWorker } from './retirement-routes.ts'
import type { Site } from './site.ts'

/** Reports to partners the people whom they have to forget. */
export function partnerReportRoutes(app: App, site: Site): void {
  const { retirement } = site.users
  const { partnerReports } = retirement

  route(app, '/api/user/v1/accounts/retirement_partner_report/', 'logged in', {
    PUT: refusingInText(async (c) => {
      requireWorker(c, site)
      await retirement.runStep(actorOf(c), requireUsername((await readMembers(c)).username), 'partner_report')
      return c.body(null, 204)
    }),
    // A report that is not finished within a day is given out again, so that a lost response holds up none.
    POST: refusingInText(async (c) => {
      requireWorker(c, site)
      const { reports } = await partnerReports.take(actorOf(c))
      return c.json(reports)
    }),
  })

  route(app, '/api/user/v1/accounts/retirement_partner_report_cleanup/', 'logged in', {
    POST: refusingInText(async (c) => {
      requireWorker(c, site)
      const reports = await readData(c)
      const names = Array.isArray(reports) ? reports.map((report) => isObject(report) && report.original_username) : []
      await partnerReports.finish(actorOf(c), names as string[])
      return c.body(null, 204)
    }),
  })
}
