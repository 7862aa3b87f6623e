import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createUserCore, type UserCore } from '../../src/create-user-core.ts'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { system } from '../../src/site/actor.ts'
import { databases, optionsOf, type TestDatabase } from '../stores/databases.ts'
import { withPeople } from '../support/host.ts'

const ada = { username: 'ada' }

type Call = (users: UserCore<unknown>) => Promise<unknown>

const writes: Readonly<Record<string, Call>> = {
  'an update': (users) => users.accounts.update(ada, 'ada', { bio: 'new' }),
  'a preference': (users) => users.preferences.set(ada, 'ada', 'theme', 'dark'),
}
let accounts = 0
const others: Readonly<Record<string, Call>> = {
  'a new account': (users) => {
    const username = `eve${++accounts}`
    return users.accounts.create(system, { username, email: `${username}@example.com`, name: 'Eve' })
  },
  'a delivery': (users) => users.outbox.deliver(() => {}),
  'a read': (users) => users.accounts.getVersioned(ada, ada),
}

const lockedRows = {
  lock: ['begin', 'select 1 from usercore_users for update', 'select 1 from usercore_profiles for update'],
  hurry: ['set innodb_lock_wait_timeout = 1'],
  code: '1205',
  calls: writes,
}

/**
 * The statement that locks everything, the one that shortens waiting, the drivers' code for it, and the calls that have
 * to wait.
 */
const locks = {
  sqlite: { lock: ['begin exclusive'], hurry: [], code: 'SQLITE_BUSY', calls: { ...writes, ...others } },
  'node-sqlite': { lock: ['begin exclusive'], hurry: [], code: 'SQLITE_BUSY', calls: { ...writes, ...others } },
  postgres: {
    lock: ['begin', 'lock table usercore_users, usercore_profiles, usercore_preferences, usercore_outbox'],
    hurry: ['set lock_timeout = 20'],
    code: '55P03',
    calls: { ...writes, ...others },
  },
  mariadb: lockedRows,
  mysql: lockedRows,
}

const run = async (db: Kysely<unknown>, statements: readonly string[]) => {
  for (const text of statements) await sql.raw(text).execute(db)
}

const places = Object.entries(locks).filter(([store]) => store in databases)

describe.each(places)('rows that others keep locked (%s)', (store, { lock, hurry, code, calls }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await (databases[store] as () => Promise<TestDatabase>)()
    await withPeople(kyselyRepository(database.connect(), optionsOf(database)))
  })
  afterAll(() => database.close())
  afterEach(() => void vi.restoreAllMocks())

  /** Runs work while another connection holds the lock, on a connection that soon gives up waiting. */
  function whileLocked<Result>(work: (users: UserCore<unknown>, unlock: () => Promise<void>) => Promise<Result>) {
    const connected = database.connect().connection()
    return connected.execute((holder) =>
      database
        .connect()
        .connection()
        .execute(async (db) => {
          await run(db, hurry)
          await run(holder, lock)
          const unlock = () => run(holder, ['rollback'])
          return work(
            createUserCore<unknown>({ repository: kyselyRepository(db, optionsOf(database)) as never }),
            unlock,
          )
        }),
    )
  }

  it.each(Object.entries(calls))(
    '%s ends with internal_error and the code of the driver, once the wait is over',
    async (_, call) => {
      const now = performance.now.bind(performance)
      // Waits of ten seconds are over after a hundredth of their time.
      vi.spyOn(performance, 'now').mockImplementation(() => now() * 100)
      await whileLocked(async (users, unlock) => {
        await expect(call(users)).rejects.toMatchObject({
          code: 'internal_error',
          params: { driver_code: code },
          cause: { name: 'StorageError', isLocked: true },
        })
        await unlock()
        await call(users)
      })
    },
  )

  it.each(Object.entries(calls))('%s waits until it is free', async (_, call) => {
    await whileLocked(async (users, unlock) => {
      const [result] = await Promise.allSettled([
        call(users),
        new Promise((free) => setTimeout(free, 400)).then(unlock),
      ])
      expect(result.status).toBe('fulfilled')
    })
  })
})

it('tries each database that is at hand', () => {
  expect(places.map(([store]) => store)).toEqual(Object.keys(databases).filter((store) => store in locks))
})
