import Database from 'better-sqlite3'
import { Kysely, MysqlDialect, SqliteDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { kyselyRepository, transactionOver } from '../../../src/kysely/index.ts'
import { system } from '../../../src/site/actor.ts'
import { type Host, type HostTransaction, hosts } from './hosts.ts'

const person = (username: string) => ({ username, email: `${username}@example.com`, name: username })
const refused = { code: 'config_error', params: { option: 'transaction' } }
const bridged = { code: 'config_error', params: { option: 'db' } }

describe.each(hosts)('a transaction over %s', (_, open) => {
  let host: Host
  beforeAll(async () => {
    host = await open()
  }, 120_000)
  afterAll(() => host[Symbol.asyncDispose]())

  /** Makes the core of the host, whose people can have passwords that are refused. */
  const core = (db = host.db) =>
    createUserCore({
      repository: kyselyRepository(db, { dialect: host.dialect }),
      credentials: {
        verify: async () => true,
        async set() {
          throw new Error('the password is refused')
        },
        disable: async () => {},
      },
    })
  const stored = async () => {
    const { rows: people } = await sql<{ username: string }>`select username from usercore_users order by id`.execute(
      host.db,
    )
    const { rows } = await sql<{ name: string }>`select name from host_rows`.execute(host.db)
    return { people: people.map(({ username }) => username), rows: rows.map(({ name }) => name) }
  }
  const insert = (transaction: HostTransaction, name: string) =>
    transaction.run(`insert into host_rows (name) values ('${name}')`)

  /** Begins a transaction that ends with the test, should the test not get so far. */
  const begin = async () => {
    const transaction = await host.begin()
    let isOver = false
    const ending = (end: () => Promise<void>) => async () => {
      isOver = true
      await end()
    }
    const ended = { ...transaction, commit: ending(transaction.commit), rollback: ending(transaction.rollback) }
    onTestFinished(async () => {
      if (!isOver) await ended.rollback().catch(() => {})
    })
    return ended
  }

  beforeEach(async () => {
    for (const table of ['usercore_users', 'usercore_outbox', 'host_rows'])
      await sql`delete from ${sql.table(table)}`.execute(host.db)
    await core().accounts.create(system, person('ada'), { active: true })
  })

  it('is rolled back with the host', async () => {
    const transaction = await begin()
    const { accounts, preferences } = core().with(transactionOver(transaction.client))
    await insert(transaction, 'before')
    await accounts.create(system, person('bob'))
    await accounts.update(system, 'ada', { bio: 'Mathematician', language_proficiencies: [{ code: 'it' }] })
    await preferences.set(system, 'ada', 'theme', 'dark')
    await insert(transaction, 'after')
    expect((await accounts.get(system, 'ada')).bio).toBe('Mathematician')
    await transaction.rollback()
    expect(await stored()).toEqual({ people: ['ada'], rows: [] })
    const { bio } = await core().accounts.get(system, 'ada')
    expect(bio).toBeNull()
    expect(await core().preferences.get(system, 'ada', 'theme')).toBeNull()
  })

  it('is committed with the host, and by the host alone', async () => {
    const transaction = await begin()
    const { accounts } = core().with(transactionOver(transaction.client))
    await accounts.create(system, person('bob'))
    await accounts.update(system, 'ada', { bio: 'Mathematician' })
    await insert(transaction, 'card')
    await transaction.commit()
    expect(await stored()).toEqual({ people: ['ada', 'bob'], rows: ['card'] })
    expect((await core().accounts.get(system, 'ada')).bio).toBe('Mathematician')
  })

  it('refuses every call once it is over, and stores nothing', async () => {
    for (const end of ['commit', 'rollback'] as const) {
      const transaction = await begin()
      const late = transactionOver(transaction.client)
      const { accounts } = core().with(late)
      await accounts.get(system, 'ada')
      await transaction[end]()
      await expect(accounts.get(system, 'ada')).rejects.toMatchObject(refused)
      await expect(accounts.create(system, person('bob'))).rejects.toMatchObject(refused)
      await expect(accounts.update(system, 'ada', { bio: 'late' })).rejects.toMatchObject(refused)
    }
    expect(await stored()).toEqual({ people: ['ada'], rows: [] })
  })

  it('is refused for a client that is in none', async () => {
    const client = await host.idle()
    const call = async () => core().with(transactionOver(client)).accounts.create(system, person('bob'))
    await expect(call()).rejects.toMatchObject(refused)
    const read = async () => core().with(transactionOver(client)).accounts.get(system, 'ada')
    await expect(read()).rejects.toMatchObject(refused)
    expect(await stored()).toEqual({ people: ['ada'], rows: [] })
  })

  it('goes on after a call that was refused, or whose hook failed: nothing of the call is left', async () => {
    const transaction = await begin()
    const { accounts } = core().with(transactionOver(transaction.client))
    await insert(transaction, 'before')
    await expect(accounts.create(system, person('ada'))).rejects.toMatchObject({ code: 'account_validation_error' })
    const withPassword = { ...person('eve'), password: 'correct horse battery' }
    await expect(accounts.create(system, withPassword)).rejects.toMatchObject({ code: 'account_update_error' })
    await accounts.create(system, person('bob'))
    await insert(transaction, 'after')
    await transaction.commit()
    expect(await stored()).toEqual({ people: ['ada', 'bob'], rows: ['before', 'after'] })
  })

  it('takes calls at once, on whichever object of it, one after the other', async () => {
    const transaction = await begin()
    const users = core()
    const names = Array.from({ length: 6 }, (_, index) => `user${index}`)
    await Promise.all(
      names.map((name) => users.with(transactionOver(transaction.client)).accounts.create(system, person(name))),
    )
    await transaction.commit()
    expect((await stored()).people.toSorted()).toEqual(['ada', ...names].toSorted())
  })

  it('is refused as that of another database', async () => {
    const transaction = await begin()
    const sqlite = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
    const mysql = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: createPool('mysql://127.0.0.1') }) })
    const repository =
      host.dialect === 'sqlite'
        ? kyselyRepository(mysql, { dialect: 'mysql' })
        : kyselyRepository(sqlite, { dialect: 'sqlite' })
    const users = createUserCore({ repository })
    expect(() => users.with(transactionOver(transaction.client))).toThrow(expect.objectContaining(refused))
  })

  it.each([true, false])(
    'is not committed through a Kysely over its client: that is refused (kept: %s)',
    async (isKept) => {
      if (host.bridge === undefined) return
      const transaction = await begin()
      await insert(transaction, 'before')
      const users = core(new Kysely<unknown>({ dialect: host.bridge(transaction.client, isKept) }))
      await expect(users.accounts.create(system, person('bob'))).rejects.toMatchObject(bridged)
      await expect(users.accounts.create(system, person('cy'))).rejects.toMatchObject(bridged)
      await insert(transaction, 'after')
      await transaction.rollback()
      expect(await stored()).toEqual({ people: ['ada'], rows: [] })
    },
  )

  it.each([true, false])(
    'is not committed through one that was used before it began either (kept: %s)',
    async (isKept) => {
      if (host.bridge === undefined || host.dialect === 'sqlite') return
      const first = await begin()
      const users = core(new Kysely<unknown>({ dialect: host.bridge(first.client, isKept) }))
      await first.run('commit')
      await users.accounts.create(system, person('bob'))
      await first.run('begin')
      await insert(first, 'card')
      await expect(users.accounts.create(system, person('cy'))).rejects.toMatchObject(bridged)
      await first.rollback()
      expect(await stored()).toEqual({ people: ['ada', 'bob'], rows: [] })
    },
  )
})

describe('a transaction over what is no client', () => {
  const named = { code: 'config_error', params: { option: 'client' } }

  it('is refused, a pool with the reason', () => {
    for (const value of [undefined, null, 1, 'client', {}, [], { query: 1 }, new Map()])
      expect(() => transactionOver(value as never)).toThrow(expect.objectContaining(named))
    for (const pool of [new Pool(), createPool('mysql://127.0.0.1'), createPool('mysql://127.0.0.1').promise()])
      expect(() => transactionOver(pool)).toThrow(/a pool gives each statement another one/)
  })
})
