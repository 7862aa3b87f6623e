import { type ArgumentTable, checkedOperations } from '../runtime/checked-operations.ts'
import { type Core, contextOf, decideAndSave } from '../runtime/core.ts'
import { addMilliseconds, instantOf } from '../values/instant.ts'
import { argument, callback, leaseSeconds, options, size } from '../values/kinds.ts'
import { messageOf, type OutboxMessage } from './messages.ts'

/** Limits of one round of delivery. */
export interface DeliverOptions {
  /** Most messages to take. Default 100. */
  readonly limit?: number
  /** Seconds for which no other caller gets these messages: more than the slowest handler takes. Default 60. */
  readonly leaseSeconds?: number
}

/** The outcome of one round of delivery. */
export interface Delivery {
  /** The number of messages that were delivered, and removed. */
  readonly delivered: number
  /** The messages whose handler threw, each with the error. They come again when their lease ends. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[]
}

/**
 * Mail to send, events to pass on and work for the host.
 *
 * Messages appear with the commit of the change that they tell of, never without it. Delivery is at least once: use
 * the message's `id` to recognise one that comes again.
 */
export interface OutboxOperations {
  /**
   * Takes the oldest messages and hands them to `handler`, one after the other. Call it on a timer, and as often as
   * it delivers any; several processes may do so at once. Messages that it has not come to when the lease ends are left for
   * the next call, here or elsewhere. It takes no actor: only a trusted process of the host has the outbox.
   *
   * A handler has no time limit: one that never ends holds up this call alone, since no transaction is open meanwhile, and
   * the messages come again elsewhere when their lease ends.
   *
   * ```ts
   * const { delivered } = await users.outbox.deliver(({ kind, name }) => console.log(kind, name), { limit: 10 })
   * ```
   */
  deliver(handler: (message: OutboxMessage) => Promise<void> | void, options?: DeliverOptions): Promise<Delivery>
}

/** The kinds of the arguments of each operation. */
export const outboxArguments: ArgumentTable<OutboxOperations> = {
  deliver: [argument('handler', callback), options({ limit: size, leaseSeconds })],
}

/** Returns the operations of the outbox. */
export function outbox(core: Core): OutboxOperations {
  return checkedOperations<OutboxOperations>(core, 'outbox', outboxArguments, {
    deliver: (handler, options = {}) => deliver(core, handler, options),
  })
}

async function deliver(
  core: Core,
  handler: (message: OutboxMessage) => Promise<void> | void,
  { limit = 100, leaseSeconds = 60 }: DeliverOptions,
): Promise<Delivery> {
  const { now, ids } = contextOf(core)
  const lease = ids()
  const leased_until = addMilliseconds(instantOf(now), leaseSeconds * 1000)
  const rows = await core.repository.leaseOutbox({ now: instantOf(now), leased_until, lease, limit })
  const failed: Delivery['failed'][number][] = []
  let delivered = 0
  for (const message of rows.map(messageOf)) {
    // Another caller may have the others by now.
    if (instantOf(contextOf(core).now) >= leased_until) break
    try {
      await handler(message)
    } catch (error) {
      failed.push({ id: message.id, error })
      continue
    }
    const { id } = message
    await decideAndSave(core, async () => ({
      writes: [{ delete: 'outbox', where: { id, lease } }],
      result: undefined,
    }))
    delivered++
  }
  return { delivered, failed }
}
