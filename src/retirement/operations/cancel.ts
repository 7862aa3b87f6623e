import { accountWrites } from '../../accounts/account-writes.ts'
import { isWaiting, renewActivation } from '../../accounts/activation.ts'
import { refuseCancel } from '../../accounts/cancellation.ts'
import { message } from '../../outbox/messages.ts'
import type { RetirementRequestRow, UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { requireRight } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { idOfActor, userRef } from '../../runtime/load-account.ts'
import { housekeeping } from '../../runtime/permit.ts'
import type { Actor } from '../../site/actor.ts'
import { badArgument, requireUserId } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { identifierKey } from '../../values/text.ts'
import { forgetWrites, historyWrite } from '../retirement-writes.ts'
import { workErasure } from '../work-erasure.ts'
import { loadStates, stateError } from './load-retirement.ts'

/** The retirement to cancel, by exactly one of these. */
export type CancelTarget =
  /** The `id` of the retirement. */
  | { readonly id: UserId; readonly email?: never; readonly username?: never }
  /** The address at the time of the request. */
  | { readonly email: string; readonly id?: never; readonly username?: never }
  /** The username at the time of the request. */
  | { readonly username: string; readonly id?: never; readonly email?: never }

/** The bytes of a random password: the person can have it reset. */
const passwordBytes = 24

export async function cancelRetirement<Transaction>(
  core: Core<Transaction>,
  actor: Actor,
  target: CancelTarget,
): Promise<void> {
  requireRight(core, actor, 'cancel_retirement')
  const where = whereOf(core, target)
  await decideAndSave<Transaction, void>(core, async () => {
    const context = contextOf(core)
    const states = await loadStates(core)
    const found = await core.repository.select('retirements', where)
    const records = await core.repository.findAccounts({ ids: found.map(({ user_id }) => user_id) })
    const candidates = found.flatMap((retirement) => {
      const record = records.find(({ user }) => user.id === retirement.user_id)
      if (record === undefined) return []
      return [{ retirement, record, reason: refuseCancel({ retirement, states }, record.user) }]
    })
    const chosen = candidates.find(({ reason }) => reason === undefined) ?? candidates[0]
    if (chosen === undefined) throw new UserCoreError('not_found', { params: { what: 'retirement' } })
    const { retirement, record, reason } = chosen
    if (reason !== undefined) throw stateError(reason)

    const { user_id, original_email: email, original_email_key: email_key } = retirement
    const user = { ...record.user, email, email_key }
    const [registration] = await core.repository.select('registrations', { user_id })
    const [request] = await core.repository.select('retirement_requests', { user_id })
    const history = { from_state: retirement.current_state, to_state: null, forced: false, note: '' }
    const changed_by = await idOfActor(core, actor)
    return {
      permit: housekeeping,
      writes: [
        // A move changes the version too: of a cancellation and the first move only one finds the row as it was.
        ...forgetWrites(retirement),
        ...workErasure([user_id]),
        ...withdrawWrites(request),
        ...accountWrites(record, { ...record, user }),
        // The request ended the activation key. An account that an operator had locked does not wait, and gets no new
        // one.
        ...(isWaiting(registration) && !user.is_active ? renewActivation(registration, user, context) : []),
        historyWrite(retirement, { ...history, changed_by }, context),
        { insert: 'outbox', rows: [message('event', 'retirement.cancelled', user_id, {}, context)] },
      ],
      inside: async (transaction) => {
        const password = Buffer.from(context.random(passwordBytes)).toString('base64url')
        await core.host.credentials?.set(userRef(user), password, transaction)
      },
      result: undefined,
    }
  })
}

function whereOf(core: Core, target: CancelTarget) {
  const { id, email, username } = target
  const given = [id, email, username].filter((member) => member !== undefined)
  if (given.length === 1) {
    if (id !== undefined) return { id: requireUserId(id, core.repository.idType, 'id') }
    if (email !== undefined) return { original_email_key: identifierKey(email) }
    if (username !== undefined) return { original_username_key: identifierKey(username) }
  }
  throw badArgument('target', 'an object with exactly one of id, email, username')
}

/** Returns the writes that take a request back: the evidence of the generation before it stays. */
function withdrawWrites(request: RetirementRequestRow | undefined): Write[] {
  if (request === undefined) return []
  const { user_id, generation } = request
  if (generation === 1) return [{ delete: 'retirement_requests', where: { user_id } }]
  const set = { is_started: true, generation: generation - 1 }
  return [{ update: 'retirement_requests', set, where: { user_id, generation }, guarded: true }]
}
