import type { UserId, UserRow } from '../port/tables.ts'
import { badArgument } from '../values/arguments.ts'
import { UserCoreError } from '../values/errors.ts'
import { identifierKey, isSameIdentifier } from '../values/text.ts'
import type { Settings } from './settings.ts'
import type { Whom } from './whom.ts'

/** A right that the host grants to a person beyond their own account. */
export type Permission =
  | 'deactivate_user'
  | 'cancel_retirement'
  | 'request_retirement'
  | 'force_retirement'
  | 'manage_outbox'
  | 'export_data'
  | 'hold_data'

/** The rights of a person. */
export interface PersonRights {
  /** Sees every account in full and may look accounts up by e-mail address. */
  readonly staff?: boolean
  /** Holds every permission and may look accounts up; sees no more of an account than other people do. */
  readonly superuser?: boolean
  /** Rights beyond the own account: a list. Default none. */
  readonly permissions?: readonly Permission[]
}

/**
 * A person whom the host has authenticated, named by id, by username or by both.
 *
 * An id stays with its person. A session that names its person by username alone reaches the person who has that name
 * now, who can be another one after a rename: prefer `{ id }`. When both are given and do not belong together, every
 * operation throws `not_authenticated`. Settings that name a worker by username match only actors who name themselves by
 * username.
 *
 * The library believes the members of the object itself that have the types written here: inherited members, getters of
 * a class among them, give no rights, nor does any other value than `true`.
 */
export type Person = PersonRights &
  (
    | { readonly id: UserId; readonly username?: string }
    | {
        readonly id?: UserId
        /** In any letter case: people are compared as usernames are kept unique. */
        readonly username: string
      }
  )

/** Trusted code of the host. */
export interface System {
  readonly system: true
  /**
   * The name of the code, such as `crm-sync`. It writes a section of its own in extended profiles, `system:<name>`;
   * code without a name writes as the person whose account it is.
   */
  readonly name?: string
}

/**
 * The origin of a call: a person, an anonymous visitor (`anonymous`) or trusted code of the host (`system`).
 *
 * Build it from the session of the host, never from the body of a request.
 */
export type Actor = Person | { readonly anonymous: true } | System

/** The actor of a visitor who is not logged in. */
export const anonymous: Actor = Object.freeze({ anonymous: true })

/** Trusted code without a requesting person: nothing is refused for lack of rights. */
export const system: Actor = Object.freeze({ system: true })

/**
 * A member of the actor object itself. What it inherits counts for nothing: a polluted prototype, or a session object
 * made on top of another one, would make any person trusted code.
 */
function ownMember(actor: unknown, name: string): unknown {
  return typeof actor === 'object' && actor !== null && Object.hasOwn(actor, name)
    ? (actor as Readonly<Record<string, unknown>>)[name]
    : undefined
}

/** Tells whether the actor is trusted code, named or not. */
export function isSystem(actor: Actor): actor is System {
  return ownMember(actor, 'system') === true
}

/** Returns the name of trusted code; `undefined` where it has none. Throws `bad_request` for an invalid name. */
export function systemName(actor: System): string | undefined {
  const name = ownMember(actor, 'name')
  if (name === undefined) return undefined
  if (typeof name !== 'string' || !/^[-_.a-zA-Z0-9]{1,64}$/.test(name))
    throw badArgument('actor', 'named by up to 64 letters, digits and the characters - _ .')
  return name
}

const permissions: ReadonlySet<unknown> = new Set<Permission>([
  'deactivate_user',
  'cancel_retirement',
  'request_retirement',
  'force_retirement',
  'manage_outbox',
  'export_data',
  'hold_data',
])

/** The person behind a call, as the actor object itself names them, with the rights that it gives them. */
export interface ActingPerson extends Required<PersonRights> {
  readonly id: UserId | undefined
  readonly username: string | undefined
  /** The same person as others name them: by id where the actor has one. */
  readonly whom: Whom
}

/** Returns the person behind a call; `undefined` for `anonymous`, trusted code and an actor with neither id nor username. */
export function personOf(actor: Actor): ActingPerson | undefined {
  if (isSystem(actor) || ownMember(actor, 'anonymous') === true) return undefined
  const givenId = ownMember(actor, 'id')
  const givenName = ownMember(actor, 'username')
  const id = typeof givenId === 'number' || (typeof givenId === 'string' && givenId !== '') ? givenId : undefined
  const username = typeof givenName === 'string' && givenName !== '' ? givenName : undefined
  const whom = id === undefined ? username : { id }
  if (whom === undefined) return undefined
  const granted = ownMember(actor, 'permissions')
  return {
    id,
    username,
    whom,
    staff: ownMember(actor, 'staff') === true,
    superuser: ownMember(actor, 'superuser') === true,
    permissions: Array.isArray(granted) ? granted.filter((permission) => permissions.has(permission)) : [],
  }
}

/** Throws `not_authenticated` for an anonymous actor. */
export function requireAuthenticated(actor: Actor): void {
  if (!isSystem(actor) && personOf(actor) === undefined) throw new UserCoreError('not_authenticated')
}

/**
 * Tells whether the actor is the holder of a loaded account: by id where the actor has one, else by username, whose
 * spelling follows the rule by which usernames are unique.
 */
export function isSelf(actor: Actor, account: Pick<UserRow, 'id' | 'username'>): boolean {
  const person = personOf(actor)
  if (person === undefined) return false
  return person.id === undefined ? isNamed(actor, account.username) : isSameId(person.id, account.id)
}

/** Makes the test of `isSelf` for one actor and any number of accounts: the actor is read once. */
export function selfTest(actor: Actor): (account: Pick<UserRow, 'id' | 'username'>) => boolean {
  const { id, username } = personOf(actor) ?? {}
  if (id !== undefined) return (account) => isSameId(id, account.id)
  const key = username === undefined ? '' : identifierKey(username)
  return key === '' ? () => false : (account) => identifierKey(account.username) === key
}

/** Tells whether the actor names itself by a username. */
export function isNamed(actor: Actor, username: string | null): boolean {
  const own = personOf(actor)?.username
  return own !== undefined && typeof username === 'string' && isSameIdentifier(own, username)
}

/** Tells whether an id that was given is that of a row. Ids of rows that are numbers can be given as text of digits. */
function isSameId(given: UserId, stored: UserId): boolean {
  return given === stored || (typeof stored === 'number' ? readId(given) === stored : String(given) === stored)
}

function readId(given: UserId): number {
  return typeof given === 'string' && given.trim() === '' ? Number.NaN : Number(given)
}

/** Tells whether the actor is staff, or trusted code. */
export function isStaff(actor: Actor): boolean {
  return isSystem(actor) || personOf(actor)?.staff === true
}

/** Tells whether the actor may look accounts up by e-mail address. */
export function mayLookUp(actor: Actor): boolean {
  return isStaff(actor) || personOf(actor)?.superuser === true
}

/** A right that the library asks for; `retire_user` follows from others. */
export type Right =
  | 'deactivate_user'
  | 'retire_user'
  | 'cancel_retirement'
  | 'force_retirement'
  | 'manage_outbox'
  | 'export_data'
  | 'hold_data'

/** Every right. */
export const rights = [
  'deactivate_user',
  'retire_user',
  'cancel_retirement',
  'force_retirement',
  'manage_outbox',
  'export_data',
  'hold_data',
] as const satisfies readonly Right[]

/**
 * Tells whether the actor holds a right.
 *
 * `system` and superusers hold every right. `retire_user` belongs further to staff who hold `request_retirement` and to
 * the person named by the setting `retirement_service_worker_username`; `cancel_retirement` and
 * `export_data` only to staff who hold it. `force_retirement` (moving a retirement against the order of its states),
 * `manage_outbox` (dead letters), `export_data` (the data of any person) and `hold_data` (keeping data from erasure) are
 * additions of this library; no other right includes them.
 * Source: Open edX, `user_api/accounts/permissions.py`.
 */
export function hasRight(actor: Actor, right: Right, settings: Settings): boolean {
  if (isSystem(actor)) return true
  const person = personOf(actor)
  if (person === undefined) return false
  if (person.superuser) return true
  const { retirement_service_worker_username: worker } = settings
  const granted = (permission: Permission) => person.permissions.includes(permission)
  switch (right) {
    case 'deactivate_user':
    case 'force_retirement':
    case 'manage_outbox':
    case 'hold_data':
      return granted(right)
    case 'cancel_retirement':
    case 'export_data':
      return person.staff && granted(right)
    case 'retire_user':
      return (person.staff && granted('request_retirement')) || isNamed(actor, worker)
  }
}
