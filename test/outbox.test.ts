import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUserCore } from '../src/create-user-core.ts'
import { kyselyRepository } from '../src/kysely/index.ts'
import type { Repository } from '../src/port/repository.ts'
import type { OutboxRow } from '../src/port/tables.ts'
import { system } from '../src/site/actor.ts'
import type { Host } from '../src/site/host.ts'
import { manualClock } from '../src/testing/index.ts'
import { outboxRow } from '../src/testing/rows.ts'
import type { Place } from './outbox/stuck-deliverer.ts'
import { databases, optionsOf, type TestDatabase } from './stores/databases.ts'
import { openEdxDatabases } from './stores/open-edx.ts'
import { serverUrls } from './stores/servers.ts'
import { eachStore, storesOver } from './stores/stores.ts'

const start = '2024-06-15T12:00:00.000000Z'
const stores = [...eachStore(), ['pglite', storesOver(() => databases.pglite?.() as Promise<TestDatabase>)]] as const

type Sent = readonly [id: string, person: number, columns?: Partial<OutboxRow>]

async function send(repository: Repository, ...messages: readonly Sent[]): Promise<void> {
  const rows = messages.map(([id, person, columns]) => outboxRow(id, person, columns))
  expect(await repository.commit([{ insert: 'outbox', rows }])).toBe(true)
}

/** Returns this many messages, of some people in turn. */
function messages(count: number, people: number): Sent[] {
  return Array.from({ length: count }, (_, index) => [`m${String(index).padStart(4, '0')}`, 1 + (index % people)])
}

const coreOn = (repository: Repository, host: Host<unknown> = {}) => createUserCore({ repository, ...host })

/** Draws the least bytes, so that nothing is put off by less than the whole time. */
const random = (bytes: number) => new Uint8Array(bytes)

const smtp = new Error('smtp is down')

/** Makes a handler that notes what it gets, and throws for some. */
function noting(...failing: readonly string[]) {
  const seen: string[] = []
  return {
    seen,
    handler({ id }: { readonly id: string }, { attempt }: { readonly attempt: number }) {
      seen.push(`${id} ${attempt}`)
      if (failing.includes(id)) throw smtp
    },
  }
}

describe.each(stores)('the outbox on %s', (_, open) => {
  it('delivers the messages of a person in order, and holds back those behind one that failed until it is tried again', async () => {
    await using store = await open()
    const clock = manualClock(start)
    const users = coreOn(store.repository, { clock: clock.now, random })
    await send(store.repository, ['m1', 1], ['m2', 1], ['m3', 1], ['m4', 2])
    const { seen, handler } = noting('m2')
    const next_attempt_at = '2024-06-15T12:00:10.000000Z'
    expect(await users.outbox.deliver(handler)).toEqual({
      delivered: 2,
      failed: [{ id: 'm2', error: smtp, attempt: 1, next_attempt_at }],
      dead: [],
    })
    const [stored] = await store.repository.select('outbox', { id: 'm2' })
    expect(stored).toEqual(outboxRow('m2', 1, { attempts: 1, next_attempt_at }))
    expect(await users.outbox.deliver(noting().handler)).toEqual({ delivered: 0, failed: [], dead: [] })
    clock.advance(10_000)
    const again = noting()
    expect(await users.outbox.deliver(again.handler)).toEqual({ delivered: 2, failed: [], dead: [] })
    expect([...seen, ...again.seen]).toEqual(['m1 1', 'm2 1', 'm4 1', 'm2 2', 'm3 1'])
    expect(await store.repository.select('outbox', {})).toEqual([])
  })

  it('sets a message aside after its last try, goes on behind it, and delivers it once an operator has it redriven', async () => {
    await using store = await open()
    const clock = manualClock(start)
    const users = coreOn(store.repository, { clock: clock.now })
    await send(store.repository, ['m1', 1], ['m2', 1], ['m3', 2, { attempts: 1 }])
    const { seen, handler } = noting('m1', 'm3')
    const dead: string[] = []
    for (let round = 0; round < 4; round++, clock.advance(3_600_000)) {
      dead.push(...(await users.outbox.deliver(handler, { maxAttempts: 3 })).dead)
    }
    expect(seen).toEqual(['m1 1', 'm3 2', 'm1 2', 'm3 3', 'm1 3', 'm2 1'])
    expect(dead).toEqual(['m3', 'm1'])
    expect(await users.outbox.stats(system)).toEqual({ waiting: 0, leased: 0, dead: 2, oldest_waiting_at: null })
    const first = await users.outbox.dead(system, { limit: 1 })
    expect(first.items).toEqual([
      {
        id: 'm3',
        kind: 'event',
        name: 'test',
        user_id: 2,
        attempts: 3,
        created_at: start,
        dead_at: '2024-06-15T13:00:00.000000Z',
      },
    ])
    const rest = await users.outbox.dead(system, { after: first.next ?? '' })
    expect(rest.items.map(({ id }) => id)).toEqual(['m1'])
    expect(await users.outbox.redrive(system, ['m1', 'm2', 'unknown'])).toEqual({ redriven: 1 })
    expect(await users.outbox.redrive(system, ['m1'])).toEqual({ redriven: 0 })
    expect(await users.outbox.stats(system)).toEqual({ waiting: 1, leased: 0, dead: 1, oldest_waiting_at: start })
    const later = noting()
    expect(await users.outbox.deliver(later.handler)).toMatchObject({ delivered: 1 })
    expect(later.seen).toEqual(['m1 1'])
  })

  it('counts messages that a call has taken as leased', async () => {
    await using store = await open()
    const users = coreOn(store.repository)
    await send(store.repository, ['m1', 1], ['m2', 2])
    await users.outbox.deliver(async () => {
      expect(await users.outbox.stats(system)).toMatchObject({ dead: 0, waiting: expect.any(Number) })
      const { waiting, leased } = await users.outbox.stats(system)
      expect([waiting + leased, leased > 0]).toEqual([leased, true])
    })
  })

  it('takes each message under a lease of its own, which begins when it is handed out', async () => {
    await using store = await open()
    const clock = manualClock(start)
    const users = coreOn(store.repository, { clock: clock.now })
    await send(store.repository, ['m1', 1], ['m2', 2], ['m3', 3])
    const { seen, handler } = noting()
    const slowly: typeof handler = (message, delivery) => {
      handler(message, delivery)
      clock.advance(30_000)
    }
    expect(await users.outbox.deliver(slowly)).toMatchObject({ delivered: 3 })
    expect(seen).toEqual(['m1 1', 'm2 1', 'm3 1'])
  })

  it('stops when it is told to, and gives back what it has not come to', async () => {
    await using store = await open()
    const clock = manualClock(start)
    const users = coreOn(store.repository, { clock: clock.now })
    await send(store.repository, ['m1', 1], ['m2', 2], ['m3', 3, { attempts: 4 }], ['m4', 1])
    const stop = new AbortController()
    const given: AbortSignal[] = []
    const stopped = await users.outbox.deliver(
      (_, { signal }) => {
        given.push(signal)
        stop.abort()
      },
      { signal: stop.signal },
    )
    expect([stopped, given]).toEqual([{ delivered: 1, failed: [], dead: [] }, [stop.signal]])
    expect(await users.outbox.deliver(noting().handler, { signal: stop.signal })).toMatchObject({ delivered: 0 })
    const { seen, handler } = noting()
    await users.outbox.deliver(handler)
    expect(seen).toEqual(['m2 1', 'm3 5', 'm4 1'])
  })

  it('hands nothing out when the answer of the database comes after the end of the lease, which does not count', async () => {
    await using store = await open()
    const clock = manualClock(start)
    await send(store.repository, ['m1', 1], ['m2', 2])
    const late = Object.assign(Object.create(store.repository) as Repository, {
      async leaseOutbox(...request: Parameters<Repository['leaseOutbox']>) {
        const rows = await store.repository.leaseOutbox(...request)
        clock.advance(60_000)
        return rows
      },
    })
    const { seen, handler } = noting()
    expect(await coreOn(late, { clock: clock.now }).outbox.deliver(handler)).toEqual({
      delivered: 0,
      failed: [],
      dead: [],
    })
    expect(seen).toEqual([])
    await coreOn(store.repository, { clock: clock.now }).outbox.deliver(handler)
    expect(seen).toEqual(['m1 1', 'm2 1'])
  })

  it('takes some kinds alone, and waits for others that come before them', async () => {
    await using store = await open()
    const users = coreOn(store.repository)
    await send(store.repository, ['m1', 1, { kind: 'mail' }], ['m2', 1], ['m3', 1, { kind: 'mail' }], ['m4', 2])
    const [mails, others] = [noting(), noting()]
    await users.outbox.deliver(mails.handler, { kinds: ['mail'] })
    expect(mails.seen).toEqual(['m1 1'])
    await users.outbox.deliver(others.handler, { kinds: ['event', 'notification'] })
    await users.outbox.deliver(mails.handler, { kinds: ['mail'] })
    expect([mails.seen, others.seen]).toEqual([
      ['m1 1', 'm3 1'],
      ['m2 1', 'm4 1'],
    ])
  })

  it('takes no more than its limit', async () => {
    await using store = await open()
    const users = coreOn(store.repository)
    await send(store.repository, ...messages(6, 2))
    const { seen, handler } = noting()
    expect(await users.outbox.deliver(handler, { limit: 3 })).toMatchObject({ delivered: 3 })
    expect(seen).toEqual(['m0000 1', 'm0001 1', 'm0002 1'])
  })

  it('delivers 200 messages of 20 people once each, over two connections at once: one at a time of each person, in order', async () => {
    await using store = await open()
    const sent = messages(200, 20)
    await send(store.repository, ...sent)
    const seen: string[] = []
    const out = new Set<unknown>()
    const deliverer = async (repository: Repository) => {
      const users = coreOn(repository)
      while (seen.length < sent.length) {
        const { failed } = await users.outbox.deliver(
          async ({ id, user_id }) => {
            if (out.has(user_id)) throw new Error(`two messages of ${user_id} are out`)
            out.add(user_id)
            await sleep(Math.random() * 4)
            out.delete(user_id)
            seen.push(id)
          },
          { limit: 30 },
        )
        expect(failed).toEqual([])
        await sleep(1)
      }
    }
    await Promise.all([store.repository, store.second, store.repository, store.second].map(deliverer))
    expect(seen.toSorted()).toEqual(sent.map(([id]) => id))
    for (let person = 1; person <= 20; person++) {
      const own = sent.flatMap(([id, user]) => (user === person ? [id] : []))
      expect(seen.filter((id) => own.includes(id))).toEqual(own)
    }
  }, 120_000)

  it('sets one that always fails aside among 1,000, and delivers the others once each', async () => {
    await using store = await open()
    const clock = manualClock(start)
    const users = coreOn(store.repository, { clock: clock.now })
    const sent = messages(1000, 100)
    await send(store.repository, ...sent)
    const { seen, handler } = noting('m0004')
    const dead: string[] = []
    for (let round = 0; round < 10; round++, clock.advance(3_600_000)) {
      dead.push(...(await users.outbox.deliver(handler, { limit: 1000 })).dead)
    }
    expect(dead).toEqual(['m0004'])
    const tries = Array.from({ length: 10 }, (_, index) => `m0004 ${index + 1}`)
    expect(seen.filter((text) => text.startsWith('m0004'))).toEqual(tries)
    const others = sent.map(([id]) => id).filter((id) => id !== 'm0004')
    expect(seen.filter((text) => !text.startsWith('m0004')).sort()).toEqual(others.map((id) => `${id} 1`))
  }, 120_000)

  it('finds a message that ends its process, which costs the others no tries', async () => {
    await using store = await open()
    const clock = manualClock(start)
    await send(store.repository, ...messages(5, 5))
    const { seen, handler } = noting()
    /** Delivers as a process that ends with one message: the call never goes on. */
    const deliverer = (fatal: string) =>
      new Promise((resolve) => {
        const users = coreOn(store.repository, { clock: clock.now })
        const fragile: typeof handler = (message, delivery) => {
          handler(message, delivery)
          if (message.id !== fatal) return
          resolve('ended')
          return new Promise<void>(() => {}) as unknown as undefined
        }
        users.outbox.deliver(fragile, { maxAttempts: 3 }).then(resolve, resolve)
      })
    for (let round = 0; round < 3; round++, clock.advance(60_000)) expect(await deliverer('m0001')).toBe('ended')
    expect(await deliverer('m0001')).toEqual({ delivered: 3, failed: [], dead: ['m0001'] })
    const others = ['m0002 1', 'm0003 1', 'm0004 1']
    expect(seen).toEqual(['m0000 1', 'm0001 1', 'm0001 2', 'm0001 3', ...others])
    const [dead] = await store.repository.select('outbox', {})
    expect(dead).toMatchObject({ id: 'm0001', attempts: 3 })
  })

  it('hands nothing out twice under one lease when the clock is set back', async () => {
    await using store = await open()
    const clock = manualClock(start)
    const [one, two] = [store.repository, store.second].map((repository) => coreOn(repository, { clock: clock.now }))
    await send(store.repository, ...messages(12, 4))
    const { seen, handler } = noting()
    await one?.outbox.deliver(async (message, delivery) => {
      handler(message, delivery)
      clock.advance(-3_600_000)
      await two?.outbox.deliver(handler)
    })
    expect(seen.toSorted()).toEqual(messages(12, 4).map(([id]) => `${id} 1`))
  })
})

const shared: Readonly<Record<string, () => Promise<TestDatabase>>> = {
  ...Object.fromEntries(Object.entries(databases).filter(([name]) => !['pglite', 'node-sqlite'].includes(name))),
  ...openEdxDatabases,
}

describe.each(Object.entries(shared))('a process that delivers from %s', (name, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create()
  }, 120_000)
  afterAll(() => database.close())

  /** Returns the place of the database as another process finds it. */
  async function placeOf(): Promise<Place> {
    const { dialect } = database
    const { url } = { url: serverUrls[name.replace(/^open-edx$/, 'mariadb').replace(/^open-edx-/, '') as 'mysql'] }
    const query = {
      sqlite: sql<{ name: string }>`select file as name from pragma_database_list`,
      postgres: sql<{ name: string }>`select current_schema() as name`,
      mysql: sql<{ name: string }>`select database() as name`,
      pglite: sql<{ name: string }>`select '' as name`,
    }[dialect]
    const [place] = (await query.execute(database.connect())).rows
    return { dialect, ...(url !== undefined && { url }), name: place?.name ?? '' }
  }

  it('is killed with a message in its hands: the message comes again when the lease ends, as the second try', async () => {
    const repository = kyselyRepository(database.connect(), optionsOf(database))
    await send(repository, ['m1', 1], ['m2', 1])
    const program = join(import.meta.dirname, 'outbox', 'stuck-deliverer.ts')
    const child = fork(program, [JSON.stringify(await placeOf())])
    const [held] = await once(child, 'message')
    expect(held).toEqual({ id: 'm1', attempt: 1 })
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    const clock = manualClock(start)
    const users = coreOn(repository, { clock: clock.now })
    const { seen, handler } = noting()
    await users.outbox.deliver(handler)
    expect(seen).toEqual([])
    clock.advance(60_000)
    await users.outbox.deliver(handler)
    expect(seen).toEqual(['m1 2', 'm2 1'])
  }, 60_000)
})
