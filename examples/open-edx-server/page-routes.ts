import type { Context } from 'hono'
import { html } from 'hono/html'
import { readForm } from './bodies.ts'
import { type App, type Env, route, usernameIn } from './http.ts'
import { findByPassword, logIn } from './log-in.ts'
import { page } from './page.ts'
import type { Site } from './site.ts'

/** The pages for browsers: the start, the log-in, and the addresses that lead on to the stock pages. */
export function pageRoutes(app: App, site: Site): void {
  route(app, '/', 'everyone', { GET: (c) => c.html(startPage(c, site)) })

  route(app, '/login', 'everyone', {
    GET(c) {
      const next = targetOf(site, c.req.query('next'))
      if (c.get('requester').person !== undefined) return c.redirect(next ?? '/')
      return c.html(logInPage(next, activationTexts[c.req.query('account_activation_status') ?? '']))
    },
    async POST(c) {
      const { email_or_username = '', password = '', next } = await readForm(c)
      const target = targetOf(site, next)
      const person = await findByPassword(site, email_or_username, password)
      if (person === undefined) return c.html(logInPage(target, 'This name or password is not right.'), 400)
      await logIn(c, site, person)
      return c.redirect(target ?? '/', 303)
    },
  })

  const leadOn = (path: string, target: (c: Context<Env>) => string) =>
    route(app, path, 'everyone', {
      GET(c) {
        if (c.get('requester').person !== undefined) return c.redirect(target(c))
        const page = new URL(site.logInPage)
        page.searchParams.set('next', new URL(c.req.url).pathname)
        return c.redirect(page.href)
      },
    })
  leadOn('/account/settings', () => site.accountPage)
  leadOn('/dashboard', () => site.dashboard)
  leadOn('/u/:username', (c) => new URL(`u/${encodeURIComponent(usernameIn(c))}`, site.profilePage).href)
}

const activationTexts: Readonly<Record<string, string>> = {
  success: 'Your address is confirmed. Log in.',
  info: 'Your address was confirmed before. Log in.',
  error: 'This link is no good. Log in to get another one.',
}

/** Tells where logging in or out may lead: here, or to one of the stock pages. Others could pass for this site. */
export function targetOf({ url, pages }: Site, next: string | undefined): string | undefined {
  if (next === undefined || !URL.canParse(next, url)) return undefined
  const target = new URL(next, url)
  return [new URL(url).origin, ...pages].includes(target.origin) ? target.href : undefined
}

function startPage(c: Context<Env>, site: Site) {
  const { person } = c.get('requester')
  return page(
    'Open edX, over usercore',
    html`<p>The HTTP surface of the <code>user_api</code> of Open edX.</p>
      <p>${
        person === undefined
          ? html`You are not logged in: <a href="/login">log in</a>.`
          : html`You are logged in as ${person.username}: <a href="/account/settings">account</a>,
            <a href="/u/${person.username}">profile</a>, <a href="/logout">log out</a>.`
      }</p>
      <p>The account and profile pages run beside it: ${site.accountPage} and ${site.profilePage}.</p>
      ${site.people.length === 0 ? '' : html`<p>Who can log in:</p>`}
      <ul>${site.people.map(({ username, password, role }) => html`<li>${username} (${role}), password ${password}</li>`)}</ul>`,
  )
}

function logInPage(next: string | undefined, text: string | undefined) {
  return page(
    'Log in',
    html`${text === undefined ? '' : html`<p role="alert">${text}</p>`}
      <form method="post" action="/login">
        ${next === undefined ? '' : html`<input name="next" type="hidden" value="${next}">`}
        <p><label>Username or e-mail <input name="email_or_username" autocomplete="username" required></label></p>
        <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
        <button>Log in</button>
      </form>`,
  )
}
