import { sql } from 'kysely'
import { claimByHand, exportByHand, takeByHand } from './by-hand-queues.ts'
import { type Comparison, compared, mediansOf } from './compare.ts'
import type { Bench, Job, Row } from './jobs.ts'
import type { JobName } from './limits.ts'
import { memoryGrowth } from './memory-of.ts'
import { closeBench, openBench } from './open.ts'
import { inRounds, inShortRounds, ratio } from './rounds.ts'
import { seedMessages, seedOptIns, seedRetirements, seedUsers } from './seed.ts'
import { batchSize } from './site.ts'

/** The states of the default pipeline in which retirements can be claimed. */
const openStates = [
  'PENDING',
  'RETIRING_PARTNER_REPORT',
  'PARTNER_REPORT_COMPLETE',
  'RETIRING_LMS_MISC',
  'LMS_MISC_COMPLETE',
  'RETIRING_LMS',
  'LMS_COMPLETE',
]

/** How many are taken at once. */
const limit = 100

const run = (text: string) => (bench: Bench) => sql.raw(text).execute(bench.site.db)

const claim = compared({
  usercore: async (site) => requireLimit((await site.claim(limit)).length),
  byHand: (on, { place }) => claimByHand(on, place, openStates, limit),
  reset: run('update usercore_retirements set lease = null, leased_until = null where user_id <= 1000'),
})

const take = compared({
  usercore: async (site) => requireLimit((await site.take(limit, crypto.randomUUID())).length),
  byHand: (on, { place }) => takeByHand(on, place, limit, crypto.randomUUID()),
  reset: run(
    `update usercore_outbox set lease = null, leased_until = null, next_attempt_at = null where id <= 'm10001000'`,
  ),
})

function requireLimit(count: number): void {
  if (count !== limit) throw new Error(`${count} of ${limit}`)
}

/** The people of the smaller database, beside which growth is measured. */
export const few = 10_000

type Fill = (bench: Bench, count: number) => Promise<unknown>

/** Makes a job about the first of many rows, which is measured beside the same of 10,000 rows. */
function growing(comparison: Comparison, job: JobName, growth: JobName, fill: Fill): Job<Bench> {
  return {
    rows: [job, growth],
    async measure(bench) {
      await fill(bench, bench.many)
      const small = await openBench(bench.place.database, { ...bench, people: Math.min(few, bench.many), many: few })
      try {
        await fill(small, Math.min(few, bench.many))
        const ways = comparison.ways(bench)
        const times = await inRounds(ways, bench.effort)
        // Apart from the ways by hand: what another connection writes empties the cache of pages of a connection to SQLite.
        const growing = { many: ways.usercore, few: comparison.ways(small).usercore }
        const growths = await inRounds(growing, inShortRounds(bench.effort))
        const statements = await comparison.statements(bench)
        const rows: Row[] = [
          { job, medians: mediansOf(times), unit: 'ms', value: ratio(times.usercore, times.kysely), statements },
          { job: growth, medians: mediansOf(growths), unit: 'ms', value: ratio(growths.many, growths.few) },
        ]
        return rows
      } finally {
        await closeBench(small)
      }
    },
  }
}

/** Places that have people up to `many` already. */
const filled = new Set<string>()

/** Adds people up to a number, with a profile and nothing else. */
export async function fillUsers(bench: Bench, count: number): Promise<void> {
  const { place, people, site } = bench
  if (filled.has(place.name) || count <= people) return
  filled.add(place.name)
  await seedUsers(site.db, place, people, count)
}

const exportJob: Job<Bench> = {
  rows: ['export opt-ins', 'export opt-ins, memory'],
  async measure(bench) {
    await fillUsers(bench, bench.many)
    await seedOptIns(bench.site.db, bench.place, bench.many)
    const usercore = async () => {
      let count = 0
      for await (const batch of bench.site.exportOptIns()) count += batch.length
      if (count !== bench.many) throw new Error(`${count} rows of ${bench.many}`)
    }
    const floor = async () => {
      const count = await exportByHand(bench.raw, batchSize)
      if (count < bench.many) throw new Error(`${count} rows of ${bench.many}`)
    }
    const times = await inRounds({ usercore: { run: usercore }, floor: { run: floor } }, { rounds: 3, roundTime: 0 })
    const perSecond = Object.entries(mediansOf(times)).map(([name, time]) => [name, (bench.many * 1000) / time])
    return [
      {
        job: 'export opt-ins',
        medians: Object.fromEntries(perSecond),
        unit: 'per second',
        value: ratio(times.floor, times.usercore),
      },
      await memoryGrowth('export opt-ins, memory', bench, 'opt-ins'),
    ]
  },
}

/** The jobs about many rows, which they add. */
export const queueJobs: readonly Job<Bench>[] = [
  growing(take, 'outbox: take 100 messages', 'outbox: take 100 messages, growth', ({ site, place }, count) =>
    seedMessages(site.db, place, 0, count),
  ),
  growing(claim, 'claim 100 retirements', 'claim 100 retirements, growth', async (bench, count) => {
    await fillUsers(bench, count)
    await bench.site.prepareRetirement()
    await seedRetirements(bench.site.db, bench.place, 0, count)
  }),
  exportJob,
]
