/**
 * Beside better-auth, on the same database: better-auth owns passwords and sessions, usercore owns the account.
 *
 * They meet in four places, all below: a sign-up has to be an account that usercore would take; it makes that account;
 * a session names the actor; and a person who is locked out loses password and sessions. Name and address in the tables of
 * better-auth are those of the sign-up; what counts for the site is the account.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { APIError, betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import Database from 'better-sqlite3'
import express, { type Request } from 'express'
import { Kysely, SqliteDialect } from 'kysely'
import { type Actor, anonymous, createUserCore, errorStatus, isUserCoreError, system } from 'usercore'
import { keptStatements, kyselyRepository, migrate } from 'usercore/kysely'

/** The tables of better-auth, as far as this site touches them. */
interface AuthTables {
  user: { id: string; name: string; email: string; username: string; usercoreId: number | null }
  account: { userId: string; password: string | null }
  session: { userId: string }
}

const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
const file = join(folder, 'site.sqlite')
const db = new Kysely<AuthTables>({ dialect: new SqliteDialect({ database: keptStatements(new Database(file)) }) })
await migrate(db, { dialect: 'sqlite' })

const users = createUserCore({
  repository: kyselyRepository(db, { dialect: 'sqlite' }),
  // People log in by the address that better-auth has, so it must not change here alone.
  settings: { allow_email_address_change: false },
  credentials: {
    verify: async () => Promise.reject(new Error('better-auth asks for passwords')),
    set: async () => Promise.reject(new Error('better-auth sets passwords')),
    /** Runs in the transaction that locks a person out or retires them. */
    async disable({ id }, trx) {
      const { id: userId } = await trx
        .selectFrom('user')
        .select('id')
        .where('usercoreId', '=', Number(id))
        .executeTakeFirstOrThrow()
      await trx.updateTable('account').set({ password: null }).where('userId', '=', userId).execute()
      await trx.deleteFrom('session').where('userId', '=', userId).execute()
    },
  },
})

const app = express()
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const auth = betterAuth({
  baseURL: origin,
  secret: 'an example has no secrets, but yours is one',
  // A connection of its own: better-auth signs people up in a transaction, in which no other connection can take part.
  database: new Database(file),
  // A real site asks for the confirmation of addresses too, and refuses to reset a password that `disable` has removed.
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  user: {
    additionalFields: {
      username: { type: 'string', required: true, unique: true },
      /** The id of the account in usercore; null until there is one. */
      usercoreId: { type: 'number', required: false, input: false },
    },
  },
  databaseHooks: {
    user: {
      create: {
        before: async ({ name, email, username }) => {
          const decisions = await users.accounts.validate({ name, email, username: String(username) })
          const refused = Object.keys(decisions).filter((field) => !decisions[field]?.valid)
          if (refused.length > 0) throw new APIError('BAD_REQUEST', { code: 'ACCOUNT_REFUSED', fields: refused })
        },
        after: async ({ id }) => void (await ensureAccount(id)),
      },
    },
  },
})
await (await getMigrations(auth.options)).runMigrations()

/** Makes the account of a person who signed up, once, and returns its id: account and link are stored together. */
async function ensureAccount(authId: string): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const { username, email, name, usercoreId } = await trx
      .selectFrom('user')
      .select(['username', 'email', 'name', 'usercoreId'])
      .where('id', '=', authId)
      .executeTakeFirstOrThrow()
    if (usercoreId !== null) return usercoreId
    const { id } = await users.with(trx).accounts.create(system, { username, email, name }, { active: true })
    await trx
      .updateTable('user')
      .set({ usercoreId: Number(id) })
      .where('id', '=', authId)
      .execute()
    return Number(id)
  })
}

/** Returns the actor by the session of better-auth. */
async function actorOf(request: Request): Promise<Actor> {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
  if (session === null) return anonymous
  // The process ended between sign-up and account: make up for it.
  return { id: session.user.usercoreId ?? (await ensureAccount(session.user.id)) }
}

app.all('/api/auth/*splat', toNodeHandler(auth))
app.use(express.json())
app.get('/me', async (request, response) => {
  const actor = await actorOf(request)
  const account = await users.accounts.get(actor, await users.accounts.me(actor))
  response.json(account)
})
app.patch('/me', async (request, response) => {
  const actor = await actorOf(request)
  const { account } = await users.accounts.update(actor, await users.accounts.me(actor), request.body)
  response.json(account)
})
app.use(((error, _request, response, next) => {
  if (!isUserCoreError(error)) return next(error)
  const { code, message, params, issues, field_errors } = error
  response.status(errorStatus(error)).json({ code, message, params, issues, field_errors })
}) satisfies express.ErrorRequestHandler)

const credentials = { email: 'ada@example.com', password: 'a long enough password' }
const person = { ...credentials, name: 'Ada Lovelace', username: 'ada' }

await call('A sign-up that usercore refuses', 400, 'POST', '/api/auth/sign-up/email', { ...person, username: 'a' })
await call('A sign-up makes an account', 200, 'POST', '/api/auth/sign-up/email', person)
await call('No person is logged in', 401, 'GET', '/me')
const { headers } = await call('Ada logs in', 200, 'POST', '/api/auth/sign-in/email', credentials)
const cookie = headers
  .getSetCookie()
  .map((line) => line.split(';')[0])
  .join('; ')
const { body: me } = await call('Her session says who asks', 200, 'GET', '/me', undefined, cookie)
assert.deepEqual([me.username, me.email], ['ada', 'ada@example.com'])
await call('She changes her profile', 200, 'PATCH', '/me', { bio: 'I write notes on engines.' }, cookie)
await call('… and is told what is wrong', 400, 'PATCH', '/me', { country: 'XY' }, cookie)

await users.accounts.disableLogIn(system, 'ada')
await call('She is locked out: her session is gone', 401, 'GET', '/me', undefined, cookie)
await call('… and so is her password', 401, 'POST', '/api/auth/sign-in/email', credentials)

server.close()
await db.destroy()
rmSync(folder, { recursive: true })

/** Sends a request, prints it with its response, and throws at another status than the one expected. */
async function call(title: string, status: number, method: string, path: string, body?: object, cookie = '') {
  const response = await fetch(origin + path, {
    method,
    headers: { 'content-type': 'application/json', origin, cookie },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const text = await response.text()
  console.log(`\n— ${title}\n${method} ${path}\n  ${response.status} ${text}`)
  assert.equal(response.status, status)
  return { headers: response.headers, body: JSON.parse(text) as Record<string, unknown> }
}
