/**
 * Spans and metrics of OpenTelemetry: of each call by the tracing channels of the library, and gauges of what waits. Copy the
 * folder beside this file; it needs `@opentelemetry/api` alone. A server exports to its collector, this program to memory.
 */
import assert from 'node:assert/strict'
import { SpanStatusCode } from '@opentelemetry/api'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { createUserCore, definePipeline, system } from 'usercore'
import { memoryRepository } from 'usercore/memory'
import { observeStats } from './16-opentelemetry/observe-stats.ts'
import { traceCalls } from './16-opentelemetry/trace-calls.ts'

const spans = new InMemorySpanExporter()
const tracing = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] })
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })
const metering = new MeterProvider({ readers: [reader] })

let now = new Date()
const users = createUserCore({
  repository: memoryRepository(),
  clock: () => now,
  settings: { retired_identifier_keys: [{ id: 'k1', secret: 'from your secret store: 32 characters or more' }] },
  steps: { forums: async () => ({ outcome: 'blocked', code: 'forums_are_down' }) },
  // A hook that fails is the host's fault, and the one error here that is to be looked at.
  derivedFields: async () => Promise.reject(new Error('no badges today')),
})
const stop = traceCalls(users, tracing.getTracer('site'), metering.getMeter('site'))
observeStats(users, metering.getMeter('site'))

console.log('— Calls that succeed, that are refused and that fail')
const person = { username: 'ada', email: 'ada@example.com', name: 'Ada' }
const { id } = await users.accounts.create(system, person, { active: true })
await assert.rejects(users.accounts.create(system, person))
await users.preferences.set({ id }, { id }, 'theme', 'dark')
await assert.rejects(users.accounts.get({ id }, { id }))

console.log('— A message whose handler fails, and a retirement that a step stops')
await users.outbox.deliver(() => Promise.reject(new Error('the mail server is down')), { limit: 1 })
await users.retirement.setPipeline(
  system,
  definePipeline([{ step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' }]),
)
await users.retirement.request(system, { id })
now = new Date(now.getTime() + 40 * 86_400_000)
await users.retirement.work(system, { idle: 'return' })

console.log('\n— Spans')
const finished = spans.getFinishedSpans()
const byId = new Map(finished.map((span) => [span.spanContext().spanId, span]))
const shown = finished.map(({ name, status, attributes, parentSpanContext }) => ({
  name,
  within: byId.get(parentSpanContext?.spanId ?? '')?.name ?? '',
  error: attributes['error.type'] ?? '',
  failed: status.code === SpanStatusCode.ERROR,
}))
console.table(shown)
const spansOf = (name: string) => shown.filter((span) => span.name === `usercore ${name}`)
assert.deepEqual(
  spansOf('accounts.create').map(({ error, failed }) => [error, failed]),
  [
    ['', false],
    ['account_validation_error', false],
  ],
)
assert.deepEqual(
  spansOf('accounts.get').map(({ error, failed }) => [error, failed]),
  [['internal_error', true]],
)
assert.deepEqual(
  [spansOf('outbox.handler'), spansOf('retirement.step')].map(([span]) => [span?.within, span?.failed]),
  [
    ['usercore outbox.deliver', true],
    ['usercore retirement.work', false],
  ],
)

console.log('— Metrics')
await metering.forceFlush()
const collected = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
const rows = collected.flatMap(({ descriptor, dataPointType, dataPoints }) =>
  dataPoints.map(({ attributes, value }) => ({
    metric: descriptor.name,
    of: Object.values(attributes).join(', '),
    value: dataPointType === DataPointType.HISTOGRAM ? (value as { count: number }).count : (value as number),
  })),
)
console.table(rows)
const measured = (metric: string, of: string) => rows.find((row) => row.metric === metric && row.of === of)?.value
assert.equal(measured('usercore.operation.duration', 'accounts.create'), 1)
assert.equal(measured('usercore.operation.duration', 'accounts.create, account_validation_error'), 1)
assert.equal(measured('usercore.retirements', 'RETIRING_FORUMS, blocked'), 1)
assert.equal(measured('usercore.retirements.overdue', ''), 1)
assert.ok((measured('usercore.outbox.messages', 'waiting') ?? 0) > 0)
assert.ok((measured('usercore.outbox.oldest.age', '') ?? -1) >= 0)

console.log('— Nothing of it names the person, and nothing is traced any more once the function has ended it')
assert.doesNotMatch(
  JSON.stringify([shown, rows, finished.map(({ events, attributes }) => [events, attributes])]),
  /ada/i,
)
stop()
const before = spans.getFinishedSpans().length
await users.accounts.validate({ username: 'bob' })
assert.equal(spans.getFinishedSpans().length, before)
await metering.shutdown()
