import { message } from '../../outbox/messages.ts'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireHolderOr, requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { idOfActor, loadAccount, userRef } from '../../runtime/load-account.ts'
import { permitToWithdraw } from '../../runtime/permit.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { CheckedCredentials } from '../../site/checked-host.ts'
import type { Context } from '../../site/context.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import type { AccountDocument } from '../account.ts'
import { accountDocument } from '../account-document.ts'
import { endActivation } from '../activation.ts'
import { deactivationWrites, isInForce } from '../deactivation.ts'
import { isPasswordOf } from '../password-of.ts'
import { endRequests } from '../pending.ts'
import { readingOf } from '../visibility.ts'
import { loadLastDeactivation } from './deactivate.ts'
import { loadDerivedFields } from './get-accounts.ts'

export async function checkAccountPassword(core: Core, actor: Actor, whom: Whom, password: string): Promise<boolean> {
  const target = await requireHolderOr(core, actor, whom, isSystem)
  const credentials = requireCredentials(core)
  const { user } = await loadAccount(core, target)
  return isPasswordOf(credentials, user, password, core)
}

export async function disableLogIn<Transaction>(
  core: Core<Transaction>,
  actor: Actor,
  whom: Whom,
): Promise<AccountDocument> {
  requireRight(core, actor, 'deactivate_user')
  const credentials = requireCredentials(core)
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const record = await loadAccount(core, whom)
    const derived = await loadDerivedFields(core, [record])
    const deactivated = message('event', 'account.deactivated', record.user.id, {}, context)
    const lock = record.retirement === 'sealed' ? [] : await lockWrites(core, actor, record.user.id, context)
    return {
      permit: permitToWithdraw(core, actor, [record]),
      writes: [
        ...endActivation(record.user.id, undefined),
        ...endRequests(record.user.id, context),
        ...lock,
        { insert: 'outbox', rows: [deactivated] },
      ],
      inside: (transaction: Transaction) => credentials.disable(userRef(record.user), transaction),
      result: accountDocument(record, readingOf(actor, {}, core.settings), context, derived.get(record.user.id)),
    }
  })
}

/** Returns the writes by which `loginStatus` knows of the lock-out: a deactivation without an end, unless there is one. */
async function lockWrites(core: Core, actor: Actor, user_id: UserId, { now: date }: Context): Promise<Write[]> {
  const now = instantOf(date)
  const last = await loadLastDeactivation(core, user_id)
  if (last !== undefined && isInForce(last, now) && last.deactivated_until === null) return []
  const facts = { reason: 'log_in_disabled', deactivated_until: null }
  return deactivationWrites(user_id, last, facts, { by: await idOfActor(core, actor), now })
}

/** Returns the hook that keeps passwords. Throws `config_error` without it. */
export function requireCredentials<Transaction>(core: Core<Transaction>): CheckedCredentials<Transaction> {
  const { credentials } = core.host
  if (credentials === undefined) throw new UserCoreError('config_error', { params: { hook: 'credentials' } })
  return credentials
}
