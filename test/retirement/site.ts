import { createUserCore, type UserCore, type UserCoreOptions } from '../../src/create-user-core.ts'
import type { Repository } from '../../src/port/repository.ts'
import { tables } from '../../src/port/tables.ts'
import { definePipeline } from '../../src/retirement/pipeline.ts'
import { system } from '../../src/site/actor.ts'
import type { Enrollment } from '../../src/site/host.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { addUser } from '../../src/testing/rows.ts'
import { passwords } from '../support/host.ts'

/** The worker that drives retirements. */
export const worker = { username: 'RETIREMENT_SERVICE_USER' }
/** The worker, allowed to force moves as well. */
export const chief = { ...worker, permissions: ['force_retirement'] } as const
/** A person who may cancel. */
export const support = { username: 'sue', staff: true, permissions: ['cancel_retirement'] } as const

/** A pipeline with a step for each kind of work that the library does itself. */
export const pipeline = definePipeline([
  { step: 'forums', working: 'RETIRING_FORUMS', done: 'FORUMS_COMPLETE' },
  { step: 'partners', working: 'ADDING_TO_PARTNER_QUEUE', done: 'PARTNER_QUEUE_COMPLETE', action: 'partner_report' },
  { step: 'misc', working: 'RETIRING_LMS_MISC', done: 'LMS_MISC_COMPLETE', action: 'misc' },
  { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
])

export const keys = [{ id: 'k1', secret: 'a secret that only this test knows of' }] as const
export const nextKey = { id: 'k2', secret: 'another secret, drawn a year later on' } as const

/** Returns a number of days in milliseconds. */
export const days = (count: number) => count * 86_400_000

/** One process of a site. Several of them share store, clock and passwords. */
export interface Site {
  readonly users: UserCore<unknown>
  readonly clock: ManualClock
  readonly passwords: Map<unknown, string>
  readonly enrolled: Enrollment[]
  /** Makes a core of the same site over another connection, or with other options. */
  another(repository: Repository, options?: Partial<UserCoreOptions<unknown>>): UserCore<unknown>
}

/** The moment at which sites of tests begin. */
export const beginning = '2024-06-15T12:00:00Z'

/** Makes a site with a pipeline and some people, each with the password `password of <name>`. */
export async function openSite(
  repository: Repository,
  people: readonly string[] = ['ada', 'bob'],
  options: Partial<UserCoreOptions<unknown>> = {},
): Promise<Site> {
  const clock = manualClock(beginning)
  const enrolled: Enrollment[] = []
  const credentials = passwords()
  const another: Site['another'] = (store, more = {}) =>
    createUserCore({
      repository: store,
      clock: clock.now,
      credentials,
      enrollments: {
        coursesOf: async () => [],
        enrollmentsOf: async (ids) => enrolled.filter(({ user_id }) => ids.includes(user_id)),
        async *enrolledIn() {},
      },
      ...options,
      ...more,
      settings: {
        retired_identifier_keys: keys,
        settle_minutes: 0,
        profile_image_hash_seed: 'the seed of a test',
        email_change_rate_limit: '',
        retirement_service_worker_username: worker.username,
        ...options.settings,
        ...more.settings,
      },
    })
  const users = another(repository)
  await users.retirement.setPipeline(system, pipeline)
  for (const name of people) {
    const id = await addUser(repository, name, { name: `${name} the first`, year_of_birth: 1990 })
    credentials.stored.set(id, `password of ${name}`)
  }
  return { users, clock, passwords: credentials.stored, enrolled, another }
}

/** Begins the retirement of a person, lets it cool off, and moves it into a state. */
export async function bringTo(site: Site, username: string, state: string): Promise<void> {
  await site.users.retirement.request(system, username)
  site.clock.advance(days(15))
  if (state !== 'PENDING') await move(site.users, username, state)
}

export function move(users: UserCore<unknown>, username: string, state: string): Promise<void> {
  return users.retirement.move(worker, username, { state })
}

/** Makes the repository of a call that is overtaken: the rival runs between its reads and its first write. */
export function overtaken(repository: Repository, rival: () => Promise<unknown>): Repository {
  let isOver = false
  const afterRival =
    <Given extends readonly unknown[], Result>(write: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      const isFirst = !isOver
      isOver = true
      if (isFirst) await rival()
      return write(...given)
    }
  const { commit, leaseRetirements } = repository
  return { ...repository, commit: afterRival(commit), leaseRetirements: afterRival(leaseRetirements) }
}

/** Returns all rows of the store, as text. */
export async function dump(repository: Repository): Promise<string> {
  const names = Object.keys(tables) as (keyof typeof tables)[]
  const rows = await Promise.all(names.map(async (name) => [name, await repository.select(name, {})]))
  return JSON.stringify(rows)
}

/** Waits for calls. Returns `ok` for each, or the code of its error, with the reason if it has one. */
export async function outcomes(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(calls)
  return settled.map((outcome) => {
    if (outcome.status === 'fulfilled') return 'ok'
    const { code, params } = outcome.reason
    return params?.reason === undefined ? code : `${code} ${params.reason}`
  })
}
