import { randomBytes } from 'node:crypto'
import { html } from 'hono/html'
import { isUserCoreError, system } from 'usercore'
import { identifierKey } from 'usercore/rules'
import { readForm } from './bodies.ts'
import { detailed } from './errors.ts'
import { type App, route } from './http.ts'
import { page } from './page.ts'
import { findPerson, hasPassword } from './people.ts'
import { requestLimit } from './request-limit.ts'
import type { Site } from './site.ts'
import { hashToken } from './tokens.ts'

const hour = 3_600_000

/**
 * Another password for those who forgot theirs, by a link to their address. The link works once, for an hour, and ends
 * with a change of the address or of the password, with a lock-out and with a retirement.
 */
export function passwordResetRoutes(app: App, site: Site): void {
  const limit = requestLimit(site, site.passwordResetLimit, hour)
  route(app, '/password_reset/', 'everyone', {
    async POST(c) {
      if (!limit(c)) throw detailed(403)
      const { email = '' } = await readForm(c)
      // The response is the same for an unknown address.
      await mailLink(site, email)
      return c.json({ success: true })
    },
  })

  route(app, '/password_reset_confirm/:key', 'everyone', {
    GET: (c) => c.html(formPage()),
    async POST(c) {
      const { new_password = '' } = await readForm(c)
      const problem = await resetPassword(site, c.req.param('key') ?? '', new_password)
      if (problem !== undefined) return c.html(formPage(problem), 400)
      return c.html(page('Password', html`<p>Your password is changed. <a href="/login">Log in</a>.</p>`))
    },
  })
}

/** Mails a link to the person of an address, unless the person has no password to forget. */
async function mailLink({ db, clock, url }: Site, address: string): Promise<void> {
  const person = await findPerson(db, { login: address })
  if (person === undefined || identifierKey(person.email) !== identifierKey(address)) return
  if (!(await hasPassword(db, person.id))) return
  const key = randomBytes(32).toString('base64url')
  const { id: user_id, email } = person
  const expires_at = new Date(clock().getTime() + hour).toISOString()
  const mail = { user_id, name: 'password_reset', email, link: `${url}/password_reset_confirm/${key}` }
  await db.transaction().execute(async (transaction) => {
    const reset = { hash: hashToken(key), user_id, email, expires_at }
    await transaction.insertInto('site_password_resets').values(reset).execute()
    await transaction.insertInto('site_mails').values(mail).execute()
  })
}

/** Sets a password by the key of a link. Returns what is wrong, if anything: after a password that is refused the link still works. */
async function resetPassword({ db, users, clock }: Site, key: string, password: string): Promise<string | undefined> {
  try {
    const isReset = await db.transaction().execute(async (transaction) => {
      const reset = await transaction
        .deleteFrom('site_password_resets')
        .where('hash', '=', hashToken(key))
        .where('expires_at', '>', clock().toISOString())
        .returning(['user_id', 'email'])
        .executeTakeFirst()
      const person = reset && (await findPerson(transaction, { id: reset.user_id }))
      if (person === undefined || person.email !== reset?.email) return false
      await users.with(transaction).accounts.updateAsOperator(system, person.username, { password })
      return true
    })
    return isReset ? undefined : 'This link is used up, too old, or no link at all.'
  } catch (error) {
    if (!isUserCoreError(error) || error.code !== 'account_validation_error') throw error
    return error.field_errors.password?.user_message
  }
}

function formPage(problem?: string) {
  return page(
    'Password',
    html`${problem === undefined ? '' : html`<p role="alert">${problem}</p>`}
      <form method="post">
        <label>New password <input name="new_password" type="password" autocomplete="new-password" required></label>
        <button>Change it</button>
      </form>`,
  )
}
