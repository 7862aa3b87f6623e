import {
  type Actor,
  hasRight,
  isNamed,
  isSelf,
  isStaff,
  isSystem,
  mayLookUp,
  personOf,
  type Right,
  requireAuthenticated,
} from '../site/actor.ts'
import { nameOf, type Whom } from '../site/whom.ts'
import { badArgument, requireUserId } from '../values/arguments.ts'
import type { ErrorParams } from '../values/error-params.ts'
import { UserCoreError } from '../values/errors.ts'
import type { Core } from './core.ts'
import { findUser } from './load-account.ts'

/** Throws `not_authenticated` for an anonymous actor, and `not_authorized` with the params unless the call is allowed. */
export function requireAllowed(
  actor: Actor,
  isAllowed: boolean,
  params: ErrorParams['not_authorized'] = {},
): asserts isAllowed {
  requireAuthenticated(actor)
  if (!isAllowed) throw new UserCoreError('not_authorized', { params })
}

/** Throws `not_authenticated` or `not_authorized` unless the actor holds a right. */
export function requireRight(core: Core, actor: Actor, right: Right): void {
  requireAllowed(actor, hasRight(actor, right, core.settings), { right })
}

/** Throws `not_authenticated` or `not_authorized` unless the actor is staff or trusted code. */
export function requireStaff(actor: Actor): void {
  requireAllowed(actor, isStaff(actor))
}

/** Throws `not_authenticated` or `not_authorized` unless the actor is trusted code. */
export function requireTrustedCode(actor: Actor): void {
  requireAllowed(actor, isSystem(actor))
}

/** Throws `not_authenticated` or `not_authorized` unless the actor may look accounts up by e-mail address. */
export function requireLookUp(actor: Actor): void {
  requireAllowed(actor, mayLookUp(actor))
}

/**
 * Returns the actor as `Whom`. Throws `not_authenticated` for an anonymous actor, and `bad_request` for trusted code.
 */
export function ownWhom(actor: Actor): Whom {
  requireAuthenticated(actor)
  const person = personOf(actor)
  if (person === undefined) throw badArgument('actor', 'a person')
  return person.whom
}

/**
 * Returns whom to load, once the actor may: the holder of the account, and the actors for whom `others` holds.
 *
 * Throws `not_authenticated`; `not_authorized`, in the same way for people who are there and for those who are not.
 * Where the actor and the call name a person in different ways, one small statement tells whether it is the same
 * person; the result then names that person by id, so that a change does not reach another person who gets the username
 * meanwhile.
 */
export async function requireHolderOr(
  core: Core,
  actor: Actor,
  whom: Whom,
  others: (actor: Actor) => boolean,
): Promise<Whom> {
  requireAuthenticated(actor)
  if (others(actor)) return whom
  const person = personOf(actor)
  const name = nameOf(whom)
  const { idType } = core.repository
  if (person?.id !== undefined && 'id' in name) {
    requireAllowed(actor, requireUserId(person.id, idType, 'actor') === requireUserId(name.id, idType, 'whom'))
    return whom
  }
  if (person?.id === undefined && 'username' in name) {
    requireAllowed(actor, isNamed(actor, name.username))
    return whom
  }
  const user = await findUser(core, whom)
  requireAllowed(actor, user !== undefined && isSelf(actor, user))
  return { id: user.id }
}

/** Throws as `requireHolderOr` does, unless each of many people is the actor or `others` holds for the actor. */
export async function requireHoldersOr<W extends Whom>(
  core: Core,
  actor: Actor,
  whom: readonly W[],
  others: (actor: Actor) => boolean,
): Promise<void> {
  requireAuthenticated(actor)
  if (others(actor)) return
  for (const element of new Set(whom)) await requireHolderOr(core, actor, element, others)
}

/** Allows no actor beside the holder: for `others` of `requireHolderOr`. */
export const noOthers = (): boolean => false
