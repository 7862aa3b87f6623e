import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import type { UserRef } from '../site/host.ts'
import type { Whom } from '../site/whom.ts'
import { retiredArguments } from './arguments.ts'
import { type RehashResult, rehash, releaseEmail, rewrap } from './operations/replace-retired-forms.ts'
import { type AccountIdentifier, currentForm, findUser, isRetired } from './operations/retired-identifiers.ts'

/**
 * Retired usernames and e-mail addresses: forms that take the place of the originals, so that these cannot be taken
 * again and no reader can tell whose they were. The operations need the right `retire_user`. The pure functions
 * `retiredForm` and `retiredForms` make the forms.
 */
export interface RetiredOperations {
  /**
   * Returns the retired form of a value: for one of a person in the queue the stored form, else the one that it would
   * get now. Throws `config_error` when it would get one and the site has no key; `bad_request` for a value too long to
   * store.
   *
   * ```ts
   * const form = await users.retired.current(system, 'username', 'bob')
   * ```
   */
  current(actor: Actor, kind: AccountIdentifier, value: string): Promise<string>

  /**
   * Tells whether a value is retired, under any key or salt. The username of a person in the queue is, from the request
   * on.
   *
   * ```ts
   * await users.retired.isRetired(system, 'email', 'bob@example.com') // false
   * ```
   */
  isRetired(actor: Actor, kind: AccountIdentifier, value: string): Promise<boolean>

  /**
   * Finds a person by the username now, or before a retirement; with `hash` by exactly that form.
   *
   * Throws `user_not_found`; `bad_request` for a hash that is none of the username; `conflict` when more than two
   * accounts match.
   *
   * ```ts
   * const { id } = await users.retired.findUser(system, 'bob')
   * ```
   */
  findUser(actor: Actor, username: string, options?: { readonly hash?: string }): Promise<UserRef>

  /**
   * Gives everyone in the queue the form of the current key or salt, made from the original; a person who has it is
   * left alone. The notification `retired_identifier.changed` tells the host, once the account has the form. Each
   * person is done in a transaction of their own, so that a run can be broken off and begun again. Throws
   * `retirement_state_error` while no pipeline is set; `config_error` without a key.
   *
   * ```ts
   * const { changed } = await users.retired.rehash(system, 'username', { dryRun: true })
   * ```
   */
  rehash(actor: Actor, kind: AccountIdentifier, options?: { readonly dryRun?: boolean }): Promise<RehashResult>

  /**
   * Wraps values that were retired with earlier keys by the current one, for when an earlier key has become known: the
   * originals are not needed, and stay taken. Adding a key alone changes nothing that is stored. Notifies as `rehash`
   * does.
   *
   * ```ts
   * const { changed } = await users.retired.rewrap(system)
   * ```
   */
  rewrap(actor: Actor, options?: { readonly dryRun?: boolean }): Promise<RehashResult>

  /**
   * Lets a retired address be used again, once the retirement is complete; the username stays taken. The person is
   * named by id, or by the username now or at the time of the request. Needs `force_retirement` in place of
   * `retire_user`.
   *
   * Throws `user_not_found`; `retirement_state_error` while the retirement is not complete, or without one.
   *
   * ```ts
   * await users.retired.releaseEmail(system, bob)
   * ```
   */
  releaseEmail(actor: Actor, whom: Whom): Promise<void>
}

/** Makes the operations of retired names over a core. */
export function retiredOperations(core: Core): RetiredOperations {
  return checkedOperations<RetiredOperations>(core, 'retired', retiredArguments, {
    current: (actor, kind, value) => currentForm(core, actor, kind, value),
    isRetired: (actor, kind, value) => isRetired(core, actor, kind, value),
    findUser: (actor, username, options = {}) => findUser(core, actor, username, options),
    rehash: (actor, kind, options = {}) => rehash(core, actor, kind, options),
    rewrap: (actor, options = {}) => rewrap(core, actor, options),
    releaseEmail: (actor, whom) => releaseEmail(core, actor, whom),
  })
}
