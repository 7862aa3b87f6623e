import { emptyProfile } from '../../port/empty-profile.ts'
import type { PendingNameChangeRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireHolderOr, requireStaff } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave, refusal } from '../../runtime/core.ts'
import { loadAccount, userRef } from '../../runtime/load-account.ts'
import { guardedElsewhere, permitToStore, permitToWithdraw } from '../../runtime/permit.ts'
import { requireWritable } from '../../runtime/read-only.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { accountChange } from '../account-change.ts'
import { checkName } from '../fields/name.ts'
import { hostFieldIssues } from './ask-check-field.ts'
import { guardRequests } from './guard-requests.ts'

export async function requestNameChange(
  core: Core,
  actor: Actor,
  whom: Whom,
  name: string | null,
): Promise<{ requestId: string | null }> {
  const target = await requireHolderOr(core, actor, whom, isSystem)
  const guard = guardRequests(core)
  return decideAndSave<unknown, { requestId: string | null }>(core, async () => {
    const context = contextOf(core)
    const record = await loadAccount(core, target)
    const { user, profile, pending_name_change: pending } = record
    if (pending !== undefined && (name === null || name === (profile?.name ?? ''))) {
      const permit = guardedElsewhere(permitToWithdraw(core, actor, [record]))
      return { writes: finishNameChange(pending), permit, result: { requestId: null } }
    }
    const permit = permitToStore(core, actor, [record])
    await requireWritable(core, actor, userRef(user), 'name')
    const checked = checkName(name, '/name')
    if ('issues' in checked) throw refusal('account_validation_error', checked.issues, core)
    if (checked.value === (profile?.name ?? '')) {
      throw refusal('account_validation_error', [{ pointer: '/name', code: 'unchanged' }], core)
    }
    const refused = await hostFieldIssues(core, userRef(user), { name: checked.value }, context, record)
    if (refused.length > 0) throw refusal('account_validation_error', refused, core)
    const row = {
      user_id: user.id,
      request_id: context.ids(),
      new_name: checked.value,
      rationale: 'name_requested',
      requested_at: instantOf(context.now),
    }
    return {
      writes: [await guard(user.id), { upsert: 'pending_name_changes', rows: [row] }],
      permit,
      result: { requestId: row.request_id },
    }
  })
}

export async function confirmNameChange(
  core: Core,
  actor: Actor,
  whom: Whom,
  options: { readonly requestId?: string },
): Promise<void> {
  requireStaff(actor)
  await decideAndSave(core, async () => {
    const context = contextOf(core)
    const before = await loadAccount(core, whom)
    const permit = permitToStore(core, actor, [before])
    await requireWritable(core, actor, userRef(before.user), 'name')
    const pending = before.pending_name_change
    if (pending === undefined) throw new UserCoreError('not_found', { params: { what: 'name_request' } })
    const { user_id, request_id, new_name, rationale } = pending
    if (options.requestId !== undefined && options.requestId !== request_id) {
      throw new UserCoreError('conflict', { params: { reason: 'name_request', request_id } })
    }
    const profile = { ...(before.profile ?? emptyProfile(user_id)), name: new_name }
    const after = { ...before, profile, pending_name_change: undefined }
    return {
      writes: [
        ...accountChange(before, after, { changed_by: null, reasons: { name: rationale } }, context).writes,
        ...finishNameChange(pending),
      ],
      permit,
      result: undefined,
    }
  })
}

/** Returns the writes that use up a request for a name, or withdraw it: of several calls at once only one finds it. */
function finishNameChange({ user_id, request_id }: PendingNameChangeRow): Write[] {
  const where = { user_id, request_id }
  return [
    { update: 'pending_name_changes', set: { new_name: '', rationale: '' }, where, guarded: true },
    { delete: 'pending_name_changes', where, guarded: true },
  ]
}
