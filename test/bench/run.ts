import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { growthOf } from './growth.ts'
import { databaseJobs, type Job, otherJobs } from './jobs.ts'
import { limitText, type Measured, type MeasuredOn, type Result } from './limits.ts'
import { closeBench, openBench } from './open.ts'
import { type DatabaseName, databasesAtHand } from './places.ts'

/**
 * Measures usercore beside plain Kysely and the raw driver with prepared statements, over the same tables in the same
 * run. See the options below; `node test/bench/check.ts <file>` compares the file with the limits.
 */
const { values } = parseArgs({
  options: {
    /** The file to write the results to; not those of `growth`, which have no limits. */
    json: { type: 'string' },
    /** Only jobs whose name holds this text. */
    test: { type: 'string', short: 't', default: '' },
    /** Databases, with commas between them. Default: SQLite, and each server whose address is in the environment. */
    on: { type: 'string' },
    people: { type: 'string', default: '100000' },
    /** Rows of the jobs about many. */
    many: { type: 'string', default: '1000000' },
    /** Numbers of people, with commas between them: measures how reads and updates grow with them, and nothing else. */
    growth: { type: 'string' },
    rounds: { type: 'string', default: '11' },
    /** Milliseconds of each way in each round. */
    time: { type: 'string', default: '150' },
  },
})

if (values.json !== undefined && values.growth !== undefined) throw new TypeError('--json is not for --growth')
const effort = { rounds: Number(values.rounds), roundTime: Number(values.time) }
const people = Number(values.people)
const databases = (values.on?.split(',') ?? databasesAtHand()) as DatabaseName[]
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`
const results: Result[] = []

/** Writes the file after each row, so that a run that is broken off leaves what it has measured. */
function save(): void {
  const measured: Measured = { machine, people, databases, results }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(measured, undefined, 2)}\n`)
}

async function measure<On>(jobs: readonly Job<On>[], on: On, database: MeasuredOn): Promise<void> {
  for (const job of jobs) {
    for (const row of await job.measure(on)) {
      results.push({ ...row, database })
      console.log(lineOf({ ...row, database }))
      save()
    }
  }
}

function lineOf({ job, database, medians, unit, value, statements }: Result): string {
  const numbers = Object.entries(medians).map(([way, number]) => `${way} ${shown(number)}`)
  const compared = `${shown(value)} (${limitText(job, database)})`
  const sent = statements === undefined ? '' : `, ${statements} statements`
  return `${database.padEnd(9)}${job.padEnd(45)}${compared.padEnd(24)} ${numbers.join(', ')} ${unit}${sent}`
}

const shown = (number: number) => (number >= 100 ? number.toFixed(0) : number.toPrecision(3))

const chosen = <On>(jobs: readonly Job<On>[]) =>
  jobs.filter(({ rows }) => rows.some((row) => row.includes(values.test)))

async function measureAll(): Promise<void> {
  await measure(chosen(otherJobs), effort, 'none')
  for (const database of databases) {
    const bench = await openBench(database, { people, many: Number(values.many), effort })
    try {
      const jobs = chosen(databaseJobs).filter(({ notOn }) => notOn !== bench.place.dialect)
      await measure(jobs, bench, database)
    } finally {
      await closeBench(bench)
    }
  }
}

async function measureGrowth(sizes: readonly number[]): Promise<void> {
  for (const database of databases) {
    for await (const { job, medians, value } of growthOf(database, sizes, effort)) {
      const numbers = Object.entries(medians).map(([size, time]) => `${size} ${shown(time)} ms`)
      console.log(`${database.padEnd(9)}${job.padEnd(24)}${shown(value)} times: ${numbers.join(', ')}`)
    }
  }
}

await (values.growth === undefined ? measureAll() : measureGrowth(values.growth.split(',').map(Number)))
