import type { DeadMessageRow, OutboxCounts } from '../port/repository.ts'
import { type ArgumentTable, checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import { type Page, type PageOptions, pageKinds } from '../runtime/pages.ts'
import type { Actor } from '../site/actor.ts'
import {
  actor,
  argument,
  callback,
  count,
  leaseSeconds,
  listOf,
  methods,
  name,
  oneOf,
  options,
  size,
} from '../values/kinds.ts'
import type { OutboxMessage } from './messages.ts'
import { deadMessages, outboxStats, redrive } from './operations/dead-letters.ts'
import { type DeliveryHandler, deliver } from './operations/deliver.ts'

/** Limits of one call of `deliver`. */
export interface DeliverOptions {
  /** Most messages to take. Default 100. */
  readonly limit?: number
  /** Seconds for which no other caller gets a message that was taken: more than the slowest handler takes. Default 60. */
  readonly leaseSeconds?: number
  /**
   * The kinds to take. Default: all. The order of a person's messages holds over all kinds: one that is behind another of
   * a kind that is not taken here waits until a caller elsewhere has delivered that.
   */
  readonly kinds?: readonly OutboxMessage['kind'][]
  /** Tries before a message is set aside as a dead letter: see `dead`. Default 10. */
  readonly maxAttempts?: number
  /**
   * Stops the call once aborted: no further message is handed out, and one that was just taken is given back, uncounted.
   * The handler gets it too; when it throws then, its message has failed as at any other time.
   */
  readonly signal?: AbortSignal
}

/** The circumstances under which a handler gets a message. */
export interface DeliveryAttempt {
  /** The try that it is: 1 for the first. Those count too in which the process ended while it held the message. */
  readonly attempt: number
  /** The signal of the call of `deliver`; without one, a signal that is never aborted. */
  readonly signal: AbortSignal
}

/** A message whose handler threw. */
export interface FailedMessage {
  /** The id of the message. */
  readonly id: string
  /** The error of the handler. It is stored nowhere. */
  readonly error: unknown
  /** The try that it was. */
  readonly attempt: number
  /** The moment from which it is tried again. */
  readonly next_attempt_at: string
}

/** The outcome of one call of `deliver`. */
export interface Delivery {
  /** The number of messages that were delivered, and removed. */
  readonly delivered: number
  /** The messages whose handler threw, and that come again. */
  readonly failed: readonly FailedMessage[]
  /** The ids of the messages that were set aside after their last try: see `dead`. */
  readonly dead: readonly string[]
}

/** A dead letter: a message that was set aside after its last try, without its payload. */
export type DeadMessage = DeadMessageRow

/** The numbers of messages by their state. */
export type OutboxStats = OutboxCounts

/**
 * Mail to send, events to pass on and work for the host.
 *
 * Messages appear with the commit of the change that they tell of, never without it. Delivery is at least once: use
 * the message's `id` to recognise one that comes again.
 *
 * The messages of one person are delivered one at a time, in the order of their ids, over all processes: the next comes
 * when the one before was delivered or set aside. People do not wait for each other.
 */
export interface OutboxOperations {
  /**
   * Takes the oldest messages that may be delivered and hands them to `handler`, one after the other, then those that
   * wait behind them, up to `limit`. Call it on a timer, and as often as it delivers any; several processes may do so at
   * once. Messages that it has not come to when the lease ends are left for the next call, here or elsewhere, and do not
   * count as tried. It takes no actor: only a trusted process of the host has the outbox.
   *
   * A message whose handler throws is tried again after 10 seconds, 20, 40 and so on up to an hour, up to half of it
   * shorter by chance; meanwhile the later ones of its person wait. After `maxAttempts` it is set aside and holds up none.
   * The error is told in the result and to the tracing channel `usercore:outbox.handler`, and stored nowhere. A try counts
   * from the moment at which the message is taken, so that a message which ends the process is set aside as well.
   *
   * A handler has no time limit: one that never ends holds up this call alone, since no transaction is open meanwhile, and
   * the messages come again elsewhere when their lease ends.
   *
   * ```ts
   * const { delivered } = await users.outbox.deliver(({ kind, name }) => console.log(kind, name), { limit: 10 })
   * ```
   */
  deliver(handler: DeliveryHandler, options?: DeliverOptions): Promise<Delivery>

  /**
   * Returns the dead letters, in the order in which they were set aside, without their payload: `redrive` has them
   * delivered. They stay until then; retirement erases mails and events among them like others. Needs `manage_outbox`.
   *
   * Throws `bad_request` for an `after` that no page returned, `not_authenticated` and `not_authorized`.
   *
   * ```ts
   * const { items } = await users.outbox.dead(system, { limit: 10 })
   * console.log(items.map(({ name, user_id, attempts }) => `${name} of ${user_id} after ${attempts} tries`))
   * ```
   */
  dead(actor: Actor, page?: PageOptions): Promise<Page<DeadMessage>>

  /**
   * Makes dead letters ready again, with all their tries, and returns how many of these ids were dead letters; others
   * stay as they are. They come in the place of their ids, so before messages of their person that wait. Needs
   * `manage_outbox`.
   *
   * Throws `not_authenticated` and `not_authorized`.
   *
   * ```ts
   * const { items } = await users.outbox.dead(system)
   * const { redriven } = await users.outbox.redrive(system, items.map(({ id }) => id))
   * ```
   */
  redrive(actor: Actor, ids: readonly string[]): Promise<{ readonly redriven: number }>

  /**
   * Returns how many messages wait, are under a lease and are dead letters, and when the oldest waiting one was
   * recorded, all of one moment: the numbers to watch. Needs `manage_outbox`.
   *
   * Throws `not_authenticated` and `not_authorized`.
   *
   * ```ts
   * const { waiting, oldest_waiting_at } = await users.outbox.stats(system)
   * ```
   */
  stats(actor: Actor): Promise<OutboxStats>
}

/** The kinds of the arguments of each operation. */
export const outboxArguments: ArgumentTable<OutboxOperations> = {
  deliver: [
    argument('handler', callback),
    options({
      limit: size,
      leaseSeconds,
      kinds: listOf(oneOf('mail', 'event', 'notification')),
      maxAttempts: count(1, 1000),
      signal: methods('throwIfAborted'),
    }),
  ],
  dead: [actor, options(pageKinds)],
  redrive: [actor, argument('ids', listOf(name))],
  stats: [actor],
}

/** Returns the operations of the outbox. */
export function outbox(core: Core): OutboxOperations {
  return checkedOperations<OutboxOperations>(core, 'outbox', outboxArguments, {
    deliver: (handler, options = {}) => deliver(core, handler, options),
    dead: (actor, page = {}) => deadMessages(core, actor, page),
    redrive: (actor, ids) => redrive(core, actor, ids),
    stats: (actor) => outboxStats(core, actor),
  })
}
