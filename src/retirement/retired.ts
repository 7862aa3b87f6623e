import {
  type IdentifierKind,
  type RetiredFormOptions,
  retiredForm,
  retiredForms,
} from '../accounts/retired-identifier.ts'
import type { UserId } from '../port/tables.ts'
import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import type { UserRef } from '../site/host.ts'
import { retiredArguments } from './arguments.ts'
import { type RehashResult, rehash, releaseEmail, rewrap } from './operations/replace-retired-forms.ts'
import { type AccountIdentifier, currentForm, findUser, isRetired } from './operations/retired-identifiers.ts'

/**
 * Retired usernames and e-mail addresses: what takes the place of the originals, so that they cannot be taken again and
 * nobody can tell whose they were. Operations on accounts want the right `retire_user`.
 */
export interface RetiredOperations {
  /**
   * The form that a value is retired in now; with `salts` that of Open edX. Throws `config_error` where the site has no
   * key; `invalid_salts` for what is no list of salts.
   */
  hash(kind: IdentifierKind, value: string, options?: RetiredFormOptions): string

  /** Every form that a value can have been retired in, oldest first. Throws `invalid_salts`. */
  allHashes(kind: IdentifierKind, value: string, options?: RetiredFormOptions): string[]

  /** The form that is stored for somebody who is in the queue, else the one that the value would get. */
  current(actor: Actor, kind: AccountIdentifier, value: string): Promise<string>

  /** Whether a value was retired, under any key or salt. */
  isRetired(actor: Actor, kind: AccountIdentifier, value: string): Promise<boolean>

  /**
   * Finds somebody by the username they have, or had before they were retired; with `hash` by exactly that form.
   *
   * Throws `user_not_found`; `bad_request` for a hash that is none of the username; `conflict` where several match.
   */
  findUser(actor: Actor, username: string, options?: { readonly hash?: string }): Promise<UserRef>

  /**
   * Gives everybody in the queue the form of the current key or salt, made from the original; those that have it are
   * left alone. The host is told by the notification `retired_identifier.changed`. Can be broken off and run again.
   */
  rehash(actor: Actor, kind: AccountIdentifier, options?: { readonly dryRun?: boolean }): Promise<RehashResult>

  /**
   * Wraps what was retired with earlier keys by the current one, for when an earlier key got out: the originals are not
   * needed, and stay taken. Adding a key alone changes nothing that is stored. Notifies as `rehash` does.
   */
  rewrap(actor: Actor, options?: { readonly dryRun?: boolean }): Promise<RehashResult>

  /**
   * Lets a retired address be used again, once the retirement is complete; the username stays taken. Needs
   * `force_retirement`. Throws `user_not_found`; `retirement_state_error`.
   */
  releaseEmail(actor: Actor, user_id: UserId): Promise<void>
}

export function retiredOperations(core: Core): RetiredOperations {
  return checkedOperations<RetiredOperations>(core, 'retired', retiredArguments, {
    hash: (kind, value, options = {}) => retiredForm(kind, value, core.settings, options),
    allHashes: (kind, value, options = {}) => retiredForms(kind, value, core.settings, options),
    current: (actor, kind, value) => currentForm(core, actor, kind, value),
    isRetired: (actor, kind, value) => isRetired(core, actor, kind, value),
    findUser: (actor, username, options = {}) => findUser(core, actor, username, options),
    rehash: (actor, kind, options = {}) => rehash(core, actor, kind, options),
    rewrap: (actor, options = {}) => rewrap(core, actor, options),
    releaseEmail: (actor, user_id) => releaseEmail(core, actor, user_id),
  })
}
