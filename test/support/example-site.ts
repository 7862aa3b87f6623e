import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import { Pool } from 'pg'
import * as z from 'zod'
import {
  anonymous,
  createUserCore,
  defineExtendedProfile,
  definePersonalData,
  definePipeline,
  definePreferences,
  system,
  type UserCoreOptions,
} from '../../src/index.ts'
import { kyselyRepository, migrate } from '../../src/kysely/index.ts'
import { type MemoryTransaction, memoryRepository } from '../../src/memory/index.ts'
import { mailedKey } from './host.ts'

const preferences = definePreferences({
  theme: { schema: z.enum(['light', 'dark']), default: 'light', scopes: ['org', 'course'] },
})
const extendedProfile = defineExtendedProfile({
  occupation: { schema: z.string(), visibility: 'shared', history: true },
  motto: z.string(),
})

/** A table of the host with data of people. */
const orders = definePersonalData({
  source: 'orders',
  table: 'orders',
  subject: { user_id: 'customer_id' },
  columns: { id: 'key', customer_id: 'key', note: 'free_text' },
  treatment: { erase: 'columns', emptied: { note: '' } },
})

/** The hooks and settings of the site: ada takes one course, and every password is right. */
const host: Pick<UserCoreOptions<MemoryTransaction>, 'clock' | 'settings' | 'credentials' | 'enrollments'> = {
  clock: () => new Date('2026-11-29T12:00:00Z'),
  settings: {
    retired_identifier_keys: [{ id: 'k1', secret: 'the secret of the examples, of no site' }],
    minimum_cool_off_days: 0,
    settle_minutes: 0,
  },
  credentials: { verify: async () => true, set: async () => {}, disable: async () => {} },
  enrollments: {
    coursesOf: async (orgs) => orgs.map((org) => ({ org, course_id: `course-v1:${org}+Course+Run` })),
    enrollmentsOf: async (ids) => ids.map((user_id) => ({ user_id, course_id: 'course-v1:OrgX+Course+Run' })),
    async *enrolledIn() {},
  },
}

const people = ['ada', 'bob', 'sue']

/** An account as it is created for an example. */
function account(username: string) {
  const profile = { year_of_birth: 1980 }
  return { username, email: `${username}@example.com`, name: `${username} example`, profile }
}

/** The names that the example of an operation can use: a core over memory, the actors, and tools to make another core. */
export async function openExampleSite() {
  const users = createUserCore({ repository: memoryRepository(), preferences, extendedProfile, ...host })
  await users.retirement.setPipeline(system)
  const [ada, bob, sue] = await Promise.all(
    people.map(async (username) => {
      const { id } = await users.accounts.create(system, account(username), { active: true })
      return { id, username }
    }),
  )
  if (ada === undefined || bob === undefined || sue === undefined) throw new Error('an account is missing')
  return {
    users,
    ada,
    bob,
    staff: { ...sue, staff: true },
    system,
    anonymous,
    /** The key that was mailed, for examples that confirm something; see `preparations`. */
    key: '',
    repository: memoryRepository(),
    db: await openDatabase(),
    orders,
    z,
    Kysely,
    SqliteDialect,
    PostgresDialect,
    Pool,
    DatabaseSync,
    describe: (_name: string, cases: () => void) => cases(),
    it: (_name: string, _test: () => Promise<void>) => {},
    openMySources: (): Promise<never> => Promise.reject(new Error('no case is run')),
    openMyStore: (): Promise<never> => Promise.reject(new Error('no case is run')),
  }
}

/** The site of one example. */
export type ExampleSite = Awaited<ReturnType<typeof openExampleSite>>

/** The steps before the example of an operation that is about something that waits. Each returns the key that was mailed. */
export const preparations: Readonly<Record<string, (site: ExampleSite) => Promise<string>>> = {
  cancel: retiring(),
  move: retiring(),
  runStep: retiring('RETIRING_LMS'),
  verify: retiring('RETIRING_LMS'),
  cleanUp: retiring('COMPLETE'),
  archive: retiring('COMPLETE'),
  releaseEmail: retiring('COMPLETE'),
  async finish(site) {
    const steps = [{ step: 'partners', working: 'TELLING', done: 'TOLD', action: 'partner_report' }] as const
    await site.users.retirement.setPipeline(system, definePipeline(steps))
    await retiring('TELLING')(site)
    await site.users.retirement.runStep(system, site.bob, 'partner_report')
    await site.users.retirement.partnerReports.take(system, { batchId: 'monday' })
    return ''
  },
  async activate({ users }) {
    await users.accounts.create(system, account('dan'))
    return mailedKey(users, 'activation')
  },
  async confirmEmailChange({ users, ada }) {
    await users.accounts.update(ada, ada.username, { email: 'ada@example.org' })
    return mailedKey(users, 'email_change_confirmation')
  },
  async confirmSecondaryEmail({ users, ada }) {
    await users.accounts.update(ada, ada.username, { secondary_email: 'ada@example.org' })
    return mailedKey(users, 'secondary_email_confirmation')
  },
}

/** Brings a retirement of bob into a state. */
function retiring(...states: readonly string[]) {
  return async ({ users, bob }: ExampleSite): Promise<string> => {
    await users.retirement.request(system, bob)
    for (const state of states) await users.retirement.move(system, bob, { state })
    return ''
  }
}

async function openDatabase(): Promise<Kysely<unknown>> {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
  await migrate(db, { dialect: 'sqlite' })
  const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) })
  for (const username of people) await users.accounts.create(system, account(username), { active: true })
  return db
}
