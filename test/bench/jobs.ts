import { readAccounts } from './by-hand.ts'
import { readPreferences, resolvePreferences } from './by-hand-preferences.ts'
import { setPreferences, updateAccount } from './by-hand-writes.ts'
import { type Comparison, clientsAtOnce, compared } from './compare.ts'
import type { Executor } from './executor.ts'
import { importJobs } from './imports.ts'
import type { JobName, Result } from './limits.ts'
import { listJob } from './lists.ts'
import { memoryGrowth } from './memory-of.ts'
import { patchJob } from './patch.ts'
import type { Place } from './places.ts'
import { queueJobs } from './queues.ts'
import type { Effort } from './rounds.ts'
import { preferenceKeys } from './seed.ts'
import type { Site } from './site.ts'

/** What jobs are measured on. */
export interface Bench {
  readonly place: Place
  /** The number of people with all that belongs to them: `user1`, `user2`, … */
  readonly people: number
  /** The number of rows of the jobs that are about many: 1,000,000 unless the run says otherwise. */
  readonly many: number
  readonly effort: Effort
  readonly site: Site
  /** The same as `site`, with its statements counted. */
  readonly counted: { readonly site: Site; statements(call: (site: Site) => Promise<unknown>): Promise<number> }
  readonly kysely: Executor
  readonly raw: Executor
}

/** A measured row, without its database. */
export type Row = Omit<Result, 'database'> & { readonly job: JobName }

/** A job that makes one or more rows. */
export interface Job<On> {
  readonly rows: readonly JobName[]
  /** Where it is not measured. */
  readonly notOn?: Place['dialect']
  measure(on: On): Promise<Row[]>
}

/** Returns the name of a person, another one each turn. */
const personOf = ({ people }: Pick<Bench, 'people'>, turn: number) => `user${1 + ((turn * 7919) % people)}`

/** Returns the names of some people, others each turn. */
function peopleOf({ people }: Bench, turn: number, count: number): string[] {
  const first = turn * 7919
  return Array.from({ length: count }, (_, index) => `user${1 + ((first + index * 7) % people)}`)
}

/** As many as have no divisor in common with a number of people, so that a person gets another one each time. */
const languages = ['de', 'es', 'fr', 'nl', 'pl', 'pt', 'sv']

const editOf = (turn: number) => ({
  bio: `About me, for the ${turn}th time`,
  language: languages[turn % languages.length] ?? 'fr',
  fields: { company: `Company ${turn}`, title: `Title ${turn}` },
})

const choicesOf = (turn: number) => Object.fromEntries(preferenceKeys.map((key) => [key, `value ${turn}`]))

const readSome = (count: number) =>
  compared({
    usercore: (site, bench, turn) => site.readAccounts(peopleOf(bench, turn, count)),
    byHand: (on, bench, turn) => readAccounts(on, bench.place, peopleOf(bench, turn, count)),
  })

/** The reads and updates that requests wait for. */
export const comparisons = {
  'read one account': compared({
    usercore: (site, bench, turn) => site.readAccount(personOf(bench, turn)),
    byHand: (on, bench, turn) => readAccounts(on, bench.place, [personOf(bench, turn)]),
  }),
  'read 100 accounts': readSome(100),
  'update an account': compared({
    usercore: (site, bench, turn) => site.updateAccount(personOf(bench, turn), editOf(turn)),
    byHand: (on, bench, turn) => updateAccount(on, bench.place, personOf(bench, turn), editOf(turn)),
  }),
  'set five preferences': compared({
    usercore: (site, bench, turn) => site.setPreferences(personOf(bench, turn), choicesOf(turn)),
    byHand: (on, bench, turn) => setPreferences(on, bench.place, personOf(bench, turn), choicesOf(turn)),
  }),
  'read preferences': compared({
    usercore: (site, bench, turn) => site.readPreferences(personOf(bench, turn)),
    byHand: (on, bench, turn) => readPreferences(on, personOf(bench, turn)),
  }),
  'resolve preferences': compared({
    usercore: (site, bench, turn) => site.resolvePreferences(personOf(bench, turn), preferenceKeys, 'OrgX'),
    byHand: (on, bench, turn) => resolvePreferences(on, bench.place, personOf(bench, turn), preferenceKeys, 'OrgX'),
  }),
} satisfies Partial<Record<JobName, Comparison>>

const alone = (job: keyof typeof comparisons): Job<Bench> => ({ rows: [job], measure: comparisons[job].job(job) })

/** The jobs of each database, in the order in which they run: those that add rows come last. */
export const databaseJobs: readonly Job<Bench>[] = [
  alone('read one account'),
  alone('read 100 accounts'),
  { rows: ['read 10,000 accounts'], measure: readSome(10_000).job('read 10,000 accounts') },
  {
    rows: ['read 10,000 accounts, memory'],
    measure: async (bench) => [await memoryGrowth('read 10,000 accounts, memory', bench, 'accounts')],
  },
  alone('update an account'),
  alone('set five preferences'),
  alone('read preferences'),
  alone('resolve preferences'),
  {
    rows: ['16 clients read'],
    notOn: 'sqlite',
    measure: clientsAtOnce('16 clients read', comparisons['read one account']),
  },
  {
    rows: ['16 clients update'],
    notOn: 'sqlite',
    measure: clientsAtOnce('16 clients update', comparisons['update an account']),
  },
  listJob,
  ...queueJobs,
]

/** The jobs that need no database. */
export const otherJobs: readonly Job<Effort>[] = [patchJob, ...importJobs]
