/** One way to do a job. */
export interface Way {
  run(): Promise<unknown>
  /** Puts back what the call has changed; its time does not count. */
  readonly reset?: () => Promise<unknown>
}

/** How long to measure. */
export interface Effort {
  readonly rounds: number
  /** Milliseconds of each way in each round, about. */
  readonly roundTime: number
}

/**
 * Returns the same time in many short rounds, for small differences: a slow moment of the machine meets the ways of a round
 * alike, and fewer rounds.
 */
export function inShortRounds({ rounds, roundTime }: Effort): Effort {
  return { rounds: rounds * 3, roundTime: roundTime / 3 }
}

/** The milliseconds of a call of each way, round by round. */
export type Times<Name extends string> = Readonly<Record<Name, readonly number[]>>

/**
 * Measures ways to do a job in interleaved rounds: each round runs all of them, beginning with another one each time, so
 * that a slow moment of the machine meets all.
 */
export async function inRounds<Name extends string>(
  ways: Readonly<Record<Name, Way>>,
  { rounds, roundTime }: Effort,
): Promise<Times<Name>> {
  const names = Object.keys(ways) as Name[]
  const calls = new Map<Name, number>()
  for (const name of names) calls.set(name, await callsFor(ways[name], roundTime))
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]
      if (name !== undefined) times[name].push(await meanTime(ways[name], calls.get(name) ?? 1))
    }
  }
  return times
}

/** Warms a way up, and returns how many calls fill a round. */
async function callsFor(way: Way, roundTime: number): Promise<number> {
  await meanTime(way, 3)
  let calls = 1
  for (;;) {
    const time = await meanTime(way, calls)
    if (time * calls >= roundTime / 2) return Math.max(1, Math.round(roundTime / time))
    calls *= 2
  }
}

async function meanTime({ run, reset }: Way, calls: number): Promise<number> {
  let total = 0
  for (let call = 0; call < calls; call++) {
    const start = performance.now()
    await run()
    total += performance.now() - start
    await reset?.()
  }
  return total / calls
}

/** Returns the middle of some numbers; `NaN` of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** Returns the median of the ratios of two ways, round by round. */
export function ratio(times: readonly number[], to: readonly number[]): number {
  return median(times.map((time, round) => time / (to[round] ?? Number.NaN)))
}
