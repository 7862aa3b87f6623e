import type { Kysely } from 'kysely'
import { type PersonalDataSource, system, type UserCore } from '../../src/index.ts'
import { kyselyPersonalData, kyselyRepository } from '../../src/kysely/index.ts'
import type { PersonalDataStore } from '../../src/port/personal-data-store.ts'
import type { Repository } from '../../src/port/repository.ts'
import type { UserId } from '../../src/port/tables.ts'
import { definePipeline } from '../../src/retirement/pipeline.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { days, openSite } from '../retirement/site.ts'
import { optionsOf, type TestDatabase } from '../stores/databases.ts'

/** A pipeline that erases the sources of the host, and leaves one to its step `analytics`. */
export const pipeline = definePipeline([
  { step: 'analytics', working: 'ERASING_ANALYTICS', done: 'ANALYTICS_COMPLETE' },
  { step: 'sources', working: 'ERASING_SOURCES', done: 'SOURCES_COMPLETE', action: 'sources' },
  { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
])

/** A site over a database with tables of the host. */
export interface HostSite {
  readonly users: UserCore<unknown>
  readonly store: PersonalDataStore
  readonly repository: Repository
  readonly clock: ManualClock
  /** Makes another core of the site, with other options. */
  another(options: Parameters<typeof openSite>[2]): UserCore<unknown>
  readonly ada: UserId
  readonly bob: UserId
}

/** Opens a site with ada and bob, over sources of its host. */
export async function openHostSite(
  database: TestDatabase,
  db: Kysely<unknown>,
  sources: readonly PersonalDataSource[],
  options: Parameters<typeof openSite>[2] = {},
): Promise<HostSite> {
  const repository = kyselyRepository(db, optionsOf(database)) as Repository
  const store = kyselyPersonalData(db, { ...optionsOf(database), sources }) as PersonalDataStore
  const opened = await openSite(repository, ['ada', 'bob'], { ...options, personalData: store })
  const { users, clock } = opened
  const another = (more: Parameters<typeof openSite>[2]) => opened.another(repository, more)
  await users.retirement.setPipeline(system, pipeline)
  const [ada, bob] = await Promise.all(
    ['ada', 'bob'].map(async (name) => (await users.accounts.me({ username: name })).id),
  )
  return { users, store, repository, clock, another, ada: ada as UserId, bob: bob as UserId }
}

/** Retires ada step by step, up to the end. */
export async function retireAda({ users, clock, ada }: HostSite): Promise<void> {
  await users.retirement.request(system, { id: ada })
  clock.advance(days(30))
  for (const { state_name, kind, action } of pipeline.states) {
    if (kind === 'start' || kind === 'end') continue
    await users.retirement.move(system, { id: ada }, { state: state_name })
    if (action !== null) await users.retirement.runStep(system, { id: ada }, action)
  }
  await users.retirement.move(system, { id: ada }, { state: 'COMPLETE' })
}
