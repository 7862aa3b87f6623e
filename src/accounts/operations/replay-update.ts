import type { Core } from '../../runtime/core.ts'
import type { Once } from '../../runtime/once.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import { accountDocument } from '../account-document.ts'
import type { UpdateReference } from '../decide-update.ts'
import { readingOf } from '../visibility.ts'
import { loadDerivedFields } from './get-accounts.ts'
import type { UpdateResult } from './update-account.ts'

/** Makes the result of a change that an earlier call with the same idempotency key made. */
export function replayUpdate(core: Core, actor: Actor, context: Context): Once<UpdateResult>['replay'] {
  return async (record, reference) => {
    const derived = (await loadDerivedFields(core, [record])).get(record.user.id)
    return {
      account: accountDocument(record, readingOf(actor, {}, core.settings), context, derived),
      ...(reference as unknown as UpdateReference),
      changes: [],
      ignored: [],
      unconfigured: [],
      overruled: [],
      replayed: true,
    }
  }
}
