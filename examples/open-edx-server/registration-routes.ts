import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { anonymous, isUserCoreError, type RegistrationValues } from 'usercore'
import { readForm, readMembers } from './bodies.ts'
import { setJwtCookies, setSessionCookie } from './cookies.ts'
import { detailed, refusal } from './errors.ts'
import { type App, route } from './http.ts'
import { findPerson } from './people.ts'
import type { Site } from './site.ts'
import { createToken } from './tokens.ts'

const week = 604_800_000

/** Registration: its form, what the form asks while it is filled in, and the new account. */
export function registrationRoutes(app: App, site: Site): void {
  const { users } = site
  for (const prefix of ['/user_api/v1', '/api/user/v1']) {
    route(app, `${prefix}/account/registration/`, 'anybody', {
      GET: (c) => c.json({ method: 'post', submit_url: `${prefix}/account/registration/`, fields: formFields(site) }),

      async POST(c) {
        const { username = '', email = '', name = '', password = '', country = '', ...others } = await readForm(c)
        const named = Object.entries(others).filter(([field]) => users.settings.extended_profile_fields.includes(field))
        try {
          const { id } = await users.accounts.create(anonymous, {
            username,
            email,
            name,
            password,
            profile: { country, extended_profile: Object.fromEntries(named) },
          })
          const person = await findPerson(site.db, { id: Number(id) })
          if (person === undefined) throw detailed(500)
          setSessionCookie(c, site, await createToken(site, 'session', person.id))
          await setJwtCookies(c, site, person)
          return c.json({ success: true })
        } catch (error) {
          if (!isUserCoreError(error) || error.code !== 'account_validation_error') throw error
          const fields = Object.entries(error.field_errors)
          const isTaken = fields.some(([, { code }]) => code === 'conflict')
          const body = Object.fromEntries(fields.map(([field, { user_message }]) => [field, [{ user_message }]]))
          throw refusal(isTaken ? 409 : 400, body)
        }
      },
    })
  }

  const limit = requestLimit(site, site.validationLimit, week)
  route(app, '/api/user/v1/validation/registration/', 'anybody', {
    async POST(c) {
      if (!limit(addressOf(c))) throw detailed(403)
      const decisions = await users.accounts.validate((await readMembers(c)) as RegistrationValues)
      const text = Object.entries(decisions).map(([field, decision]) => [
        field,
        decision.valid ? '' : decision.user_message,
      ])
      return c.json({ validation_decisions: Object.fromEntries(text) })
    },
  })
}

/** What the stock pages read of it: the country that can be chosen. */
function formFields({ users }: Site) {
  const countries = new Intl.DisplayNames('en', { type: 'region' })
  const { settings } = users
  const plain = (name: string, label: string, type: string, required = true) => ({ name, label, type, required })
  return [
    plain('email', 'E-mail', 'email'),
    plain('name', 'Full name', 'text'),
    plain('username', 'Public username', 'text'),
    plain('password', 'Password', 'password'),
    {
      ...plain('country', 'Country', 'select'),
      options: settings.countries
        .filter((code) => !settings.restricted_countries.includes(code))
        .map((value) => ({ value, name: countries.of(value) })),
    },
    ...settings.extended_profile_fields.map((name) => plain(name, name, 'text', false)),
  ]
}

/** Tells whether an address may ask once more; counts in memory, as one process may. */
function requestLimit({ clock }: Site, most: number, period: number): (address: string) => boolean {
  const asked = new Map<string, { count: number; until: number }>()
  return (address) => {
    const now = clock().getTime()
    for (const [other, { until }] of asked) if (until <= now) asked.delete(other)
    const { count, until } = asked.get(address) ?? { count: 0, until: now + period }
    asked.set(address, { count: count + 1, until })
    return count < most
  }
}

function addressOf(c: Context): string {
  return getConnInfo(c).remote.address ?? ''
}
