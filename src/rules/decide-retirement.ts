import { refuseCancel as refuseCancellation } from '../accounts/cancellation.ts'
import { retiredForm } from '../accounts/retired-identifier.ts'
import type { AccountRecord } from '../port/account-record.ts'
import type { RetirementAction } from '../port/retirement-record.ts'
import type { FormerUsernameRow, RetirementRow, RetirementStateRow } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import { accountErasure } from '../retirement/erasure.ts'
import { refuseMove as refuse, refuseAction as refuseWork } from '../retirement/move.ts'
import type { Context } from '../site/context.ts'
import type { RetirementRefusal } from '../values/error-params.ts'
import { instantOf } from '../values/instant.ts'
import { identifierKey } from '../values/text.ts'

/**
 * Returns the retirement of an account that is asked for now, in the first of the states.
 *
 * Throws `config_error` where the site has no key to retire names with.
 *
 * Expects an account of a repository or of `newAccount`, the states of a pipeline, and a context of `ruleContext`;
 * none of them is checked.
 *
 * ```ts
 * const keys = [{ id: 'k1', secret: 'a secret of at least thirty-two characters' }]
 * const context = ruleContext({ now: new Date('2026-11-29'), settings: { retired_identifier_keys: keys } })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * newRetirement(account, defaultPipeline.states, context).current_state // 'PENDING'
 * ```
 */
export function newRetirement(
  { user, profile }: AccountRecord,
  states: readonly RetirementStateRow[],
  { now, settings }: Pick<Context, 'now' | 'settings'>,
): RetirementRow {
  const first = states[0]?.state_name ?? ''
  return {
    user_id: user.id,
    id: user.id,
    original_username: user.username,
    original_username_key: identifierKey(user.username),
    original_email: user.email,
    original_email_key: identifierKey(user.email),
    original_name: profile?.name ?? '',
    retired_username: retiredForm('username', user.username, settings),
    retired_email: retiredForm('email', user.email, settings),
    current_state: first,
    last_state: first,
    version: 1,
    lease: null,
    leased_until: null,
    created_at: instantOf(now),
    modified_at: instantOf(now),
  }
}

/**
 * Returns the reason for which a retirement stays where it is; `undefined`: it may move to that state. Unforced moves
 * lead to a later state, and none leads out of an end; a forced one leads anywhere. No move begins an erasure before the
 * minimum cool-off is over.
 *
 * Expects a retirement of `newRetirement` or of a repository, the states of a pipeline, and a context of
 * `ruleContext`; none of them is checked.
 *
 * ```ts
 * const keys = [{ id: 'k1', secret: 'a secret of at least thirty-two characters' }]
 * const context = ruleContext({ now: new Date('2026-11-29'), settings: { retired_identifier_keys: keys } })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * const { states } = defaultPipeline
 * refuseMove(newRetirement(account, states, context), 'RETIRING_FORUMS', states, context) // 'cool_off'
 * ```
 */
export function refuseMove(
  retirement: RetirementRow,
  to: string,
  states: readonly RetirementStateRow[],
  context: Pick<Context, 'now' | 'settings'>,
  { force = false }: { readonly force?: boolean } = {},
): RetirementRefusal | undefined {
  return refuse({ retirement, states, context }, to, force)
}

/**
 * Returns the reason for which a step of the library cannot be done for a retirement now; `undefined`: it can. It takes
 * a working state, and that of the step where the site binds one to it.
 *
 * Expects a retirement of `newRetirement` or of a repository, the states of a pipeline, and a context of
 * `ruleContext`; none of them is checked.
 *
 * ```ts
 * const keys = [{ id: 'k1', secret: 'a secret of at least thirty-two characters' }]
 * const context = ruleContext({ now: new Date('2026-11-29'), settings: { retired_identifier_keys: keys } })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * const { states } = defaultPipeline
 * refuseStep(newRetirement(account, states, context), 'account', states, context) // 'not_working'
 * ```
 */
export function refuseStep(
  retirement: RetirementRow,
  step: RetirementAction,
  states: readonly RetirementStateRow[],
  context: Pick<Context, 'now' | 'settings'>,
): RetirementRefusal | undefined {
  return refuseWork({ retirement, states, context }, step)
}

/**
 * Returns the reason for which a request cannot be taken back; `undefined`: it can, since nothing was begun.
 *
 * Expects a retirement of `newRetirement` or of a repository, an account of a repository or of `newAccount`, and the
 * states of a pipeline; none of them is checked.
 *
 * ```ts
 * const keys = [{ id: 'k1', secret: 'a secret of at least thirty-two characters' }]
 * const context = ruleContext({ now: new Date('2026-11-29'), settings: { retired_identifier_keys: keys } })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * const { states } = defaultPipeline
 * refuseCancel(newRetirement(account, states, context), account, states) // undefined
 * ```
 */
export function refuseCancel(
  retirement: RetirementRow,
  { user }: AccountRecord,
  states: readonly RetirementStateRow[],
): RetirementRefusal | undefined {
  return refuseCancellation({ retirement, states }, user)
}

/**
 * Returns the writes that erase an account: all that the library keeps of the person, but for the id, moments and the
 * evidence of the request. Takes the usernames that the person had before, and a context with `ids`, since the outbox
 * tells the host.
 *
 * Expects an account of a repository or of `newAccount`, its retirement, rows of a repository, and a context of
 * `ruleContext`; none of them is checked.
 *
 * ```ts
 * const keys = [{ id: 'k1', secret: 'a secret of at least thirty-two characters' }]
 * const now = new Date('2026-11-29')
 * const context = ruleContext({ now, settings: { retired_identifier_keys: keys }, ids: () => 'an id' })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * const writes = eraseAccount(account, newRetirement(account, defaultPipeline.states, context), context)
 * ```
 */
export function eraseAccount(
  account: AccountRecord,
  retirement: RetirementRow,
  context: Context,
  formerUsernames: readonly FormerUsernameRow[] = [],
): Write[] {
  return accountErasure(account, formerUsernames, retirement, context)
}
