import { AsyncLocalStorage } from 'node:async_hooks'
import { tracingChannel } from 'node:diagnostics_channel'
import { type Context, context, type Meter, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { errorStatus, isUserCoreError, type TracingContext } from 'usercore'

/** A call as its channel shows it: the same object from its start to its end. */
type Call = TracingContext & { readonly error?: unknown }

/**
 * Makes a span and a measurement of each call of an operation, and of each message that a handler takes and each step of a
 * retirement, within the span of its operation. Returns a function that ends it. Neither tells an argument or a result.
 */
export function traceCalls(users: object, tracer: Tracer, meter: Meter): () => void {
  const duration = meter.createHistogram('usercore.operation.duration', { unit: 's' })
  const inside = new AsyncLocalStorage<Context>()
  const started = new WeakMap<Call, { span: Span; at: number }>()

  function start(call: Call): Context {
    const parent = inside.getStore() ?? context.active()
    const span = tracer.startSpan(`usercore ${call.operation}`, {}, parent)
    started.set(call, { span, at: performance.now() })
    return trace.setSpan(parent, span)
  }
  function asyncEnd(call: Call): void {
    const { span, at } = started.get(call) ?? {}
    if (span === undefined || at === undefined) return
    const { operation, error } = call
    const code = isUserCoreError(error) ? error.code : 'other'
    const attributes = { 'usercore.operation': operation, ...(error === undefined ? {} : { 'error.type': code }) }
    span.setAttributes(attributes)
    // A refusal is an outcome like any other; storage or a hook that failed is not.
    const isFailure = error !== undefined && !(isUserCoreError(error) && errorStatus(error) < 500)
    if (isFailure) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
    duration.record((performance.now() - at) / 1000, attributes)
  }

  const channels = [...operationsOf(users), 'outbox.handler', 'retirement.step'].map((name) =>
    tracingChannel<Context, Call>(`usercore:${name}`),
  )
  // Whatever an operation awaits finds its span in the store, such as the handler of a message.
  for (const { start: channel } of channels) channel.bindStore(inside, start)
  for (const { asyncEnd: channel } of channels) channel.subscribe(end)
  function end(message: unknown): void {
    asyncEnd(message as Call)
  }
  return () => {
    for (const { start: channel } of channels) channel.unbindStore(inside)
    for (const { asyncEnd: channel } of channels) channel.unsubscribe(end)
  }
}

/** Returns the names of the operations, such as `accounts.update`: channels are opened by name. */
function operationsOf(area: object, prefix = ''): string[] {
  return Object.entries(area).flatMap(([name, member]) => {
    if (typeof member === 'function') return [prefix + name]
    return name === 'settings' ? [] : operationsOf(member, `${prefix}${name}.`)
  })
}
