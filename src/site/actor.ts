import { badArgument, requireText } from '../values/arguments.ts'
import { UserCoreError } from '../values/errors.ts'
import { isSameIdentifier } from '../values/text.ts'
import type { Settings } from './settings.ts'

/** A right that the host grants to a person beyond their own account. */
export type Permission = 'deactivate_user' | 'cancel_retirement' | 'request_retirement' | 'force_retirement'

/**
 * A person whom the host has authenticated. The library believes what stands here, as far as it stands in the object
 * itself and has the type that is written here: inherited members, getters of a class among them, give no rights, nor
 * does any other value than `true`.
 */
export interface Person {
  /** In any letter case: people are compared as usernames are kept unique. */
  readonly username: string
  /** Sees every account in full and may look accounts up by e-mail address and id. */
  readonly staff?: boolean
  /** Holds every permission and may look accounts up; sees no more of an account than anybody else. */
  readonly superuser?: boolean
  /** Rights beyond the own account: a list. Default none. */
  readonly permissions?: readonly Permission[]
}

/** Trusted code of the host. */
export interface System {
  readonly system: true
  /**
   * What the code is called, such as `crm-sync`. It writes a part of its own in extended profiles, `system:<name>`;
   * code without a name writes as the person whose account it is.
   */
  readonly name?: string
}

/**
 * Who asks: a person, nobody (`anonymous`) or trusted code of the host (`system`).
 *
 * Never build it from a request body: take it from the host's own session.
 */
export type Actor = Person | { readonly anonymous: true } | System

/** Nobody has logged in. */
export const anonymous: Actor = Object.freeze({ anonymous: true })

/** Trusted code without a requesting person: nothing is refused for lack of rights. */
export const system: Actor = Object.freeze({ system: true })

/**
 * A member of the actor object itself. What it inherits counts for nothing: a polluted prototype, or a session object
 * made on top of another one, would make anybody trusted code.
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

/** What trusted code is called; `undefined`: it has no name. Throws `bad_request` for what is no name of code. */
export function systemName(actor: System): string | undefined {
  const name = ownMember(actor, 'name')
  if (name === undefined) return undefined
  if (typeof name !== 'string' || !/^[-_.a-zA-Z0-9]{1,64}$/.test(name)) throw badArgument('actor')
  return name
}

const permissions: ReadonlySet<unknown> = new Set<Permission>([
  'deactivate_user',
  'cancel_retirement',
  'request_retirement',
  'force_retirement',
])

/**
 * The person behind a call, with the rights that the actor object itself gives them; `undefined` for `anonymous`, trusted
 * code and an actor without a username.
 */
export function personOf(actor: Actor): Required<Person> | undefined {
  const username = ownMember(actor, 'username')
  const isNobody = isSystem(actor) || ownMember(actor, 'anonymous') === true
  if (isNobody || typeof username !== 'string' || username === '') return undefined
  const granted = ownMember(actor, 'permissions')
  return {
    username,
    staff: ownMember(actor, 'staff') === true,
    superuser: ownMember(actor, 'superuser') === true,
    permissions: Array.isArray(granted) ? granted.filter((permission) => permissions.has(permission)) : [],
  }
}

/** Whose account a call is about: the named person's, or else the actor's own. Throws `bad_request` for neither. */
export function namedOrOwn(actor: Actor, username: string | null | undefined): string {
  return requireText(username ?? personOf(actor)?.username, 'username')
}

/** Throws `not_authenticated` for an anonymous actor. */
export function requireAuthenticated(actor: Actor): void {
  if (!isSystem(actor) && personOf(actor) === undefined) throw new UserCoreError('not_authenticated')
}

/** Tells whether the actor is the account holder. Spelling follows the rule by which usernames are unique. */
export function isSelf(actor: Actor, username: string | null): boolean {
  const person = personOf(actor)
  return person !== undefined && typeof username === 'string' && isSameIdentifier(person.username, username)
}

/** Tells whether the actor is staff, or trusted code. */
export function isStaff(actor: Actor): boolean {
  return isSystem(actor) || personOf(actor)?.staff === true
}

/** Tells whether the actor may look accounts up by e-mail address or id. */
export function mayLookUp(actor: Actor): boolean {
  return isStaff(actor) || personOf(actor)?.superuser === true
}

/** A right that the library asks for; `retire_user` follows from others. */
export type Right = 'deactivate_user' | 'retire_user' | 'cancel_retirement' | 'force_retirement'

/** Every right. */
export const rights = [
  'deactivate_user',
  'retire_user',
  'cancel_retirement',
  'force_retirement',
] as const satisfies readonly Right[]

/**
 * Tells whether the actor holds a right.
 *
 * `system` and superusers hold every right. `retire_user` belongs further to staff who hold `request_retirement` and to
 * the person named by the setting `retirement_service_worker_username`; `cancel_retirement` only to staff who hold it.
 * `force_retirement` (moving a retirement against the order of its states) is ours; nobody has it with another right.
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
      return granted(right)
    case 'cancel_retirement':
      return person.staff && granted('cancel_retirement')
    case 'retire_user':
      return (person.staff && granted('request_retirement')) || isSelf(actor, worker)
  }
}
