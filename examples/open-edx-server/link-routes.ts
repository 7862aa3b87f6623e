import type { Context } from 'hono'
import { html } from 'hono/html'
import { isUserCoreError } from 'usercore'
import { type App, actorOf, type Env, route } from './http.ts'
import { page } from './page.ts'
import type { Site } from './site.ts'

/** Handles the links of mails. They need no log-in: their key is the proof, and works once. */
export function linkRoutes(app: App, site: Site): void {
  const { accounts } = site.users

  route(app, '/activate/:key', 'everyone', {
    async GET(c) {
      const status = await accounts.activate(actorOf(c), keyIn(c)).then(
        ({ outcome }) => (outcome === 'activated' ? 'success' : 'info'),
        (error) => {
          if (isUserCoreError(error) && ['not_found', 'not_authorized'].includes(error.code)) return 'error'
          throw error
        },
      )
      if (c.get('requester').person !== undefined) return c.redirect(site.dashboard)
      const page = new URL(site.logInPage)
      page.searchParams.set('account_activation_status', status)
      const next = c.req.query('next')
      if (next !== undefined && isSafe(next)) page.searchParams.set('next', next)
      return c.redirect(page.href)
    },
  })

  const confirmation = (path: string, confirm: (key: string) => Promise<void>) => {
    const handler = async (c: Context<Env>) => {
      const text = await confirm(keyIn(c)).then(
        () => 'Your e-mail address is confirmed.',
        (error) => {
          if (!isUserCoreError(error)) throw error
          if (error.code === 'not_found') return 'This link is used up, too old, or no link at all.'
          if (error.code === 'conflict') return 'This e-mail address belongs to another account now.'
          throw error
        },
      )
      return c.html(page('E-mail address', html`<p>${text}</p>`))
    }
    route(app, path, 'everyone', { GET: handler, POST: handler, PUT: handler, PATCH: handler, DELETE: handler })
  }
  confirmation('/email_confirm/:key', accounts.confirmEmailChange)
  confirmation('/activate_secondary_email/:key', accounts.confirmSecondaryEmail)
}

function keyIn(c: Context<Env>): string {
  return c.req.param('key') ?? ''
}

/** Tells whether a target is on this site, so that a link that looks like ours leads to no other. */
function isSafe(next: string): boolean {
  return /^\/(?![/\\])/.test(next) && !/\p{Cc}/u.test(next)
}
