import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { UserCore } from '../../../src/create-user-core.ts'
import { kyselyRepository, migrate } from '../../../src/kysely/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { type TableName, tables } from '../../../src/port/tables.ts'
import { system } from '../../../src/site/actor.ts'
import { drain, mailedKey, withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }
const settings = { enable_secondary_email: true, retired_identifier_keys: [{ id: 'k1', secret: 'x'.repeat(32) }] }

/** Makes bob hold `wanted@example.com` in one of the ways in which an address can be held. */
const holdings: Record<string, (users: UserCore<unknown>) => Promise<unknown>> = {
  'as main address': (users) => users.accounts.updateAsOperator(system, 'bob', { email: 'wanted@example.com' }),
  'as main address in another spelling': (users) =>
    users.accounts.updateAsOperator(system, 'bob', { email: 'Wanted@Example.com' }),
  'as second address': async (users) => {
    await users.accounts.update(bob, 'bob', { secondary_email: 'wanted@example.com' })
    await users.accounts.confirmSecondaryEmail(await mailedKey(users, 'secondary_email_confirmation'))
  },
  'as an address that is retired': async (users) => {
    await users.accounts.updateAsOperator(system, 'bob', { email: 'wanted@example.com' })
    await users.retirement.setPipeline(system)
    await users.retirement.request(system, 'bob')
  },
}

/** The ways in which ada can ask for the address. */
const requests: Record<string, (users: UserCore<unknown>, wanted: string) => Promise<unknown>> = {
  'update of email': (users, email) => users.accounts.update(ada, 'ada', { email }),
  'update of secondary_email': (users, secondary_email) => users.accounts.update(ada, 'ada', { secondary_email }),
  'update of both': (users, email) =>
    users.accounts.update(ada, 'ada', { email, secondary_email: 'free2@example.com', bio: 'x' }),
  'update by trusted code': (users, email) => users.accounts.update(system, 'ada', { email }),
  'patch of email': (users, value) => users.accounts.patch(ada, 'ada', [{ op: 'replace', path: '/email', value }]),
  'patch of secondary_email': (users, value) =>
    users.accounts.patch(ada, 'ada', [{ op: 'replace', path: '/secondary_email', value }]),
}

/** Values that differ between any two runs, or between two addresses. */
const own = new Set(['id', 'key_hash', 'ended', 'new_email', 'payload', 'user_id', 'kind', 'name'])

/** Returns the stored rows without the values that differ between any two runs. */
async function shapeOf(repository: Repository): Promise<Record<string, unknown[]>> {
  const shape: Record<string, unknown[]> = {}
  for (const table of Object.keys(tables) as TableName[]) {
    const rows = await repository.select(table, {})
    shape[table] = rows
      .map((row) => JSON.stringify(Object.entries(row).filter(([column]) => table === 'users' || !own.has(column))))
      .sort()
  }
  return shape
}

describe('a request for an address', () => {
  /** Runs one request on a store of its own. Returns its answer, its statements, and the rows that it leaves. */
  async function run(holding: string, request: string, wanted: string) {
    const statements: string[] = []
    const db = new Kysely<unknown>({
      dialect: new SqliteDialect({ database: new Database(':memory:') }),
      log: (event) => void statements.push(event.query.sql),
    })
    await migrate(db, { dialect: 'sqlite' })
    const repository = kyselyRepository(db, { dialect: 'sqlite' }) as Repository
    const users = await withPeople(repository, { settings, clock: () => new Date('2024-06-15T12:00:00Z') })
    await holdings[holding]?.(users)
    // An earlier request of each kind is there, so that the effect of a later one on it shows.
    const earlier = { email: 'one@example.com', secondary_email: 'two@example.com' }
    await users.accounts.update(ada, 'ada', earlier)
    const keys = (await drain(users)).flatMap(({ payload }) => (payload.key === undefined ? [] : [String(payload.key)]))
    // The statements of the preparation do not count.
    statements.length = 0
    const answer = await requests[request]?.(users, wanted)
    const sent = [...statements]
    const shape = await shapeOf(repository)
    const pending = await repository.select('pending_email_changes', {})
    const alive = keys.slice(-2).map(async (key) => {
      const confirm = [users.accounts.confirmEmailChange(key), users.accounts.confirmSecondaryEmail(key)]
      return (await Promise.allSettled(confirm)).map(({ status }) => status)
    })
    return {
      answer,
      sent,
      shape,
      pending: pending.map(({ kind, new_email }) => ({ kind, new_email })),
      alive: await Promise.all(alive),
    }
  }

  for (const holding of Object.keys(holdings)) {
    it.each(Object.keys(requests))(
      `looks the same for an address held ${holding} as for a free one: %s`,
      async (way) => {
        const taken = await run(holding, way, 'wanted@example.com')
        const free = await run(holding, way, 'freely@example.com')
        expect(JSON.stringify(taken.answer)).toBe(JSON.stringify(free.answer))
        expect(taken.sent).toEqual(free.sent)
        expect(taken.shape).toEqual(free.shape)
        expect(taken.alive).toEqual(free.alive)
        // Of a taken address nothing is copied: it would outlive its holder.
        const kept = taken.pending.map((row) => ({
          ...row,
          new_email: row.new_email.replace('taken@withheld.invalid', 'freely@example.com'),
        }))
        expect(kept).toEqual(free.pending)
        expect(JSON.stringify(free.pending)).toContain('freely@example.com')
        expect(JSON.stringify(taken.pending).toLowerCase()).not.toContain('wanted@example.com')
      },
    )
  }
})

onEachStore('a request for a taken address', (open) => {
  it.each(['email', 'secondary_email'] as const)(
    'tells its holder, at the stored address, and no key: %s',
    async (field) => {
      await using store = await open()
      const users = await withPeople(store.repository, { settings })
      await users.accounts.updateAsOperator(system, 'bob', { email: 'Bob.Two@Example.com' })
      await drain(users)
      await users.accounts.update(ada, 'ada', { [field]: 'bob.two@example.com' })
      const [{ id } = { id: 0 }] = await store.repository.select('users', { username: 'bob' })
      const told = await drain(users)
      expect(told).toMatchObject([{ kind: 'mail', name: 'email_already_in_use', user_id: id }])
      expect(told[0]?.payload).toEqual({ to: 'Bob.Two@Example.com', username: 'bob' })
    },
  )

  it('tells the holder of a second address there, and the host alone of a retired one', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings })
    await users.accounts.update(bob, 'bob', { secondary_email: 'Second@example.com' })
    await users.accounts.confirmSecondaryEmail(await mailedKey(users, 'secondary_email_confirmation'))
    await drain(users)
    await users.accounts.update(ada, 'ada', { email: 'second@example.com' })
    expect(await drain(users)).toMatchObject([
      { name: 'email_already_in_use', payload: { to: 'Second@example.com', username: 'bob' } },
    ])
    await users.retirement.setPipeline(system)
    await users.retirement.request(system, 'bob')
    await drain(users)
    await users.accounts.update(ada, 'ada', { email: 'bob@example.com' })
    expect(await drain(users)).toMatchObject([{ kind: 'notification', name: 'retired_email_wanted', payload: {} }])
  })

  it('cannot be confirmed, not even with the key that no message tells, nor once the address is free', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings, random: (bytes) => new Uint8Array(bytes).fill(7) })
    await users.accounts.update(ada, 'ada', { email: 'bob@example.com' })
    await users.accounts.updateAsOperator(system, 'bob', { email: 'bob.two@example.com' })
    const confirm = users.accounts.confirmEmailChange('07'.repeat(16))
    await expect(confirm).rejects.toMatchObject({ code: 'not_found' })
    expect(JSON.stringify(await drain(users))).not.toContain('07'.repeat(16))
    expect((await users.accounts.get(ada, ada)).email).toBe('ada@example.com')
  })
})
