import { type JsonPatchOperation, requireBoundedOperations } from '../../patch/json-patch.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, reportingAs } from '../../runtime/core.ts'
import { loadAccount } from '../../runtime/load-account.ts'
import { decideOnce, onceUnder } from '../../runtime/once.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { accountDocument } from '../account-document.ts'
import { decideUpdate, type UpdateRequest } from '../decide-update.ts'
import { editBetween } from '../extended-profile/edit.ts'
import { extendedProfileObject, visibleExtendedNames } from '../extended-profile/visible-fields.ts'
import { maxOperations, patchableAccount, updateFromJsonPatch } from '../json-patch-update.ts'
import { readingOf } from '../visibility.ts'
import { beginEmailRequests, gatherUpdate } from './gather-update.ts'
import { loadDerivedFields } from './get-accounts.ts'
import { guardRequests } from './guard-requests.ts'
import { replayUpdate } from './replay-update.ts'
import type { UpdateOptions, UpdateResult } from './update-account.ts'

export async function patchAccount(
  core: Core,
  actor: Actor,
  whom: Whom,
  operations: readonly JsonPatchOperation[],
  { expectedVersion, idempotencyKey: key }: Omit<UpdateOptions, 'unknownFields'>,
): Promise<UpdateResult> {
  const target = await requireHolderOr(core, actor, whom, isSystem)
  requireBoundedOperations(operations, { maxBytes: core.settings.patch_max_bytes, maxOperations })
  const guard = guardRequests(core)
  const context = contextOf(core)
  const once = onceUnder(
    core,
    { key, operation: 'accounts.patch', actor, whom, input: { operations, expectedVersion } },
    replayUpdate(core, actor, context),
    context,
  )
  let isCounted = false
  return reportingAs('account_update_error', () =>
    decideOnce(core, once, async () => {
      const record = await loadAccount(core, target)
      const permit = permitToStore(core, actor, [record])
      const reading = readingOf(actor, {}, core.settings)
      const derived = (await loadDerivedFields(core, [record])).get(record.user.id)
      const account = patchableAccount(
        accountDocument(record, reading, context, derived),
        extendedProfileObject(record, visibleExtendedNames(record, reading, context), context),
        context,
      )
      const { patch, extendedProfile, issues } = updateFromJsonPatch(account, operations, context)
      // Once, however often the decision is taken anew.
      if (!isCounted) await beginEmailRequests(core, actor, target, patch, { guard }, context)
      isCounted = true
      const request: UpdateRequest = {
        patch,
        ...(extendedProfile === undefined
          ? {}
          : {
              extendedProfileEdit: () => {
                const { before, after } = extendedProfile
                const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
                return editBetween(before, after, names, core.settings)
              },
            }),
        issues,
        unknownFields: 'reject',
      }
      const facts = await gatherUpdate(
        core,
        actor,
        record,
        request,
        { guard, permit, expectedVersion, derived },
        context,
      )
      return decideUpdate(actor, record, request, facts, context)
    }),
  )
}
