import { type ArgumentTable, checkedOperations } from '../runtime/checked-operations.ts'
import { type Core, contextOf, decideAndSave } from '../runtime/core.ts'
import { addMilliseconds, instantOf } from '../values/instant.ts'
import { argument, callback, leaseSeconds, options, size } from '../values/kinds.ts'
import { messageOf, type OutboxMessage } from './messages.ts'

/** How much to deliver at once. */
export interface DeliverOptions {
  /** Messages to take at once. Default 100. */
  readonly limit?: number
  /** Seconds for which nobody else gets these messages. Default 60; more than the slowest handler takes. */
  readonly leaseSeconds?: number
}

/** What became of the messages of one round. */
export interface Delivery {
  /** How many were delivered, and removed. */
  readonly delivered: number
  /** Those whose handler threw, with what it threw. They come again when their lease ends. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[]
}

/**
 * Mail to send, events to pass on and work for the host.
 *
 * Messages appear with the commit of the change that they tell of, never without it. Delivery is at least once: use
 * the message's `id` to recognise one that comes again.
 */
export interface Outbox {
  /**
   * Takes the oldest messages and hands them to `handler`, one after the other. Call it on a timer, and as often as
   * it delivers anything; several processes may do so at once. What it has not come to when the lease ends is left for
   * the next call, here or elsewhere.
   *
   * A handler has all the time that it takes: one that never answers holds up this call alone, since no transaction is
   * open meanwhile, and the messages come again elsewhere when their lease ends.
   */
  deliver(handler: (message: OutboxMessage) => Promise<void> | void, options?: DeliverOptions): Promise<Delivery>
}

/** What the operations of the outbox take. */
export const outboxArguments: ArgumentTable<Outbox> = {
  deliver: [argument('handler', callback), options({ limit: size, leaseSeconds })],
}

export function outbox(core: Core): Outbox {
  return checkedOperations<Outbox>(core, 'outbox', outboxArguments, {
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
    // Somebody else may have the others by now.
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
