import { type NewAccount, system } from 'usercore'
import { type Grants, grant } from './people.ts'
import { retirementWorker, type Site } from './site.ts'
import { createToken, hashToken } from './tokens.ts'

/** Creates an active account with a password and rights. Returns its id. */
export async function addPerson({ db, users }: Site, account: NewAccount, grants: Grants = {}): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const { id } = await users.with(transaction).accounts.create(system, account, { active: true })
    await grant(transaction, Number(id), grants)
    return Number(id)
  })
}

/** The id and the secret by which a program gets a token (OAuth 2, client credentials). */
export interface Client {
  readonly client_id: string
  readonly client_secret: string
}

/** Adds the account that the programs of Open edX drive retirements with, and their client. */
export async function addRetirementWorker(site: Site, client: Client): Promise<void> {
  const account = { username: retirementWorker, email: 'retirement@example.com', name: 'Retirement' }
  // Its programs move retirements back by force, too.
  await addClient(site, client, await addPerson(site, account, { permissions: ['force_retirement'] }))
}

/** Lets a program get tokens for an account. */
export async function addClient({ db }: Site, { client_id, client_secret }: Client, user_id: number): Promise<void> {
  await db
    .insertInto('site_clients')
    .values({ client_id, secret_hash: hashToken(client_secret), user_id })
    .execute()
}

/** Lets a person be asked for by a token that stands in the README: for a server that only this machine can reach. */
export async function addDemoToken(site: Site, user_id: number, token: string): Promise<void> {
  await createToken(site, 'access', user_id, token)
}

/** Enrols a person in courses. */
export async function enroll({ db }: Site, user_id: number, course_ids: readonly string[]): Promise<void> {
  const rows = course_ids.map((course_id) => ({ user_id, course_id, is_active: 1 }))
  await db.insertInto('site_enrollments').values(rows).execute()
}
