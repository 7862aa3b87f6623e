import { DummyDriver, Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler } from 'kysely'
import { expect, it } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { outboxRow } from '../../src/testing/rows.ts'
import { databases } from '../stores/databases.ts'
import { withPeople } from '../support/host.ts'

/** Returns a repository that runs nothing, and the statements that it would run on MySQL. */
function recorded(readAfterWrite: boolean) {
  const statements: string[] = []
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new MysqlAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (on) => new MysqlIntrospector(on),
      createQueryCompiler: () => new MysqlQueryCompiler(),
    },
    log: (event) => void statements.push(event.query.sql),
  })
  return { statements, repository: kyselyRepository(db, { dialect: 'mysql', readAfterWrite }) }
}

const moment = '2024-06-15T12:00:00.000000Z'
const waits =
  /^\/\*M! set statement wsrep_sync_wait = 1(, group_concat_max_len = \d+|, eq_range_index_dive_limit = 1)? for \*\/ select /

it('readAfterWrite makes every read wait, and no write', async () => {
  const { statements, repository } = recorded(true)
  const by = { ids: [1] }
  await repository.findAccounts(by)
  await repository.findPreferences({ by })
  await repository.findOrgTags({ ids: [1], orgs: ['OrgX'], key: 'email-optin' })
  await repository.findClaims({ username_keys: ['ada'], email_keys: [] })
  await repository.pageRetirements({ states: ['PENDING'], before: moment, limit: 1 })
  await repository.pageUsers('profiles', {}, { limit: 1 })
  await repository.select('profiles', {})
  expect(statements).toHaveLength(7)
  for (const text of statements) expect(text).toMatch(waits)

  statements.length = 0
  await repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', 1)] }])
  await repository.leaseOutbox({ now: moment, leased_until: moment, lease: 'l', limit: 1 })
  const lease = { now: moment, leased_until: moment, lease: 'l', before: moment, limit: 1 }
  await repository.leaseRetirements({ ...lease, idle: ['PENDING'], working: ['RETIRING'] })
  // Among them the question whether the first connection is that of a transaction of the host.
  expect(statements).toHaveLength(5)
  for (const text of statements) expect(text).not.toContain('wsrep_sync_wait')
})

it('without it no read waits', async () => {
  const { statements, repository } = recorded(false)
  await repository.findAccounts({ ids: [1] })
  await repository.select('profiles', {})
  expect(statements.join()).not.toContain('wsrep_sync_wait')
})

// PGlite, which is PostgreSQL again, takes seconds to start.
it.each(Object.entries(databases).filter(([name]) => name !== 'pglite'))(
  'it can be set on %s, which is no cluster',
  async (_, create) => {
    const database = await create()
    const repository = kyselyRepository(database.connect(), { dialect: database.dialect, readAfterWrite: true })
    const users = await withPeople(repository)
    await users.accounts.update({ username: 'ada' }, 'ada', { bio: 'new' })
    expect((await users.accounts.getVersioned({ username: 'ada' }, 'ada')).account.bio).toBe('new')
    await database.close()
  },
)
