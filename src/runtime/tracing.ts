import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'

/** What subscribers get to know of a call: which operation it is, and in the end its error; never an argument. */
export interface TracingContext {
  /** Such as `accounts.update`. */
  readonly operation: string
}

const channels = new Map<string, TracingChannel<unknown, TracingContext>>()

/**
 * Runs an operation under the tracing channel `usercore:<operation>` of `node:diagnostics_channel`. Costs a look-up
 * while nobody has subscribed.
 */
export function traced<Result>(operation: string, run: () => Promise<Result>): Promise<Result> {
  let channel = channels.get(operation)
  if (channel === undefined) {
    channel = tracingChannel<unknown, TracingContext>(`usercore:${operation}`)
    channels.set(operation, channel)
  }
  return channel.hasSubscribers ? traceWithoutResult(channel, operation, run) : run()
}

/** The channel shows what a traced promise resolves to; results hold personal data, so they pass it by. */
async function traceWithoutResult<Result>(
  channel: TracingChannel<unknown, TracingContext>,
  operation: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const kept: Result[] = []
  await channel.tracePromise(async () => void kept.push(await run()), { operation })
  return kept[0] as Result
}
