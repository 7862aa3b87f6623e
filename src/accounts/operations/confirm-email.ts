import { message } from '../../outbox/messages.ts'
import type { AccountRecord } from '../../port/account-record.ts'
import type { PendingEmailChangeRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { userRef } from '../../runtime/load-account.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { requireWritable } from '../../runtime/read-only.ts'
import type { Context } from '../../site/context.ts'
import { isRetiredEmail } from '../../site/retired-formats.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { identifierKey } from '../../values/text.ts'
import { accountChange } from '../account-change.ts'
import { endActivationKey, isWaiting, renewActivation } from '../activation.ts'
import { finishEmailChange, isConfirmable } from '../email-change.ts'
import { hashKey } from '../fields/confirmation-key.ts'
import { loadClaims } from './load-claims.ts'

export async function confirmEmailChange(core: Core, key: string): Promise<void> {
  await confirm(core, 'primary', key, (before, pending, context) => {
    const { new_email } = pending
    const after = { ...before, user: { ...before.user, email: new_email, email_key: identifierKey(new_email) } }
    return {
      after,
      more: [
        // Both addresses hear of it: the old one so that a thief is noticed.
        ...[before.user.email, new_email].map((to): Write => {
          const { id, username } = before.user
          return { insert: 'outbox', rows: [message('mail', 'email_changed', id, { to, username }, context)] }
        }),
      ],
    }
  })
}

export async function confirmSecondaryEmail(core: Core, key: string): Promise<void> {
  await confirm(core, 'secondary', key, (before, pending) => {
    const { user_id, new_email: secondary_email } = pending
    const account_recovery = {
      user_id,
      secondary_email,
      secondary_email_key: identifierKey(secondary_email),
      is_active: true,
    }
    return { after: { ...before, account_recovery }, more: [] }
  })
}

/** Confirms the request that a key belongs to, once. A person who took the address meanwhile keeps it. */
async function confirm(
  core: Core,
  kind: PendingEmailChangeRow['kind'],
  key: string,
  apply: (
    before: AccountRecord,
    pending: PendingEmailChangeRow,
    context: Context,
  ) => { after: AccountRecord; more: Write[] },
): Promise<void> {
  await decideAndSave(core, async () => {
    const context = contextOf(core)
    const [pending] = await core.repository.select('pending_email_changes', { key_hash: hashKey(key), kind })
    const [before] = pending === undefined ? [] : await core.repository.findAccounts({ ids: [pending.user_id] })
    if (pending === undefined || before === undefined || !isConfirmable(pending, instantOf(context.now))) {
      throw new UserCoreError('not_found', { params: { what: 'key' } })
    }
    // A person who is being retired gets no other address: it would outlive them.
    if (before.retirement !== 'none' || isRetiredEmail(before.user.email, core.settings))
      throw new UserCoreError('not_found', { params: { what: 'key' } })
    // The key speaks for the holder.
    const holder = { username: before.user.username }
    await requireWritable(core, holder, userRef(before.user), kind === 'primary' ? 'email' : 'secondary_email')
    const { emails: claims } = await loadClaims(core, { emails: [pending.new_email] })
    if (claims.some((claim) => claim.user_id !== pending.user_id || claim.kind !== kind)) {
      throw new UserCoreError('conflict', { params: { reason: 'email_taken' } })
    }
    const { after, more } = apply(before, pending, context)
    // The link of an account that was never activated went to the former address.
    const isRenewed = kind === 'primary' && !before.user.is_active
    const [registration] = isRenewed ? await core.repository.select('registrations', { user_id: pending.user_id }) : []
    return {
      permit: permitToStore(core, holder, [before]),
      writes: [
        ...accountChange(before, after, { changed_by: before.user.id }, context).writes,
        ...(isWaiting(registration) ? renewActivation(registration, after.user, context) : []),
        ...(isRenewed && !isWaiting(registration) ? [endActivationKey(before.user.id, instantOf(context.now))] : []),
        ...finishEmailChange(pending),
        ...more,
      ],
      result: undefined,
    }
  })
}
