import Database from 'better-sqlite3'
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import { retiredForm } from '../../../src/accounts/retired-identifier.ts'
import { kyselyRepository, migrate } from '../../../src/kysely/index.ts'
import type { Repository } from '../../../src/port/repository.ts'
import type { RetirementRow } from '../../../src/port/tables.ts'
import { cursorOf } from '../../../src/runtime/pages.ts'
import { system } from '../../../src/site/actor.ts'
import { addUser } from '../../../src/testing/rows.ts'
import { onEachStore } from '../../support/stores.ts'
import { bringTo, days, move, openSite, outcomes, worker } from '../site.ts'

const people = Array.from({ length: 7 }, (_, index) => `user${index}`)
const states = ['PENDING', 'RETIRING_FORUMS']

async function itemsOf<Item>(generator: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of generator) items.push(item)
  return items
}

onEachStore('retirement.list', (open) => {
  it('returns pages in the order of the requests, each person once, also while others come and go', async () => {
    await using store = await open()
    const site = await openSite(store.repository, people)
    // The requests come in pairs at one moment, in another order than that of the ids.
    for (const [first = '', second = ''] of [
      ['user5', 'user1'],
      ['user3', 'user0'],
      ['user6', 'user2'],
    ]) {
      await site.users.retirement.request(system, first)
      await site.users.retirement.request(system, second)
      site.clock.advance(1000)
    }
    site.clock.advance(days(14))
    const found: string[] = []
    let after: string | undefined
    do {
      const page = await site.users.retirement.list(worker, {
        coolOffDays: 0,
        states,
        limit: 2,
        ...(after === undefined ? {} : { after }),
      })
      found.push(...page.items.map(({ original_username }) => original_username))
      after = page.next
      if (found.length === 2) {
        await move(site.users, 'user0', 'ABORTED')
        await site.users.retirement.request(system, 'user4')
      }
    } while (after !== undefined)
    expect(found).toEqual(['user1', 'user5', 'user3', 'user2', 'user6'])
  })

  it('has no person before the minimum of the site is over, or before the longer time of a call', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada'], { settings: { minimum_cool_off_days: 3 } })
    await site.users.retirement.request(system, 'ada')
    const count = async (coolOffDays?: number) =>
      (
        await site.users.retirement.list(worker, {
          ...(coolOffDays === undefined ? {} : { coolOffDays }),
          state: 'PENDING',
        })
      ).items.length
    site.clock.advance(days(3))
    // A request of exactly that moment is not in the list yet, as in Open edX.
    expect(await count(0)).toBe(0)
    expect(await count()).toBe(1)
    site.clock.advance(1)
    expect(await Promise.all([count(0), count(3), count(4)])).toEqual([1, 1, 0])
  })

  it('refuses impossible filters and pages', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const list = (request: object) => users.retirement.list(worker, { coolOffDays: 7, states, ...request } as never)
    const wrong = [
      { coolOffDays: '7' },
      { coolOffDays: -1 },
      { coolOffDays: 1e9 },
      { states: [] },
      { states: 'PENDING' },
      { states: ['PENDING', 'PENDING'] },
      { states: ['NOWHERE'] },
      { state: 'PENDING' },
      { limit: '10' },
      { limit: 0 },
      { limit: 1001 },
      { after: 7 },
    ]
    expect(await outcomes(wrong.map(list))).toEqual(Array(wrong.length).fill('bad_request'))
    expect(await outcomes([users.retirement.list({ username: 'ada' }, { coolOffDays: 7, states })])).toEqual([
      'not_authorized',
    ])
  })
})

onEachStore('retirement.list by date', (open) => {
  it('includes the first and the last day, and refuses impossible days', async () => {
    await using store = await open()
    const site = await openSite(store.repository, people.slice(0, 3))
    for (const name of people.slice(0, 3)) {
      await site.users.retirement.request(system, name)
      site.clock.advance(days(1))
    }
    const found = async (from: string, to: string, state = 'PENDING') => {
      const { items } = await site.users.retirement.list(worker, { from, to, state })
      return items.map(({ original_username }) => original_username)
    }
    expect(await found('2024-06-15', '2024-06-16')).toEqual(['user0', 'user1'])
    expect(await found('2024-6-17', '2024-06-17')).toEqual(['user2'])
    expect(await found('2024-06-15', '2024-06-18', 'COMPLETE')).toEqual([])
    const wrong = [
      found('2024-06-16', '2024-06-15'),
      found('2024-06-15', '2024-06-19'),
      found('2024-02-30', '2024-06-15'),
      found('15.6.2024', '2024-06-15'),
      found('2024-06-15', '2024-06-15', 'NOWHERE'),
    ]
    expect(await outcomes(wrong)).toEqual(Array(5).fill('bad_request'))
  })
})

onEachStore('retirement.archive', (open) => {
  it('yields complete retirements before their clean-up, with moments as Open edX writes them', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { retirement } = site.users
    const archived = (request = {}) => itemsOf(retirement.archive(worker, request))
    await bringTo(site, 'ada', 'PENDING')
    await site.users.retirement.request(system, 'bob')
    expect(await archived()).toEqual([])
    await move(site.users, 'ada', 'COMPLETE')
    expect(await archived()).toEqual([
      {
        user_id: 1,
        original_username: 'ada',
        original_email: 'ada@example.com',
        original_name: 'ada the first',
        retired_username: retiredForm('username', 'ada', site.users.settings),
        retired_email: retiredForm('email', 'ada@example.com', site.users.settings),
        retirement_request_date: '2024-06-15 12:00:00',
        last_modified_date: '2024-06-30 12:00:00',
      },
    ])
    expect(await archived({ coolOffDays: 16 })).toEqual([])
    expect(await archived({ coolOffDays: 14 })).toHaveLength(1)
    expect(await archived({ from: '2024-06-16' })).toEqual([])
    await retirement.cleanUp(worker, ['ada'])
    expect(await archived()).toEqual([])
    await expect(retirement.archive({ username: 'ada' }).next()).rejects.toMatchObject({ code: 'not_authorized' })
  })

  it('has no more than a page in memory, and reads no further than its caller', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada'])
    await bringTo(site, 'ada', 'COMPLETE')
    const [row] = await store.repository.select('retirements', {})
    const names = Array.from({ length: 249 }, (_, index) => `user${index}`)
    for (const username of names) {
      const id = await addUser(store.repository, username)
      const original = { original_username: username, original_username_key: username }
      const retired = { retired_username: `retired__${username}`, retired_email: `${username}@retired.invalid` }
      const retirement = { ...row, user_id: id, id, ...original, ...retired }
      await store.repository.commit([{ insert: 'retirements', rows: [retirement as RetirementRow] }])
    }
    const pages: number[] = []
    const watched: Repository = {
      ...store.repository,
      async pageRetirements(page) {
        const rows = await store.repository.pageRetirements(page)
        pages.push(rows.length)
        return rows
      },
    }
    // The retired names of these people hold the usernames that they had.
    const { retirement } = site.another(watched, { settings: { verify: 'off' } })
    const records = retirement.archive(worker)
    const read = async (count: number) => {
      const ids: unknown[] = []
      while (ids.length < count) ids.push((await records.next()).value?.user_id)
      return ids
    }
    const first = await read(100)
    expect(pages).toEqual([100])
    // The clean-up of each person can follow its record.
    await retirement.cleanUp(worker, ['ada', ...names.slice(0, 9)])
    const rest = await read(150)
    expect(pages).toEqual([100, 100, 50])
    expect(await records.next()).toEqual({ done: true, value: undefined })
    expect(new Set([...first, ...rest]).size).toBe(250)
  })
})

onEachStore('retirement.retiredUsers', (open) => {
  it('returns the ids of people whose retirement was begun, before and after clean-up, page by page', async () => {
    await using store = await open()
    const site = await openSite(store.repository, people)
    await site.users.retirement.requestMany(worker, people.slice(1))
    site.clock.advance(days(15))
    for (const name of ['user2', 'user4', 'user6']) await move(site.users, name, 'COMPLETE')
    await move(site.users, 'user5', 'RETIRING_FORUMS')
    await site.users.retirement.cleanUp(worker, ['user4'])
    const { retiredUsers } = site.users.retirement
    const first = await retiredUsers(worker, { limit: 3 })
    expect(first).toEqual({ items: [3, 5, 6], next: expect.any(String) })
    expect(await retiredUsers(worker, { limit: 3, after: first.next ?? '' })).toEqual({ items: [7] })
    expect(await outcomes([retiredUsers({ username: 'ada' })])).toEqual(['not_authorized'])
  })
})

describe('lists of retirements (SQLite)', () => {
  it('are read along their index, from the place where the page begins', async () => {
    const database = new Database(':memory:')
    const queries: CompiledQuery[] = []
    const db = new Kysely<unknown>({
      dialect: new SqliteDialect({ database }),
      log: ({ query }) => void queries.push(query),
    })
    await migrate(db, { dialect: 'sqlite' })
    const { retirement } = (await openSite(kyselyRepository(db, { dialect: 'sqlite' }) as Repository)).users
    const planOf = async (call: () => Promise<unknown>) => {
      queries.length = 0
      await call()
      const { sql = '', parameters = [] } = queries.at(-1) ?? {}
      const plan = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
      return plan.map(({ detail }) => detail)
    }
    expect(await planOf(() => retirement.retiredUsers(worker, { after: cursorOf([5]) }))).toEqual([
      'SEARCH entry USING COVERING INDEX usercore_retirement_requests_is_started (is_started=? AND user_id>?)',
    ])
    const after = cursorOf(['2024-06-15T12:00:00.000000Z', 5])
    const plan = await planOf(() => retirement.list(worker, { coolOffDays: 0, states, after }))
    // Each state is read along the index as far as the page needs; what is sorted is one page of each.
    const reads = plan.filter((step) => /^(SEARCH|SCAN) entry /.test(step))
    expect(new Set(reads)).toEqual(
      new Set(['SEARCH entry USING INDEX usercore_retirements_queue (current_state=? AND created_at<?)']),
    )
    await db.destroy()
  })
})
