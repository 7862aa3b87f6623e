import type { Executor } from './executor.ts'
import type { Bench, Row } from './jobs.ts'
import type { JobName } from './limits.ts'
import { inRounds, median, ratio, type Way } from './rounds.ts'
import type { Site } from './site.ts'

/** A job as usercore does it and by hand; each turn is about other people. */
interface Compared {
  usercore(site: Site, bench: Bench, turn: number): Promise<unknown>
  byHand(on: Executor, bench: Bench, turn: number): Promise<unknown>
  /** Puts back what a call has changed. */
  reset?(bench: Bench): Promise<unknown>
}

export interface Comparison {
  /** Makes the three ways to do it: usercore, plain Kysely, and the raw driver as the floor. */
  ways(bench: Bench): Record<'usercore' | 'kysely' | 'floor', Way>
  /** Returns the most statements of a call of usercore, out of a few. */
  statements(bench: Bench): Promise<number>
  /** Makes the measuring of one row: the time of usercore divided by that of plain Kysely. */
  job(name: JobName): (bench: Bench) => Promise<Row[]>
}

/** The turns between those of two ways: no two write the same values, of which the second would change nothing. */
const apart = 10_000_019

export function compared({ usercore, byHand, reset }: Compared): Comparison {
  function ways(bench: Bench): Record<'usercore' | 'kysely' | 'floor', Way> {
    const way = (first: number, call: (turn: number) => Promise<unknown>): Way => {
      let turn = first
      return { run: () => call(++turn), ...(reset !== undefined && { reset: () => reset(bench) }) }
    }
    return {
      usercore: way(0, (turn) => usercore(bench.site, bench, turn)),
      kysely: way(apart, (turn) => byHand(bench.kysely, bench, turn)),
      floor: way(2 * apart, (turn) => byHand(bench.raw, bench, turn)),
    }
  }

  async function statements(bench: Bench): Promise<number> {
    // The first call of a connection can prepare it.
    for (const turn of [1, 2]) {
      await usercore(bench.counted.site, bench, 3 * apart + turn)
      await reset?.(bench)
    }
    let most = 0
    for (const turn of [3, 4, 5]) {
      const count = await bench.counted.statements((site) => usercore(site, bench, 3 * apart + turn))
      most = Math.max(most, count)
      await reset?.(bench)
    }
    return most
  }

  return {
    ways,
    statements,
    job: (job) => async (bench) => {
      const times = await inRounds(ways(bench), bench.effort)
      return [
        {
          job,
          medians: mediansOf(times),
          unit: 'ms',
          value: ratio(times.usercore, times.kysely),
          statements: await statements(bench),
        },
      ]
    },
  }
}

/** Calls of each client in one burst. */
const burst = 8
const clients = 16

/** Makes the measuring of a comparison with many clients at once: the operations of usercore for each of plain Kysely. */
export function clientsAtOnce(job: JobName, comparison: Comparison): (bench: Bench) => Promise<Row[]> {
  return async (bench) => {
    const { usercore, kysely, floor } = comparison.ways(bench)
    const times = await inRounds({ usercore: many(usercore), kysely: many(kysely), floor: many(floor) }, bench.effort)
    const perSecond = Object.entries(mediansOf(times)).map(([name, time]) => [name, (clients * burst * 1000) / time])
    const value = ratio(times.kysely, times.usercore)
    return [{ job, medians: Object.fromEntries(perSecond), unit: 'per second', value }]
  }
}

function many({ run }: Way): Way {
  const client = async () => {
    for (let call = 0; call < burst; call++) await run()
  }
  return { run: () => Promise.all(Array.from({ length: clients }, client)) }
}

/** Returns the median of each way. */
export function mediansOf(times: Readonly<Record<string, readonly number[]>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]))
}
