import type { Kysely, Transaction } from 'kysely'
import type { Credentials, Person } from 'usercore'
import { identifierKey } from 'usercore/rules'
import type { Tables } from './database.ts'
import { hashPassword, isPassword } from './passwords.ts'

/** A person with an account here. */
export interface SitePerson {
  readonly id: number
  readonly username: string
  readonly email: string
  readonly name: string
  readonly is_active: boolean
  /** The person as an actor of usercore. Flags come from our table, never from a request. */
  readonly actor: Person
  readonly generation: number
}

/** The rights of a person. */
export type Grants = Pick<Person, 'staff' | 'superuser' | 'permissions'>

/**
 * Finds a person by id, or by the username or address typed to log in. Finds none where one person's username is the
 * address of another. One statement.
 */
export async function findPerson(
  db: Kysely<Tables>,
  by: { readonly id: number } | { readonly login: string },
): Promise<SitePerson | undefined> {
  const key = 'login' in by ? identifierKey(by.login) : ''
  const [row, more] = await db
    .selectFrom('usercore_users as users')
    .leftJoin('usercore_profiles as profiles', 'profiles.user_id', 'users.id')
    .leftJoin('site_people as people', 'people.user_id', 'users.id')
    .select([
      'users.id',
      'username',
      'email',
      'is_active',
      'name',
      'is_staff',
      'is_superuser',
      'permissions',
      'generation',
    ])
    .where((eb) => ('id' in by ? eb('users.id', '=', by.id) : eb.or({ username_key: key, email_key: key })))
    .execute()
  if (row === undefined || more !== undefined) return undefined
  const { id, username, email, name, is_active, is_staff, is_superuser, permissions, generation } = row
  return {
    id,
    username,
    email,
    name: name ?? '',
    is_active: is_active === 1,
    // By id, as sessions have it; with the username, by which settings name the workers of Open edX.
    actor: {
      id,
      username,
      staff: is_staff === 1,
      superuser: is_superuser === 1,
      permissions: JSON.parse(permissions ?? '[]'),
    },
    generation: generation ?? 1,
  }
}

/** Grants a person flags and permissions; what is left out stays. */
export async function grant(db: Kysely<Tables>, user_id: number, grants: Grants): Promise<void> {
  const { staff, superuser, permissions } = grants
  const set = {
    ...(staff === undefined ? {} : { is_staff: Number(staff) }),
    ...(superuser === undefined ? {} : { is_superuser: Number(superuser) }),
    ...(permissions === undefined ? {} : { permissions: JSON.stringify(permissions) }),
  }
  await upsert(db, user_id, set)
}

/** The passwords of this site, as usercore asks for them. */
export function siteCredentials(db: Kysely<Tables>): Credentials<Transaction<Tables>> {
  return {
    async verify({ id }, password) {
      const row = await db
        .selectFrom('site_people')
        .select('password_hash')
        .where('user_id', '=', Number(id))
        .executeTakeFirst()
      return isPassword(password, row?.password_hash)
    },
    async set({ id }, password, transaction) {
      const password_hash = await hashPassword(password)
      await endLogIns(transaction, Number(id))
      await upsert(transaction, Number(id), { password_hash })
    },
    async disable({ id }, transaction) {
      await endLogIns(transaction, Number(id))
      await transaction.deleteFrom('site_mails').where('user_id', '=', Number(id)).execute()
      await upsert(transaction, Number(id), { password_hash: null })
    },
  }
}

/** Ends whatever lets a person in: sessions, tokens, links to another password, and what was signed for this generation. */
async function endLogIns(transaction: Transaction<Tables>, user_id: number): Promise<void> {
  await transaction
    .updateTable('site_people')
    .set((eb) => ({ generation: eb('generation', '+', 1) }))
    .where('user_id', '=', user_id)
    .execute()
  for (const table of ['site_tokens', 'site_password_resets'] as const)
    await transaction.deleteFrom(table).where('user_id', '=', user_id).execute()
}

/** Tells whether a person can log in with a password: not after a lock-out. */
export async function hasPassword(db: Kysely<Tables>, user_id: number): Promise<boolean> {
  const rows = db.selectFrom('site_people').select('user_id').where('user_id', '=', user_id)
  return (await rows.where('password_hash', 'is not', null).executeTakeFirst()) !== undefined
}

async function upsert(
  db: Kysely<Tables>,
  user_id: number,
  set: Partial<Omit<Tables['site_people'], 'user_id' | 'generation'>>,
): Promise<void> {
  const row = { is_staff: 0, is_superuser: 0, permissions: '[]', password_hash: null, generation: 1, ...set, user_id }
  await db
    .insertInto('site_people')
    .values(row)
    .onConflict((conflict) =>
      Object.keys(set).length === 0 ? conflict.doNothing() : conflict.column('user_id').doUpdateSet(set),
    )
    .execute()
}
