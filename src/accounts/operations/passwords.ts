import { message } from '../../outbox/messages.ts'
import { requireHolderOr, requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { loadAccount, userRef } from '../../runtime/load-account.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { CheckedCredentials } from '../../site/checked-host.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import type { AccountDocument } from '../account.ts'
import { accountDocument } from '../account-document.ts'
import { endActivation } from '../activation.ts'
import { isPasswordOf } from '../password-of.ts'
import { endRequests } from '../pending.ts'
import { readingOf } from '../visibility.ts'
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
    return {
      people: [record.user],
      writes: [
        ...endActivation(record.user.id, undefined),
        ...endRequests(record.user.id, context),
        { insert: 'outbox', rows: [deactivated] },
      ],
      inside: (transaction: Transaction) => credentials.disable(userRef(record.user), transaction),
      result: accountDocument(record, readingOf(actor, {}, core.settings), context, derived.get(record.user.id)),
    }
  })
}

/** Returns the hook that keeps passwords. Throws `config_error` without it. */
export function requireCredentials<Transaction>(core: Core<Transaction>): CheckedCredentials<Transaction> {
  const { credentials } = core.host
  if (credentials === undefined) throw new UserCoreError('config_error', { params: { hook: 'credentials' } })
  return credentials
}
