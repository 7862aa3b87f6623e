import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Page, PageOptions } from '../runtime/pages.ts'
import type { Actor } from '../site/actor.ts'
import type { Whom } from '../site/whom.ts'
import { proofArguments } from './arguments.ts'
import { type ClosedHolds, closeHolds } from './operations/close-holds.ts'
import { type HoldRequest, listHolds, placeHold, type RetirementHold, releaseHold } from './operations/holds.ts'
import {
  type RetirementReceipt,
  receiptsOf,
  type SealResult,
  sealReceipts,
  verifyReceipts,
} from './operations/receipts.ts'
import { type Replayed, type ReplayRequest, replay } from './operations/replay.ts'
import type { ReceiptHead, ReceiptProblem } from './receipt-chain.ts'

/**
 * Operations by which a host shows what was done. Part of `users.retirement`; they need the right `retire_user` unless they
 * say otherwise.
 */
export interface ProofOperations {
  /**
   * Keeps a person, or rows of theirs in some sources, from being erased, until `until` or `releaseHold`. With `sources` the
   * rest is erased, and the receipt tells what is retained and why. Without, no move begins the erasure
   * (`retirement_state_error`, `held`), of which the first leaves a receipt `refused`, and `claim` does not give the person
   * out. Of a hold and the first step exactly one wins. It is of the account, whatever its name is. The same hold again
   * changes nothing. Needs `hold_data`.
   *
   * Throws `user_not_found`; `bad_request` for a reason that is no code, a moment that has passed and a source that the
   * library does not erase; `retirement_state_error` once the erasure has begun (`not_pending`; not for `sources`), and once
   * the person is erased.
   *
   * ```ts
   * await users.retirement.hold(system, bob, { reason: 'court_order', until: '2027-06-30T00:00:00Z' })
   * ```
   */
  hold(actor: Actor, whom: Whom, request: HoldRequest): Promise<RetirementHold>

  /**
   * Ends a hold: the person can be claimed again at once, and `closeHolds` erases what it kept. Again changes nothing. Needs
   * `hold_data`. Throws `not_found`.
   *
   * ```ts
   * const { id } = await users.retirement.hold(system, bob, { reason: 'audit' })
   * await users.retirement.releaseHold(system, id)
   * ```
   */
  releaseHold(actor: Actor, holdId: string): Promise<void>

  /**
   * Returns all holds, also those that have ended, page by page in the order in which they were placed. Needs `hold_data`.
   * Throws `bad_request` for the cursor of another list.
   *
   * ```ts
   * const { items } = await users.retirement.holds(system, { limit: 10 })
   * ```
   */
  holds(actor: Actor, page?: PageOptions): Promise<Page<RetirementHold>>

  /**
   * Erases what holds kept that have ended or were released, as the steps do, and closes them, each with a receipt
   * `released`: for a timer. Until then `cleanUp` refuses people of whom rows are kept that are found by their names.
   *
   * ```ts
   * const { closed } = await users.retirement.closeHolds(system)
   * ```
   */
  closeHolds(actor: Actor): Promise<ClosedHolds>

  /**
   * Returns the receipts of a person, oldest first; they stay when the row of the person is gone. `whom` names the person by
   * id then; a username finds a person who is there. `cleanUp` writes a receipt with each erasure.
   *
   * Throws `user_not_found` for an unknown username.
   *
   * ```ts
   * for (const { kind, body } of await users.retirement.receiptsOf(system, { id: 7 })) console.log(kind, body)
   * ```
   */
  receiptsOf(actor: Actor, whom: Whom): Promise<RetirementReceipt[]>

  /**
   * Numbers the receipts that are not sealed yet, and chains each to the one before it by its hash: for a timer. Any number
   * of calls at once make one chain. The event `retirement.receipt` tells its end, of which a copy outside of the database
   * shows when the chain is written anew. Returns that end.
   *
   * ```ts
   * const { sealed, head } = await users.retirement.sealReceipts(system)
   * ```
   */
  sealReceipts(actor: Actor): Promise<SealResult>

  /**
   * Yields what is wrong with the receipts: one that was changed, removed, swapped or never sealed. `heads` are ends of the
   * chain that were kept elsewhere; without them a chain that was written anew from some receipt to its end is found only
   * where the site has a `receipt_key`, and receipts that were removed from its end are not.
   *
   * ```ts
   * for await (const { problem, sequence } of users.retirement.verifyReceipts(system)) console.error(problem, sequence)
   * ```
   */
  verifyReceipts(
    actor: Actor,
    options?: { readonly heads?: readonly ReceiptHead[] },
  ): AsyncGenerator<ReceiptProblem, void, undefined>

  /**
   * Does erasures again that a restored backup took back, by the journal that was kept outside of the database. Yields each
   * with what became of it: the person of that id whose names are those of the journal is requested and driven on without
   * cool-off (steps get `replay: true`), and cleaned up where they were before; the names of one who is not there are reserved.
   * Holds of the restored database count. It can be broken off and run again. Needs `force_retirement` too.
   *
   * Throws `bad_request` without a journal and for a moment that is none.
   *
   * ```ts
   * const journal = fileJournal('/var/backups/erasures.jsonl')
   * const restored = users.retirement.replay(system, { journal, since: '2026-11-28T02:00:00Z', dryRun: true })
   * for await (const { user_id, result } of restored) console.log(user_id, result)
   * ```
   */
  replay(actor: Actor, request: ReplayRequest): AsyncGenerator<Replayed, void, undefined>
}

/** Makes the operations of proof over a core. */
export function proofOperations<Transaction>(core: Core<Transaction>): ProofOperations {
  return checkedOperations<ProofOperations>(core, 'retirement', proofArguments, {
    hold: (actor, whom, request) => placeHold(core, actor, whom, request),
    releaseHold: (actor, holdId) => releaseHold(core, actor, holdId),
    holds: (actor, page = {}) => listHolds(core, actor, page),
    closeHolds: (actor) => closeHolds(core, actor),
    receiptsOf: (actor, whom) => receiptsOf(core, actor, whom),
    sealReceipts: (actor) => sealReceipts(core, actor),
    verifyReceipts: (actor, options = {}) => verifyReceipts(core, actor, options),
    replay: (actor, request) => replay(core, actor, request),
  })
}
