import type { SettingChange } from '../../outbox/told-change.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, reportingAs, requireWithinBudget } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { decideOnce, type OnceOptions, onceUnder, type Replayable } from '../../runtime/once.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { isPlainObject } from '../../values/json.ts'
import type { AccountDocument, AccountPatch } from '../account.ts'
import { decideUpdate, type UpdateRequest } from '../decide-update.ts'
import { readEdit } from '../extended-profile/edit.ts'
import { beginEmailRequests, gatherUpdate } from './gather-update.ts'
import { guardRequests } from './guard-requests.ts'
import { replayUpdate } from './replay-update.ts'

/** Options of a change of an account. */
export interface UpdateOptions extends OnceOptions {
  /**
   * Change the account only while it has this version; otherwise the call throws `conflict`. Without it, changes of
   * others that happen meanwhile are kept and this one comes on top.
   */
  readonly expectedVersion?: number
  /** The treatment of names that are no fields: `ignore` (default) lists them in the result, `reject` refuses them. */
  readonly unknownFields?: 'ignore' | 'reject'
}

/**
 * The result of a change. Of a replay the account is the one of now, the version the one that the first call reached;
 * `requested` and `withdrawn` tell of the first call, and the other lists are empty.
 */
export interface UpdateResult extends Replayable {
  /** The account after the change, as the actor sees it. */
  readonly account: AccountDocument
  /** For `expectedVersion` of the next change. */
  readonly version: number
  /** The changes, value by value. Empty: nothing changed, and nothing was written. */
  readonly changes: readonly SettingChange[]
  /** Addresses that wait for their confirmation. An address of another person looks the same here. */
  readonly requested: readonly ('email' | 'secondary_email')[]
  /** Addresses that were waiting for their confirmation, and wait no more. */
  readonly withdrawn: readonly ('email' | 'secondary_email')[]
  /** Names of the patch that changed nothing: no fields, derived ones, or a state overruled by its country. */
  readonly ignored: readonly string[]
  /** Names of extended profile fields that were stored, but are shown to no reader until the site configures them. */
  readonly unconfigured: readonly string[]
  /** Names of extended profile fields of the patch that still show the value of another owner, which counts more. */
  readonly overruled: readonly string[]
}

export async function updateAccount(
  core: Core,
  actor: Actor,
  whom: Whom,
  patch: AccountPatch,
  { expectedVersion, unknownFields = 'ignore', idempotencyKey: key }: UpdateOptions,
): Promise<UpdateResult> {
  requireWithinBudget(patch, core)
  const guard = guardRequests(core)
  const context = contextOf(core)
  const input = { patch, expectedVersion, unknownFields }
  const once = onceUnder(
    core,
    { key, operation: 'accounts.update', actor, whom, input },
    replayUpdate(core, actor, context),
    context,
  )
  // Before anything else is looked at, so that refused requests count too.
  await beginEmailRequests(core, actor, whom, patch, { guard, once }, context)
  const target = await requireHolderOr(core, actor, whom, isSystem)
  const value = isPlainObject(patch) ? patch.extended_profile : undefined
  const request: UpdateRequest = {
    patch,
    ...(value === undefined ? {} : { extendedProfileEdit: (stored) => readEdit(value, stored, context) }),
    issues: [],
    unknownFields,
  }
  return reportingAs('account_update_error', () =>
    decideOnce(core, once, async () => {
      const before = await loadAccount(core, target)
      const permit = permitToStore(core, actor, [before])
      const facts = await gatherUpdate(core, actor, before, request, { guard, permit, expectedVersion }, context)
      return decideUpdate(actor, before, request, facts, context)
    }),
  )
}
