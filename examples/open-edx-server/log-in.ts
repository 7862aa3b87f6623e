import type { Context } from 'hono'
import { system } from 'usercore'
import { setJwtCookies, setSessionCookie } from './cookies.ts'
import { isPassword } from './passwords.ts'
import { findPerson, type SitePerson } from './people.ts'
import type { Site } from './site.ts'
import { createToken } from './tokens.ts'

/** Finds the person of a username or address and a password. An unknown person costs as much time as a wrong password. */
export async function findByPassword(site: Site, login: string, password: string): Promise<SitePerson | undefined> {
  const person = await findPerson(site.db, { login })
  const isRight = await (person === undefined
    ? isPassword(password, undefined)
    : site.users.accounts.checkPassword(system, person.username, password))
  return isRight ? person : undefined
}

/** Logs a person in: stores when, and gives the browser a session and the cookie pair. */
export async function logIn(c: Context, site: Site, person: SitePerson): Promise<void> {
  const last_login = site.clock().toISOString().replace('Z', '000Z')
  await site.db.updateTable('usercore_users').set({ last_login }).where('id', '=', person.id).execute()
  setSessionCookie(c, site, await createToken(site, 'session', person.id))
  await setJwtCookies(c, site, person)
}
