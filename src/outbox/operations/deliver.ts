import type { OutboxRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { housekeeping } from '../../runtime/permit.ts'
import { traced } from '../../runtime/tracing.ts'
import { addMilliseconds, instantOf } from '../../values/instant.ts'
import { type Delays, putOff } from '../../values/put-off.ts'
import { messageOf, type OutboxMessage } from '../messages.ts'
import type { DeliverOptions, Delivery, DeliveryAttempt } from '../outbox.ts'

/** The function of the host that delivers one message. It failed when it throws. */
export type DeliveryHandler = (message: OutboxMessage, delivery: DeliveryAttempt) => Promise<void> | void

const delays: Delays = { first: 10_000, longest: 3_600_000 }

/** What became of a message: it was delivered, failed and comes again, or was set aside. */
type Outcome = 'delivered' | 'dead' | Delivery['failed'][number]

/**
 * Takes one message after the other until the limit is reached or nothing more is free: a single deliverer hands all
 * messages out in their order, also those of different people, and no message waits under a lease for those before it.
 */
export async function deliver(core: Core, handler: DeliveryHandler, options: DeliverOptions): Promise<Delivery> {
  const { limit = 100, maxAttempts = 10, signal = new AbortController().signal } = options
  const outcomes: [id: string, outcome: Outcome][] = []
  while (!signal.aborted && outcomes.length < limit) {
    const row = await take(core, options)
    if (row === undefined) break
    // It is free again at once, and this lease does not count. A database that answers more slowly than a lease lasts is
    // asked again by the next call.
    if (signal.aborted || hasEnded(core, row)) {
      await save(core, updateOf(row, { ...underNoLease, attempts: row.attempts - 1 }))
      break
    }
    outcomes.push([row.id, await handOne(core, handler, row, { maxAttempts, signal })])
  }
  return {
    delivered: outcomes.filter(([, outcome]) => outcome === 'delivered').length,
    failed: outcomes.flatMap(([, outcome]) => (typeof outcome === 'object' ? [outcome] : [])),
    dead: outcomes.flatMap(([id, outcome]) => (outcome === 'dead' ? [id] : [])),
  }
}

async function take(core: Core, { leaseSeconds = 60, kinds }: DeliverOptions): Promise<OutboxRow | undefined> {
  const { now, ids } = contextOf(core)
  const leased_until = addMilliseconds(instantOf(now), leaseSeconds * 1000)
  const request = { now: instantOf(now), leased_until, lease: ids(), limit: 1, ...(kinds !== undefined && { kinds }) }
  return (await core.repository.leaseOutbox(request))[0]
}

/** Tells whether the lease ended before the answer of the database came: another caller may hold the message by now. */
function hasEnded(core: Core, { leased_until }: OutboxRow): boolean {
  return leased_until === null || leased_until <= instantOf(contextOf(core).now)
}

async function handOne(
  core: Core,
  handler: DeliveryHandler,
  row: OutboxRow,
  { maxAttempts, signal }: { maxAttempts: number; signal: AbortSignal },
): Promise<Outcome> {
  const { id, lease, attempts: attempt } = row
  // The process ended in its last try.
  if (attempt > maxAttempts) return setAside(core, row, attempt - 1)
  try {
    await traced('outbox.handler', async () => handler(messageOf(row), { attempt, signal }))
  } catch (error) {
    if (attempt >= maxAttempts) return setAside(core, row, attempt)
    const { now, random } = contextOf(core)
    const next_attempt_at = addMilliseconds(instantOf(now), putOff(attempt, delays, random))
    await save(core, updateOf(row, { ...underNoLease, next_attempt_at }))
    return { id, error, attempt, next_attempt_at }
  }
  await save(core, { delete: 'outbox', where: { id, lease } })
  return 'delivered'
}

const underNoLease = { lease: null, leased_until: null, next_attempt_at: null } satisfies Partial<OutboxRow>

/** Makes the write of one message, unless another caller has it by now. */
function updateOf({ id, lease }: OutboxRow, set: Partial<OutboxRow>): Write {
  return { update: 'outbox', set, where: { id, lease } }
}

async function setAside(core: Core, row: OutboxRow, attempts: number): Promise<'dead'> {
  await save(core, updateOf(row, { ...underNoLease, attempts, dead_at: instantOf(contextOf(core).now) }))
  return 'dead'
}

async function save(core: Core, write: Write): Promise<void> {
  await decideAndSave(core, async () => ({ writes: [write], permit: housekeeping, result: undefined }))
}
