import type { AccountRecord } from '../port/account-record.ts'
import type { AccountSelector } from '../port/repository.ts'
import type { UserId, UserRow } from '../port/tables.ts'
import { type Actor, isStaff, personOf } from '../site/actor.ts'
import type { UserRef } from '../site/host.ts'
import { looksRetired } from '../site/retired-formats.ts'
import { nameOf, type Whom } from '../site/whom.ts'
import { requireUserId } from '../values/arguments.ts'
import { UserCoreError } from '../values/errors.ts'
import { identifierKey, isSameIdentifier } from '../values/text.ts'
import type { Core } from './core.ts'
import type { LoadedPerson } from './permit.ts'

/** Throws `bad_request` unless the ids among people are of the type of the site. */
export function requireIds({ repository }: Core, whom: readonly Whom[]): void {
  for (const element of whom) {
    const name = nameOf(element)
    if ('id' in name) requireUserId(name.id, repository.idType, 'whom')
  }
}

/** Selects accounts by username. */
function byUsernames(usernames: readonly string[]): AccountSelector {
  return { username_keys: [...new Set(usernames.map(identifierKey))], usernames }
}

/** Selects an account by id or username. Throws `bad_request` for an invalid id. */
export function byWhom({ repository }: Core, whom: Whom): AccountSelector {
  const name = nameOf(whom)
  return 'id' in name ? { ids: [requireUserId(name.id, repository.idType, 'whom')] } : byUsernames([name.username])
}

/**
 * Tells whether a call finds a person whom it names: an id finds no more than the username did, which erasure took away,
 * so that an old session does not fill an erased account again. To staff and trusted code who read, as `reader`, ids of
 * erased people are known.
 */
export function isFound({ repository, settings }: Core, whom: Whom, user: UserRow, reader?: Actor): boolean {
  if ('username' in nameOf(whom) || repository.usernames === 'ids') return true
  return !looksRetired(user.username, settings) || (reader !== undefined && isStaff(reader))
}

/** Loads one account; `reader` as for `isFound`. Throws `user_not_found`. */
export async function loadAccount(core: Core, whom: Whom, reader?: Actor): Promise<AccountRecord> {
  const [record] = await core.repository.findAccounts(byWhom(core, whom))
  if (record === undefined || !isFound(core, whom, record.user, reader)) throw new UserCoreError('user_not_found')
  return record
}

/**
 * Loads accounts as a Map whose keys are the elements that were asked, in the order asked; unknown people are left out.
 * `reader` as for `isFound`.
 */
export async function loadAccounts<W extends Whom>(
  core: Core,
  whom: readonly W[],
  reader?: Actor,
): Promise<Map<W, AccountRecord>> {
  return loadMany(core, whom, (by) => core.repository.findAccounts(by), reader)
}

/**
 * Loads records of people as a Map whose keys are the elements that were asked, in the order asked; unknown people are
 * left out. Calls `load` once for the people who are named by username, and once for those who are named by id.
 */
export async function loadMany<W extends Whom, Found extends { readonly user: UserRow }>(
  core: Core,
  whom: readonly W[],
  load: (by: AccountSelector) => Promise<readonly Found[]>,
  reader?: Actor,
): Promise<Map<W, Found>> {
  const { repository } = core
  const usernames: string[] = []
  const ids = new Set<UserId>()
  const idOf = (id: UserId) => requireUserId(id, repository.idType, 'whom')
  for (const element of whom) {
    const name = nameOf(element)
    if ('id' in name) ids.add(idOf(name.id))
    else usernames.push(name.username)
  }
  const byKey = new Map<string, Found>()
  if (usernames.length > 0) {
    for (const found of await load(byUsernames(usernames))) byKey.set(found.user.username_key, found)
  }
  const byId = new Map<UserId, Found>()
  if (ids.size > 0) {
    for (const found of await load({ ids: [...ids] })) byId.set(found.user.id, found)
  }
  const result = new Map<W, Found>()
  for (const element of whom) {
    const name = nameOf(element)
    const found = 'id' in name ? byId.get(idOf(name.id)) : byKey.get(identifierKey(name.username))
    if (found !== undefined && isFound(core, name, found.user, reader)) result.set(element, found)
  }
  return result
}

/** Returns the row of a person; `undefined` where there is none. One small statement for an id. */
export async function findUser(core: Core, whom: Whom): Promise<UserRow | undefined> {
  const by = byWhom(core, whom)
  if ('ids' in by) return (await core.repository.select('users', { id: by.ids }))[0]
  return (await core.repository.findAccounts(by))[0]?.user
}

/** Returns a person with their retirement; `undefined` where there is none. One statement. */
export async function findPerson(core: Core, whom: Whom): Promise<LoadedPerson | undefined> {
  return (await core.repository.findPreferences({ by: byWhom(core, whom), keys: [], counted: false }))[0]
}

/** Returns the id of the actor; null for code, and for a person without an account here. */
export async function idOfActor(core: Core, actor: Actor): Promise<UserId | null> {
  const person = personOf(actor)
  return person === undefined ? null : ((await findUser(core, person.whom))?.id ?? null)
}

/**
 * Throws `not_authenticated` unless the id and the username of an actor who has both belong to one person. Returns no
 * promise where there is nothing to ask.
 */
export function requireOnePerson(core: Core, actor: Actor): Promise<void> | undefined {
  const { id, username } = personOf(actor) ?? {}
  return id === undefined || username === undefined ? undefined : requireBoth(core, id, username)
}

async function requireBoth(core: Core, id: UserId, username: string): Promise<void> {
  const user = await findUser(core, { id })
  const isOne = user !== undefined && isSameIdentifier(username, user.username)
  if (!isOne)
    throw new UserCoreError('not_authenticated', {
      detail: 'the id and the username of the actor are not those of one person',
    })
}

/** Returns a person in the form that hooks get. */
export function userRef(user: UserRow): UserRef {
  return { id: user.id, username: user.username }
}
