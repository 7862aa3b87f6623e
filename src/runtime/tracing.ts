import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'

/** The facts that subscribers get of a call: its operation and, in the end, its error; never an argument. */
export interface TracingContext {
  /** The name of the operation, such as `accounts.update`. */
  readonly operation: string
}

const channels = new Map<string, TracingChannel<unknown, TracingContext>>()

/**
 * Runs an operation under the tracing channel `usercore:<operation>` of `node:diagnostics_channel`. Costs one look-up
 * while there is no subscriber.
 */
export function traced<Result>(operation: string, run: () => Promise<Result>): Promise<Result> {
  let channel = channels.get(operation)
  if (channel === undefined) {
    channel = tracingChannel<unknown, TracingContext>(`usercore:${operation}`)
    channels.set(operation, channel)
  }
  return channel.hasSubscribers ? traceWithoutResult(channel, operation, run) : run()
}

/** The channel shows the value that a traced promise resolves to; results hold personal data, so they bypass it. */
async function traceWithoutResult<Result>(
  channel: TracingChannel<unknown, TracingContext>,
  operation: string,
  run: () => Promise<Result>,
): Promise<Result> {
  const kept: Result[] = []
  await channel.tracePromise(async () => void kept.push(await run()), { operation })
  return kept[0] as Result
}
