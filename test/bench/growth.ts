import { mediansOf } from './compare.ts'
import { comparisons } from './jobs.ts'
import { closeBench, openBench } from './open.ts'
import type { DatabaseName } from './places.ts'
import { type Effort, inRounds, ratio, type Way } from './rounds.ts'

/** A read or an update of usercore, measured with several numbers of people. */
export interface Growth {
  readonly database: DatabaseName
  readonly job: string
  /** The milliseconds of a call, by the number of people. */
  readonly medians: Readonly<Record<string, number>>
  /** The time with the most people divided by that with the fewest. */
  readonly value: number
}

/**
 * Measures each read and update with several numbers of people in the same rounds, each in a database of its own. Yields
 * the rows one by one.
 */
export async function* growthOf(
  database: DatabaseName,
  sizes: readonly number[],
  effort: Effort,
): AsyncGenerator<Growth> {
  const benches = []
  try {
    for (const people of sizes) benches.push(await openBench(database, { people, many: people, effort }))
    for (const [job, comparison] of Object.entries(comparisons)) {
      const ways: Record<string, Way> = {}
      for (const bench of benches) ways[`${bench.people} people`] = comparison.ways(bench).usercore
      const times = await inRounds(ways, effort)
      const [fewest = [], most = []] = [Object.values(times)[0], Object.values(times).at(-1)]
      yield { database, job, medians: mediansOf(times), value: ratio(most, fewest) }
    }
  } finally {
    for (const bench of benches) await closeBench(bench)
  }
}
