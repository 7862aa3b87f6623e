import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { kyselyRepository } from '../../../src/kysely/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { anonymous, system } from '../../../src/site/actor.ts'
import { addUser } from '../../../src/testing/rows.ts'
import { bringTo, openSite, overtaken, worker } from '../../retirement/site.ts'
import { databases, optionsOf } from '../../stores/databases.ts'
import { openEdxDatabases } from '../../stores/open-edx.ts'
import { onEachStore } from '../../support/stores.ts'
import { type Seen, watchedRepository } from '../../support/watched-repository.ts'

const eve = { username: 'eve', email: 'eve@example.com', name: 'Eve' }

onEachStore('accounts.loginStatus', (open) => {
  it('follows a person from registration to erasure', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { accounts, retirement } = site.users
    const { id } = await accounts.create(anonymous, eve)
    const reasons = async () => [
      (await accounts.loginStatus(system, { id })).reason,
      (await accounts.loginStatus(system, { id }, { purpose: 'reset_password' })).reason,
    ]
    expect(await reasons()).toEqual(['unconfirmed', null])
    await accounts.updateAsOperator(system, 'eve', { is_active: true })
    expect(await reasons()).toEqual([null, null])
    await accounts.deactivate(system, 'eve', { reason: 'spam' })
    expect(await reasons()).toEqual(['deactivated', 'deactivated'])
    await retirement.request(system, 'eve')
    expect(await reasons()).toEqual(['retirement_requested', 'retirement_requested'])
    await retirement.cancel(system, { username: 'eve' })
    expect(await reasons()).toEqual(['deactivated', 'deactivated'])
    await bringTo(site, 'eve', 'RETIRING_FORUMS')
    expect(await reasons()).toEqual(['retired', 'retired'])
    await retirement.move(worker, 'eve', { state: 'RETIRING_LMS' })
    await retirement.runStep(worker, 'eve', 'account')
    expect(await reasons()).toEqual(['retired', 'retired'])
    // Nothing leads from the name to a person any more.
    await expect(accounts.loginStatus(system, 'eve')).rejects.toMatchObject({ code: 'user_not_found' })
  })

  it('tells of no other person, and nothing but the answer', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const { accounts } = users
    const answer = { allowed: true, reason: null }
    expect(await accounts.loginStatus(system, 'ada')).toEqual(answer)
    expect(await accounts.loginStatus({ username: 'ada' }, 'ada')).toEqual(answer)
    expect(await accounts.loginStatus({ username: 'bob', staff: true }, 'ada')).toEqual(answer)
    for (const whom of ['ada', 'nobody'])
      await expect(accounts.loginStatus({ username: 'bob' }, whom)).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(accounts.loginStatus(anonymous, 'ada')).rejects.toMatchObject({ code: 'not_authenticated' })
    await expect(accounts.loginStatus(system, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
    await expect(accounts.loginStatus(system, 'ada', { purpose: 'x' as never })).rejects.toMatchObject({
      code: 'bad_request',
    })
  })

  it('asks storage once', async () => {
    await using store = await open()
    await openSite(store.repository)
    const seen: Seen = { asked: 0, written: new Set() }
    const users = createUserCore({ repository: watchedRepository(store.repository, seen) })
    for (const purpose of ['log_in', 'reset_password'] as const) {
      seen.asked = 0
      await users.accounts.loginStatus(system, 'ada', { purpose })
      expect(seen).toEqual({ asked: 1, written: new Set() })
    }
  })
})

it.each(Object.entries({ ...databases, ...openEdxDatabases }))(
  'accounts.loginStatus is one statement on %s',
  async (_, create) => {
    const database = await create()
    try {
      let statements = 0
      const db = database.connect({ log: () => void statements++ })
      const repository = kyselyRepository(db, optionsOf(database)) as Repository
      const users = createUserCore({ repository })
      const id = await addUser(repository, 'ada')
      for (const whom of ['ada', { id }]) {
        statements = 0
        expect(await users.accounts.loginStatus(system, whom)).toEqual({ allowed: true, reason: null })
        expect(statements).toBe(1)
      }
    } finally {
      await database.close()
    }
  },
  60_000,
)

onEachStore('accounts.recordLogin', (open) => {
  it('keeps the last log-in, and never goes back', async () => {
    await using store = await open()
    const { users, clock } = await openSite(store.repository)
    const last = async () => (await users.accounts.get(system, 'ada')).last_login
    expect(await last()).toBeNull()
    const { version } = await users.accounts.getVersioned(system, 'ada')
    await users.accounts.recordLogin(system, 'ada')
    expect(await last()).toBe('2024-06-15T12:00:00Z')
    clock.advance(1500)
    await users.accounts.recordLogin(system, { username: 'ADA' })
    expect(await last()).toBe('2024-06-15T12:00:01.500000Z')
    clock.advance(-1000)
    await users.accounts.recordLogin(system, 'ada')
    expect(await last()).toBe('2024-06-15T12:00:01.500000Z')
    expect((await users.accounts.getVersioned(system, 'ada')).version).toBe(version)
    expect((await users.accounts.get(system, 'bob')).last_login).toBeNull()
  })

  it('keeps the later of two, whichever is stored first', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const rival = async () => {
      site.clock.advance(2000)
      await site.another(store.second).accounts.recordLogin(system, 'ada')
    }
    await site.another(overtaken(store.repository, rival)).accounts.recordLogin(system, 'ada')
    expect((await site.users.accounts.get(system, 'ada')).last_login).toBe('2024-06-15T12:00:02Z')
  })

  it('stores nothing of a person whose retirement begins meanwhile, or has begun', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const other = { ...site, users: site.another(store.second) }
    const late = site.another(overtaken(store.repository, () => bringTo(other, 'ada', 'RETIRING_FORUMS')))
    await late.accounts.recordLogin(system, 'ada')
    const [row] = await store.repository.select('users', { username: 'ada' })
    expect(row?.last_login).toBeNull()
    await expect(site.users.accounts.recordLogin(system, 'ada')).rejects.toMatchObject({
      code: 'not_authorized',
      params: { reason: 'sealed' },
    })
  })

  it('is for trusted code', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    for (const actor of [{ username: 'ada' }, { username: 'bob', staff: true }, { username: 'bob', superuser: true }])
      await expect(users.accounts.recordLogin(actor, 'ada')).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.accounts.recordLogin(system, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
  })
})
