import type { Meter } from '@opentelemetry/api'
import { type OutboxOperations, type RetirementOperations, system } from 'usercore'

/** The operations that have numbers to watch. */
interface Watched {
  readonly outbox: Pick<OutboxOperations, 'stats'>
  readonly retirement: Pick<RetirementOperations, 'stats'>
}

/**
 * Makes gauges of the messages and the retirements that wait or are stuck: two statements each time that metrics are
 * collected. Let one process of the site do it, since all of them would tell the same.
 */
export function observeStats(users: Watched, meter: Meter): void {
  const messages = meter.createObservableGauge('usercore.outbox.messages')
  const age = meter.createObservableGauge('usercore.outbox.oldest.age', { unit: 's' })
  const retirements = meter.createObservableGauge('usercore.retirements')
  const overdue = meter.createObservableGauge('usercore.retirements.overdue')
  meter.addBatchObservableCallback(
    async (result) => {
      const [outbox, retirement] = await Promise.all([users.outbox.stats(system), users.retirement.stats(system)])
      for (const state of ['waiting', 'leased', 'dead'] as const) result.observe(messages, outbox[state], { state })
      const since = outbox.oldest_waiting_at
      result.observe(age, since === null ? 0 : Math.max(0, Date.now() - Date.parse(since)) / 1000)
      // `stopped` says that workers leave these people alone until an operator has looked.
      for (const { state, stopped, count } of retirement.groups)
        result.observe(retirements, count, { state, stopped: stopped ?? 'no' })
      result.observe(overdue, retirement.overdue)
    },
    [messages, age, retirements, overdue],
  )
}
