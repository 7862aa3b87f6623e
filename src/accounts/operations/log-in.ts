import { requireHolderOr, requireTrustedCode } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { byWhom, findPerson, isFound } from '../../runtime/load-account.ts'
import { guardedElsewhere, permitToStore } from '../../runtime/permit.ts'
import { type Actor, isStaff } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import { instantOf } from '../../values/instant.ts'
import { decideLogin, type LoginPurpose, type LoginStatus } from '../login-status.ts'

/** The purpose of the question whether a person may log in. */
export interface LoginStatusOptions {
  /** `reset_password`: whether they may set a password that they forgot. Default `log_in`. */
  readonly purpose?: LoginPurpose
}

export async function loginStatus(
  core: Core,
  actor: Actor,
  whom: Whom,
  { purpose = 'log_in' }: LoginStatusOptions,
): Promise<LoginStatus> {
  const target = await requireHolderOr(core, actor, whom, isStaff)
  const asked = { by: byWhom(core, target), keys: [], deactivations: true, counted: false } as const
  const [record] = await core.repository.findPreferences(asked)
  if (record === undefined || !isFound(core, target, record.user, actor)) throw new UserCoreError('user_not_found')
  return decideLogin(record, purpose, instantOf(contextOf(core).now))
}

export async function recordLogin(core: Core, actor: Actor, whom: Whom): Promise<void> {
  requireTrustedCode(actor)
  await decideAndSave(core, async () => {
    const now = instantOf(contextOf(core).now)
    const person = await findPerson(core, whom)
    if (person === undefined || !isFound(core, whom, person.user)) throw new UserCoreError('user_not_found')
    const { id, email } = person.user
    return {
      // Those who are being retired have another address: no row matches then.
      permit: guardedElsewhere(permitToStore(core, actor, [person])),
      writes: [
        { update: 'users', set: { last_login: now }, where: { id, email, last_login: { before: now } } } as const,
      ],
      result: undefined,
    }
  })
}
