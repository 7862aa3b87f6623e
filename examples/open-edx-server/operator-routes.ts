import type { Context } from 'hono'
import { type AccountModification, isUserCoreError, type NewAccount, system } from 'usercore'
import { isForm, readMembers } from './bodies.ts'
import { detailed, refusal } from './errors.ts'
import { type App, route } from './http.ts'
import { findPerson, type Grants, grant } from './people.ts'
import type { Site } from './site.ts'

const profileMembers = ['name', 'year_of_birth', 'gender', 'level_of_education', 'country']
const flags = ['is_active', 'is_staff', 'is_superuser']
const members = ['email', 'password', 'username', ...flags, ...profileMembers]
const onlySuperusers = 'Superusers alone may do this.'

/** The texts by which forms say yes and no. Source: `BooleanField` of Django REST framework. */
const booleans = new Map(
  [
    { texts: ['t', 'y', 'yes', 'true', 'on', '1'], value: true },
    { texts: ['f', 'n', 'no', 'false', 'off', '0'], value: false },
  ].flatMap(({ texts, value }) => texts.map((text) => [text, value] as const)),
)

/** Accounts that operators make and change. Account and flags are saved together. */
export function operatorRoutes(app: App, { db, users }: Site): void {
  route(app, '/api/user/v1/modify/', 'logged in', {
    async POST(c) {
      const given = readRequest(c.get('requester').person?.actor, await readFlags(c))
      const missing = ['username', 'email'].filter((name) => given[name] === undefined)
      if (missing.length > 0) throw refuseFields(missing, 'This cannot be empty.')
      const { name = given.username, ...profile } = pick(given, profileMembers)
      const account = { ...pick(given, ['username', 'email', 'password']), name, profile } as unknown as NewAccount
      const created = await refusingFields(() =>
        db.transaction().execute(async (transaction) => {
          const { accounts } = users.with(transaction)
          const { id } = await accounts.create(system, account, { active: given.is_active !== false })
          await grant(transaction, Number(id), flagsOf(given))
          return { user_id: id, username: account.username }
        }),
      )
      return c.json(created, 201)
    },

    async PATCH(c) {
      const { username_or_email, ...changes } = await readFlags(c)
      const { actor } = c.get('requester').person ?? {}
      const given = readRequest(actor, changes)
      const login = typeof username_or_email === 'string' ? username_or_email.trim() : ''
      if (login === '') throw refuseFields(['username_or_email'], 'This cannot be empty.')
      if ('username' in given) throw refuseFields(['username'], 'The field username cannot be changed.')
      const person = await findPerson(db, { login })
      if (person === undefined) throw refusal(404, { error: ['There is no person of that name or address.'] })
      // Changing the account of a superuser would be a way to more rights.
      if (person.actor.superuser === true && actor?.superuser !== true) throw refusal(403, { error: [onlySuperusers] })
      const profile = pick(given, profileMembers)
      const modification: AccountModification = { ...pick(given, ['email', 'password', 'is_active']), profile }
      await refusingFields(() =>
        db.transaction().execute(async (transaction) => {
          await users.with(transaction).accounts.updateAsOperator(system, person.username, modification)
          await grant(transaction, person.id, flagsOf(given))
        }),
      )
      return c.json({ user_id: person.id, username: person.username })
    },
  })
}

/** The members of a body. Forms have texts in the place of booleans. */
async function readFlags(c: Context): Promise<Record<string, unknown>> {
  const body = await readMembers(c)
  if (!isForm(c)) return body
  const read = (name: string, value: unknown) =>
    flags.includes(name) ? (booleans.get(String(value).trim().toLowerCase()) ?? value) : value
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, read(name, value)]))
}

/** The right that is needed, and the members: blanks, `''` and null are no values here. */
function readRequest(actor: Grants | undefined, body: Record<string, unknown>): Record<string, unknown> {
  if (actor?.staff !== true) throw detailed(403)
  if (body.is_superuser === true && actor.superuser !== true)
    throw refusal(403, { error: { is_superuser: [onlySuperusers] } })
  const unknown = Object.keys(body).filter((name) => !members.includes(name))
  if (unknown.length > 0) throw refuseFields(unknown, 'This field does not exist.')
  const empty = Object.keys(body).filter((name) => String(body[name] ?? '').trim() === '')
  if (empty.length > 0) throw refuseFields(empty, 'This cannot be empty.')
  const wrong = flags.filter((name) => !isFlag(body[name]))
  if (wrong.length > 0) throw refuseFields(wrong, 'This value is not valid.')
  return body
}

const isFlag = (value: unknown) => value === undefined || typeof value === 'boolean'

function flagsOf({ is_staff, is_superuser }: Record<string, unknown>): Grants {
  return {
    ...(typeof is_staff === 'boolean' ? { staff: is_staff } : {}),
    ...(typeof is_superuser === 'boolean' ? { superuser: is_superuser } : {}),
  }
}

function pick(body: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)))
}

function refuseFields(names: readonly string[], text: string) {
  return refusal(400, { error: Object.fromEntries(names.map((name) => [name, [text]])) })
}

/** Tells field errors as this endpoint does; a person who is retired or retiring is not found. */
async function refusingFields<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isUserCoreError(error)) throw error
    const isSealed = isUserCoreError(error, 'not_authorized') && error.params.reason === 'sealed'
    if (isSealed || error.code === 'user_not_found')
      throw refusal(404, { error: ['There is no person of that name or address.'] })
    if (error.code !== 'account_validation_error') throw error
    const fields = Object.entries(error.field_errors).map(([field, { user_message }]) => [field, [user_message]])
    throw refusal(400, { error: Object.fromEntries(fields) })
  }
}
