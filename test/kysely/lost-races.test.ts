import { Kysely, MysqlDialect, PostgresDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import { Pool } from 'pg'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { Write } from '../../src/port/write.ts'
import { system } from '../../src/site/actor.ts'
import { servers } from '../hammer/servers.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'
import { serverUrls } from '../stores/servers.ts'
import { drain, withPeople } from '../support/host.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }

/** A statement that fails a number of times. */
interface Fault {
  readonly at: RegExp
  /** The statement that runs in its place; left out: the statement itself, whose result is lost. */
  readonly instead?: string
  readonly error: object
  times: number
}

/** The errors of each database for a race that is lost for good, and for a lost connection. */
const words = {
  postgres: { lost: { code: '40001' }, dead: { code: '57P01' } },
  mysql: { lost: { errno: 1213 }, dead: { fatal: true, code: 'PROTOCOL_CONNECTION_LOST' } },
}

/** Matches the statement that stores a unit: the end of a transaction, or the one statement that is all of it. */
const storing = /^(commit$|with "step_0")/

/** Makes a pool on whose connections statements can fail; all that were sent are recorded. */
function faultyPool(dialect: 'postgres' | 'mysql', url: string, name: string, isolation: string | undefined) {
  const faults: Fault[] = []
  const sent: string[] = []
  const faultOf = (text: string) => {
    sent.push(text)
    const fault = faults.find(({ at, times }) => times > 0 && at.test(text))
    if (fault !== undefined) fault.times--
    return fault
  }
  const failure = (fault: Fault) => Object.assign(new Error('injected'), fault.error)
  if (dialect === 'postgres') {
    const isolated = isolation === undefined ? '' : ` -c default_transaction_isolation=${isolation}`
    const pool = new Pool({ connectionString: url, max: 8, options: `-c search_path=${name}${isolated}` })
    pool.on('connect', (client) => {
      const query = client.query.bind(client)
      Object.assign(client, {
        async query(text: string, parameters?: unknown[]) {
          const fault = faultOf(text)
          if (fault === undefined) return query(text, parameters)
          await (fault.instead === undefined ? query(text, parameters) : query(fault.instead))
          throw failure(fault)
        },
      })
    })
    return { db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }), faults, sent }
  }
  const pool = createPool({ uri: url, database: name, connectionLimit: 8 })
  pool.on('connection', (connection) => {
    const query = connection.query.bind(connection)
    Object.assign(connection, {
      query(text: string, parameters: unknown[], done: (error: unknown, result?: unknown) => void) {
        const fault = faultOf(text)
        if (fault === undefined) return query(text, parameters, done)
        const lose = () => done(failure(fault))
        return fault.instead === undefined ? query(text, parameters, lose) : query(fault.instead, lose)
      },
    })
  })
  return { db: new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) }), faults, sent }
}

describe.each(servers)('on %s', (_, { name: store, dialect, urls }) => {
  if (dialect !== 'postgres' && dialect !== 'mysql') throw new TypeError(dialect)
  const { lost, dead } = words[dialect]
  const code = String(Object.values(lost)[0])
  const opened: Kysely<unknown>[] = []
  const database = databases[store]?.()
  const made = () => database as Promise<TestDatabase>

  /** Opens a user core over a faulty pool of its own. */
  async function open(isolation?: string) {
    const { rows } = await sql<{
      name: string
    }>`select ${sql.raw(dialect === 'mysql' ? 'database()' : 'current_schema()')} as name`.execute(
      (await made()).connect(),
    )
    const { db, ...pool } = faultyPool(dialect as 'postgres' | 'mysql', urls[0] ?? '', rows[0]?.name ?? '', isolation)
    opened.push(db)
    const repository = kyselyRepository(db, { dialect })
    return { ...pool, db, repository, users: createUserCore({ repository }) }
  }

  beforeEach(async () => {
    await (await made()).clean()
    await withPeople(kyselyRepository((await made()).connect(), { dialect }))
  })
  afterAll(async () => {
    for (const db of opened) await db.destroy()
    await (await made()).close()
  })

  describe('where the transaction is ours', () => {
    it('a unit that loses at its COMMIT is tried again', async () => {
      const { users, faults } = await open()
      faults.push({ at: storing, instead: 'rollback', error: lost, times: 2 })
      expect((await users.accounts.update(ada, 'ada', { bio: 'new' })).version).toBe(2)
      expect((await users.accounts.getVersioned(ada, ada)).account.bio).toBe('new')
      expect((await drain(users)).filter(({ name }) => name === 'account.changed')).toHaveLength(1)
    })

    it('so is one with a part of the host’s', async () => {
      const { repository, faults } = await open()
      faults.push({ at: storing, instead: 'rollback', error: lost, times: 3 })
      let disabled = 0
      const credentials = {
        verify: async () => true,
        set: async () => {},
        disable: async () => void disabled++,
      }
      const users = createUserCore({ repository, credentials })
      const eve = { username: 'eve', email: 'eve@example.com', name: 'Eve', password: 'long enough' }
      expect(await users.accounts.create(system, eve)).toMatchObject({ username: 'eve' })
      expect(faults[0]?.times).toBe(0)
      faults.push({ at: storing, instead: 'rollback', error: lost, times: 1 })
      await users.accounts.disableLogIn(system, 'eve')
      expect(disabled).toBe(2)
      expect((await drain(users)).filter(({ name }) => name === 'account.deactivated')).toHaveLength(1)
    })

    it('a unit whose connection is lost at its COMMIT is not: it may be stored', async () => {
      const { users, faults, sent } = await open()
      faults.push({ at: storing, error: dead, times: 1 })
      const driver_code = dead.code
      await expect(users.accounts.update(ada, 'ada', { bio: 'new' })).rejects.toMatchObject({
        code: 'account_update_error',
        params: { driver_code },
        cause: { name: 'StorageError', driver_code },
      })
      expect(sent.filter((text) => storing.test(text))).toHaveLength(1)
      expect((await users.accounts.getVersioned(ada, ada)).version).toBe(2)
    })

    it('a read, a lease and the removal of a message that lose are tried again', async () => {
      const { users, faults } = await open()
      await users.accounts.update(ada, 'ada', { bio: 'new' })
      for (const at of [
        /^(\/\*.*\*\/ )?select .*usercore_profiles/s,
        /^update .*usercore_outbox/s,
        /^delete .*usercore_outbox/s,
      ])
        faults.push({ at, instead: 'select 1', error: lost, times: 2 })
      expect((await users.accounts.getVersioned(ada, ada)).account.bio).toBe('new')
      const names: string[] = []
      await users.outbox.deliver(({ name }) => void names.push(name))
      expect(names).toContain('account.changed')
      expect(faults.map(({ times }) => times)).toEqual([0, 0, 0])
      expect(await users.outbox.deliver(() => {}, { limit: 1 })).toMatchObject({ delivered: 0, failed: [] })
    })

    it('a race that is lost again and again ends with an error', async () => {
      const { users, faults } = await open()
      faults.push({ at: /^(\/\*.*\*\/ )?select .*usercore_profiles/s, instead: 'select 1', error: lost, times: 1000 })
      await expect(users.accounts.getVersioned(ada, ada)).rejects.toMatchObject({
        code: 'internal_error',
        params: { driver_code: code },
      })
    })

    it('a unit that loses a few times fails by itself, and its operation loads again and decides again', async () => {
      const { repository, users, faults, sent } = await open()
      const commits = { at: storing, instead: 'rollback', error: lost }
      const [profile] = await repository.select('profiles', {})
      const unit: Write[] = [
        { update: 'profiles', set: { bio: 'unit' }, where: { user_id: profile?.user_id ?? 0 } },
        { delete: 'outbox', where: {} },
      ]
      faults.push({ ...commits, times: 1000 })
      await expect(repository.commit(unit)).rejects.toMatchObject({ driver_code: code, isLostRace: true })
      const tries = sent.filter((text) => storing.test(text)).length
      faults[0] = { ...commits, times: 3 * tries }
      sent.length = 0
      expect((await users.accounts.update(ada, 'ada', { bio: 'new' })).version).toBe(2)
      expect(sent.filter((text) => storing.test(text))).toHaveLength(3 * tries + 1)
      expect(
        sent.filter((text) => /^(\/\*.*\*\/ )?select .*usercore_profiles/s.test(text)).length,
      ).toBeGreaterThanOrEqual(4)
    })

    it('all writers succeed at every isolation level of the pool', async () => {
      const isolation = dialect === 'postgres' ? 'serializable' : undefined
      const [one, two] = [await open(isolation), await open(isolation)]
      await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (index % 2 === 0 ? one : two).users.accounts.update(ada, 'ada', {
            extended_profile: { [`f${index}`]: index },
          }),
        ),
      )
      expect((await one.users.accounts.getVersioned(ada, ada)).version).toBe(13)
    })
  })

  describe('where the transaction is the host’s', () => {
    it('a write that loses is not tried again, and the error has the code of the database', async () => {
      const { db, users, faults, sent } = await open()
      faults.push({ at: /update .*usercore_profiles/, instead: 'select 1', error: lost, times: 1 })
      const work = db.transaction().execute((trx) => users.with(trx).accounts.update(ada, 'ada', { bio: 'new' }))
      await expect(work).rejects.toMatchObject({
        code: 'account_update_error',
        params: { driver_code: code },
        cause: { name: 'StorageError', driver_code: code, isLostRace: false },
      })
      expect(sent.filter((text) => /update .*usercore_profiles/.test(text))).toHaveLength(1)
      expect((await users.accounts.getVersioned(ada, ada)).version).toBe(1)
    })

    it('a read that loses is not tried again either', async () => {
      const { db, users, faults, sent } = await open()
      faults.push({ at: /usercore_profiles/, instead: 'select 1', error: lost, times: 1 })
      const work = db.transaction().execute((trx) => users.with(trx).accounts.getVersioned(ada, ada))
      await expect(work).rejects.toMatchObject({ code: 'internal_error', params: { driver_code: code } })
      expect(sent.filter((text) => text.includes('usercore_profiles'))).toHaveLength(1)
    })

    it('writers of one account take turns where each transaction sees the commits of others', async () => {
      const { db, users } = await open()
      const writers = Array.from({ length: 8 }, (_, writer) =>
        db
          .transaction()
          .setIsolationLevel('read committed')
          .execute((trx) =>
            users.with(trx).accounts.update(ada, 'ada', { extended_profile: { [`f${writer}`]: writer } }),
          ),
      )
      expect((await Promise.all(writers)).map(({ version }) => version).sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    })

    it('messages that it has not committed do not hold up the delivery of others', async () => {
      const { db, users } = await open()
      await drain(users)
      await users.accounts.update(ada, 'ada', { bio: 'committed' })
      await db.transaction().execute(async (trx) => {
        await users.with(trx).accounts.update(bob, 'bob', { bio: 'open' })
        expect(await users.outbox.deliver(() => {})).toMatchObject({ delivered: 1, failed: [] })
      })
      expect(await users.outbox.deliver(() => {})).toMatchObject({ delivered: 1, failed: [] })
    })

    if (dialect === 'postgres') {
      it('a serialization failure reaches the host, whose second try goes through', async () => {
        const { db, users, sent } = await open()
        const inTransaction = (meanwhile: () => Promise<unknown>) =>
          db
            .transaction()
            .setIsolationLevel('serializable')
            .execute(async (trx) => {
              const mine = users.with(trx)
              await mine.accounts.getVersioned(ada, ada)
              await meanwhile()
              return mine.accounts.update(ada, 'ada', { bio: 'mine' })
            })
        const first = inTransaction(() => users.accounts.update(ada, 'ada', { city: 'theirs' }))
        await expect(first).rejects.toMatchObject({ code: 'account_update_error', params: { driver_code: '40001' } })
        // Their update, and one attempt of the host's.
        expect(sent.filter((text) => /update .*usercore_profiles/.test(text))).toHaveLength(2)
        expect(await inTransaction(async () => {})).toMatchObject({ version: 3 })
        expect((await users.accounts.getVersioned(ada, ada)).account.bio).toBe('mine')
      })
    }

    if (dialect === 'mysql') {
      it('a deadlock reaches the host of one of two transactions, of which nothing is stored', async () => {
        const { db, users, sent } = await open()
        await drain(users)
        const met = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
        const both = (first: typeof ada, second: typeof ada, own: number) =>
          db.transaction().execute(async (trx) => {
            const mine = users.with(trx)
            await mine.accounts.update(first, first.username, { bio: `first of ${own}` })
            met[own]?.resolve()
            await met[1 - own]?.promise
            await mine.accounts.update(second, second.username, { city: `second of ${own}` })
            return own
          })
        const [one, two] = await Promise.allSettled([both(ada, bob, 0), both(bob, ada, 1)])
        const [won, failed] = one.status === 'fulfilled' ? [one, two] : [two, one]
        expect(failed).toMatchObject({
          status: 'rejected',
          reason: { code: 'account_update_error', params: { driver_code: '1213' } },
        })
        expect(sent.filter((text) => /update .*usercore_profiles/.test(text))).toHaveLength(4)
        const winner = won.status === 'fulfilled' ? won.value : undefined
        const accounts = [await users.accounts.getVersioned(ada, ada), await users.accounts.getVersioned(bob, bob)]
        expect(accounts.map(({ version }) => version)).toEqual([2, 2])
        expect(accounts.map(({ account }) => account.bio).filter(Boolean)).toEqual([`first of ${winner}`])
        expect(await drain(users)).toHaveLength(2)
      })

      it('a change that its snapshot does not show is a conflict', async () => {
        const { db, users } = await open()
        const work = db.transaction().execute(async (trx) => {
          const mine = users.with(trx)
          await mine.accounts.getVersioned(ada, ada)
          await users.accounts.update(ada, 'ada', { city: 'theirs' })
          await mine.accounts.update(ada, 'ada', { bio: 'mine' })
        })
        await expect(work).rejects.toMatchObject({ code: 'conflict' })
      })
    }
  })
})

it('tries as many servers as there are addresses', () => {
  expect(servers).toHaveLength(Object.keys(serverUrls).length)
})
