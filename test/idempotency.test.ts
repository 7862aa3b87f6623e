import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UserCore } from '../src/create-user-core.ts'
import type { Repository } from '../src/port/repository.ts'
import type { Write } from '../src/port/write.ts'
import type { Replayable } from '../src/runtime/once.ts'
import { type Actor, anonymous, system } from '../src/site/actor.ts'
import { bringTo, dump, openSite, outcomes, overtaken } from './retirement/site.ts'
import { watchedStoresOver } from './stores/contract-stores.ts'
import { databases } from './stores/databases.ts'
import { openEdxDatabases } from './stores/open-edx.ts'
import { drain } from './support/host.ts'
import { onEachStore } from './support/stores.ts'

type Users = UserCore<unknown>
type Options = { readonly idempotencyKey?: string }

const ada = { username: 'ada' }
const password = 'password of ada'
const cy = { username: 'cy', email: 'cy@example.com', name: 'Cy', password: 'correct horse', profile: { bio: 'new' } }
const hour = 3_600_000

/** A call of an operation that takes a key, with the messages that its change sends. */
interface Keyed {
  readonly call: (users: Users, options: Options) => Promise<Replayable>
  readonly messages: readonly string[]
}

const keyed: Readonly<Record<string, Keyed>> = {
  'accounts.update': {
    call: (users, options) => users.accounts.update(ada, 'ada', { bio: 'new', country: 'IT' }, options),
    messages: ['account.changed'],
  },
  'accounts.update of an address': {
    call: (users, options) => users.accounts.update(ada, 'ada', { email: 'ada@example.org' }, options),
    messages: ['email_change_confirmation'],
  },
  'accounts.patch': {
    call: (users, options) =>
      users.accounts.patch(
        ada,
        'ada',
        [
          { op: 'test', path: '/bio', value: null },
          { op: 'replace', path: '/bio', value: 'new' },
        ],
        options,
      ),
    messages: ['account.changed'],
  },
  'accounts.updateAsOperator': {
    call: (users, options) =>
      users.accounts.updateAsOperator(
        system,
        'ada',
        { email: 'ada@example.org', password: 'correct horse', profile: { bio: 'new' } },
        options,
      ),
    messages: ['account.changed', 'email_changed', 'email_changed'],
  },
  'accounts.create': {
    call: (users, options) => users.accounts.create(anonymous, cy, options),
    messages: ['activation'],
  },
  'extendedProfile.update': {
    call: (users, options) => users.extendedProfile.update(ada, 'ada', { motto: 'Onward' }, options),
    messages: ['account.changed'],
  },
  'preferences.update': {
    call: (users, options) => users.preferences.update(ada, 'ada', { theme: 'dark', draft: null }, options),
    messages: ['preferences.changed'],
  },
  'preferences.set': {
    call: (users, options) => users.preferences.set(ada, 'ada', 'theme', 'dark', options),
    messages: ['preferences.changed'],
  },
  'retirement.request': {
    call: (users, options) => users.retirement.request(ada, 'ada', { ...options, password }),
    messages: ['retirement.requested', 'retirement_requested'],
  },
}
const operations = Object.entries(keyed)

const key = 'b7f3c1d2-5a7e-4d8b-9f10-2c3d4e5f6a7b'
const once = { idempotencyKey: key }
const refused = { code: 'idempotency_key_reused' }

const rowsOf = (repository: Repository) => repository.select('idempotency_keys', {})
const messagesOf = async (users: Users) => (await drain(users)).map(({ name }) => name).sort()
const replays = (results: readonly Replayable[]) => results.filter(({ replayed }) => replayed).length

onEachStore('a call under an idempotency key', (open) => {
  it.each(operations)('is made once by sixteen callers on two connections: %s', async (_, { call, messages }) => {
    await using store = await open()
    const site = await openSite(store.repository)
    const both = [site.users, site.another(store.second)]
    const callers = Array.from({ length: 16 }, (_, index) => call(both[index % 2] ?? site.users, once))
    const results = await Promise.all(callers)
    expect(replays(results)).toBe(15)
    expect(await messagesOf(site.users)).toEqual(messages)
    expect(await rowsOf(store.repository)).toHaveLength(1)
  })

  it.each(operations)(
    'changes nothing when it is sent again, and gets the result once more: %s',
    async (_, { call }) => {
      await using store = await open()
      const site = await openSite(store.repository)
      const first = await call(site.users, once)
      const left = await dump(store.repository)
      const passwords = new Map(site.passwords)
      const { replayed, ...again } = await call(site.users, once)
      expect([first.replayed, replayed]).toEqual([false, true])
      // Values and names that the person made up are remembered nowhere.
      const forgotten = { changes: [], ignored: [], unconfigured: [], overruled: [] }
      const told = Object.entries(forgotten).filter(([name]) => name in again)
      expect(again).toEqual({ ...first, ...Object.fromEntries(told), replayed: undefined })
      expect(await dump(store.repository)).toBe(left)
      expect(site.passwords).toEqual(passwords)
    },
  )

  it.each(operations)(
    'leaves nothing where it throws, and can be corrected under the same key: %s',
    async (_, { call }) => {
      await using store = await open()
      const site = await openSite(store.repository)
      const broken = site.another({ ...store.repository, commit: fail, insertUser: fail })
      await expect(call(broken, once)).rejects.toMatchObject({ code: expect.stringMatching(/_error$/) })
      expect(await rowsOf(store.repository)).toEqual([])
      expect((await call(site.users, once)).replayed).toBe(false)
    },
  )

  it('tells the version that the first call reached, and the account as it is now', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const first = await users.accounts.update(ada, 'ada', { bio: 'one' }, once)
    const later = await users.accounts.update(ada, 'ada', { bio: 'two' })
    const again = await users.accounts.update(ada, 'ada', { bio: 'one' }, once)
    expect(again).toMatchObject({ version: first.version, account: { bio: 'two' }, changes: [], replayed: true })
    expect(later.version).toBeGreaterThan(first.version)
    await users.accounts.create(anonymous, cy, once)
    const [renamed] = (await users.accounts.replaceUsernames(system, [{ whom: 'cy', username: 'cyd' }])).replaced
    expect(renamed?.username).toBe('cyd')
    expect(await users.accounts.create(anonymous, cy, once)).toMatchObject({ username: 'cyd', replayed: true })
  })

  it('is remembered where nothing was to be changed', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    expect(await users.accounts.update(ada, 'ada', {}, once)).toMatchObject({ changes: [], replayed: false })
    expect(await users.accounts.update(ada, 'ada', {}, once)).toMatchObject({ changes: [], replayed: true })
    expect(await users.preferences.set(ada, 'ada', 'a', 'x')).toMatchObject({ replayed: false })
    const other = { idempotencyKey: 'other' }
    expect(await users.preferences.set(ada, 'ada', 'a', 'x', other)).toEqual({ changes: [], replayed: false })
    expect(await users.preferences.set(ada, 'ada', 'a', 'y')).toMatchObject({ replayed: false })
    expect(await users.preferences.set(ada, 'ada', 'a', 'x', other)).toEqual({ changes: [], replayed: true })
    expect(await users.preferences.get(ada, 'ada', 'a')).toBe('y')
  })

  it('is refused with another input or operation, and stays as it was', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    await users.accounts.update(ada, 'ada', { bio: 'one', city: 'two' }, once)
    await drain(users)
    const left = await dump(store.repository)
    const others = [
      users.accounts.update(ada, 'ada', { bio: 'two' }, once),
      users.accounts.update(ada, 'ada', { bio: 'one', city: 'two', goals: null }, once),
      users.accounts.update(ada, 'ada', { bio: 'one', city: 'two' }, { ...once, expectedVersion: 1 }),
      users.accounts.patch(ada, 'ada', [{ op: 'replace', path: '/bio', value: 'one' }], once),
      users.extendedProfile.update(ada, 'ada', { motto: 'x' }, once),
      users.preferences.update(ada, 'ada', { bio: 'one', city: 'two' }, once),
      users.retirement.request(ada, 'ada', { ...once, password }),
    ]
    expect(await outcomes(others)).toEqual(others.map(() => 'idempotency_key_reused'))
    expect(await dump(store.repository)).toBe(left)
    // The order of members, and those that are undefined, are no difference.
    const same = { city: 'two', bio: 'one', goals: undefined } as never
    const options = { ...once, unknownFields: 'ignore' } as const
    expect(await users.accounts.update(ada, 'ada', same, options)).toMatchObject({ replayed: true })
  })

  it('is the same call with another password, no hash of which is kept', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const prints: string[] = []
    for (const secret of ['correct horse', 'battery staple']) {
      const account = { ...cy, password: secret }
      const other = { idempotencyKey: 'other' }
      await users.accounts.create(anonymous, account, once)
      await users.accounts.updateAsOperator(system, 'ada', { password: secret }, other)
      await users.retirement.request({ username: 'bob' }, 'bob', { ...once, password: 'password of bob' })
      const rows = await rowsOf(store.repository)
      prints.push(JSON.stringify(rows.map(({ fingerprint }) => fingerprint).sort()))
    }
    expect(new Set(prints).size).toBe(1)
    const { password: _, ...account } = cy
    await expect(users.accounts.create(anonymous, account, once)).rejects.toMatchObject(refused)
  })

  it('does not meet the calls of other actors, nor those about other people', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const id = { id: (await users.accounts.me(ada)).id }
    const changes: readonly (readonly [Actor, string])[] = [
      [system, 'ada'],
      [{ system: true, name: 'crm' }, 'ada'],
      [system, 'bob'],
      [ada, 'ada'],
      [id, 'ada'],
      [{ username: 'bob' }, 'bob'],
    ]
    for (const [actor, whom] of changes) {
      const call = () => users.extendedProfile.update(actor, whom, { motto: 'Onward' }, once)
      expect([(await call()).replayed, (await call()).replayed]).toEqual([false, true])
    }
    expect(await rowsOf(store.repository)).toHaveLength(changes.length)
    const spelt = users.extendedProfile.update({ username: 'ADA' }, 'Ada', { motto: 'Onward' }, once)
    expect(await spelt).toMatchObject({ replayed: true })
  })

  it('is one call of its person, whoever has the username now', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const call = () => users.accounts.update(ada, 'ada', { bio: 'one' }, once)
    await call()
    await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'lovelace' }])
    await expect(call()).rejects.toMatchObject({ code: 'user_not_found' })
    await users.accounts.releaseUsername(system, 'ada')
    await users.accounts.replaceUsernames(system, [{ whom: 'bob', username: 'ada' }])
    await expect(call()).rejects.toMatchObject(refused)
    expect((await users.accounts.get(ada, ada)).bio).toBeNull()
  })

  it('tells an actor nothing who has lost the right to it', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const sue = { username: 'bob' }
    const call = (actor: Actor) => users.extendedProfile.update(actor, 'ada', { motto: 'Onward' }, once)
    expect(await call({ ...sue, staff: true })).toMatchObject({ replayed: false })
    expect(await call({ ...sue, staff: true })).toMatchObject({ replayed: true })
    await expect(call(sue)).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.extendedProfile.update(sue, 'ada', { motto: 'other' }, once)).rejects.toMatchObject({
      code: 'not_authorized',
    })
  })

  it('counts a request for an address once', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository, ['ada'], { settings: { email_change_rate_limit: '2/d' } })
    const call = () => users.accounts.update(ada, 'ada', { email: 'ada@example.org' }, once)
    for (let count = 0; count < 5; count++) expect((await call()).requested).toEqual(['email'])
    expect(await store.repository.select('rate_limits', {})).toMatchObject([{ hits: 1 }])
  })

  it('does not tell by its replay whether an address is taken', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const results = []
    for (const email of ['free@example.com', 'bob@example.com']) {
      const call = () => users.accounts.update(ada, 'ada', { email }, { idempotencyKey: email })
      await call()
      results.push(await call())
    }
    expect(results[0]).toEqual(results[1])
  })

  it('finds the call that was stored while its own was refused', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    for (const [name, { call }] of operations) {
      if (!/create|patch|request/.test(name)) continue
      // The row is not seen by the first look: the other call comes between it and the rules.
      let isFirst = true
      const late = site.another({
        ...store.repository,
        select: (async (table: 'idempotency_keys', where: object) => {
          const rows = await store.repository.select(table, where)
          if (table === 'idempotency_keys' && isFirst) {
            isFirst = false
            await call(site.users, { idempotencyKey: name })
          }
          return rows
        }) as Repository['select'],
      })
      expect([name, (await call(late, { idempotencyKey: name })).replayed]).toEqual([name, true])
    }
  })

  it('stops at the row of the other where both were decided', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const call = (users: Users) => users.preferences.set(ada, 'ada', 'theme', 'dark', once)
    const late = site.another(overtaken(store.repository, () => call(site.users)))
    expect(await call(late)).toEqual({ changes: [], replayed: true })
    expect(await messagesOf(site.users)).toEqual(['preferences.changed'])
  })

  it('is stored with the transaction of the host, or not', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const call = (inside: Users) => inside.accounts.update(ada, 'ada', { bio: 'one' }, once)
    const inside = (work: (users: Users) => Promise<void>) =>
      store.transaction((transaction) => work(users.with(transaction)))
    const broken = inside(async (within) => {
      expect([(await call(within)).replayed, (await call(within)).replayed]).toEqual([false, true])
      throw new RangeError('the host breaks it off')
    })
    await expect(broken).rejects.toThrow(RangeError)
    expect(await rowsOf(store.repository)).toEqual([])
    await inside(async (within) => void expect((await call(within)).replayed).toBe(false))
    expect((await call(users)).replayed).toBe(true)
  })

  it('is remembered for as long as the setting says, and then made again, once', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users, clock } = site
    const call = (core: Users) => core.preferences.set(ada, 'ada', 'theme', 'dark', once)
    await call(users)
    clock.advance(24 * hour - 1)
    expect((await call(users)).replayed).toBe(true)
    await users.preferences.delete(ada, 'ada', 'theme')
    clock.advance(1)
    await drain(users)
    const both = [users, site.another(store.second)]
    const results = await Promise.all(Array.from({ length: 16 }, (_, index) => call(both[index % 2] ?? users)))
    expect(replays(results)).toBe(15)
    expect(await messagesOf(users)).toEqual(['preferences.changed'])
    const [row, ...others] = await rowsOf(store.repository)
    expect([row?.created_at, row?.expires_at, others]).toEqual([
      '2024-06-16T12:00:00.000000Z',
      '2024-06-17T12:00:00.000000Z',
      [],
    ])
    // One that changes nothing is stopped by nothing but the row.
    const touch = (core: Users) => core.accounts.update(ada, 'ada', {}, { idempotencyKey: 'touch' })
    await touch(users)
    clock.advance(24 * hour)
    const late = site.another(
      overtaken(store.repository, async () => expect((await touch(users)).replayed).toBe(false)),
    )
    expect((await touch(late)).replayed).toBe(true)
    const short = site.another(store.repository, { settings: { idempotency_hours: 0.5 } })
    await short.accounts.update(ada, 'ada', { bio: 'x' }, { idempotencyKey: 'short' })
    clock.advance(hour / 2)
    expect(await short.accounts.update(ada, 'ada', {}, { idempotencyKey: 'short' })).toMatchObject({ replayed: false })
  })

  it('is forgotten by `expire` once its time is over, the oldest first, for trusted code alone', async () => {
    await using store = await open()
    const { users, clock } = await openSite(store.repository)
    for (const idempotencyKey of ['a', 'b', 'c']) {
      await users.accounts.update(ada, 'ada', { bio: idempotencyKey }, { idempotencyKey })
      clock.advance(hour)
    }
    expect(await users.idempotency.expire(system)).toEqual({ removed: 0 })
    clock.advance(22 * hour)
    const [, second, third] = (await rowsOf(store.repository)).sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
    expect(await users.idempotency.expire(system, { limit: 1 })).toEqual({ removed: 1 })
    expect(new Set(await rowsOf(store.repository))).toEqual(new Set([second, third]))
    expect(await users.idempotency.expire({ system: true, name: 'cron' })).toEqual({ removed: 1 })
    expect(await rowsOf(store.repository)).toEqual([third])
    const people: readonly Actor[] = [ada, { ...ada, staff: true, superuser: true }]
    for (const actor of people) {
      await expect(users.idempotency.expire(actor)).rejects.toMatchObject({ code: 'not_authorized' })
    }
  })

  it('stays where another call has put it in the place of an expired one before `expire` removes it', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const call = () => site.users.accounts.update(ada, 'ada', { bio: 'one' }, once)
    await call()
    site.clock.advance(24 * hour)
    await site.another(overtaken(store.repository, call)).idempotency.expire(system)
    expect(await rowsOf(store.repository)).toHaveLength(1)
    expect((await call()).replayed).toBe(true)
  })

  it('leaves neither its key nor its input in the row, and nothing once the person is erased', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    await users.accounts.update(ada, 'ada', { bio: 'my secret', email: 'ada@example.org' }, once)
    const [row] = await rowsOf(store.repository)
    const { id } = await users.accounts.me(ada)
    expect(row).toEqual({
      key_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      operation: 'accounts.update',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      user_id: id,
      reference: { version: 2, requested: ['email'], withdrawn: [] },
      created_at: '2024-06-15T12:00:00.000000Z',
      expires_at: '2024-06-16T12:00:00.000000Z',
    })
    // Of the same input another key makes another fingerprint.
    for (const idempotencyKey of ['another', 'third']) {
      await users.accounts.update(ada, 'ada', { bio: 'my secret' }, { idempotencyKey })
    }
    const prints = (await rowsOf(store.repository)).map(({ fingerprint }) => fingerprint)
    expect(new Set(prints).size).toBe(3)
    const late = site.another(store.repository, { settings: { idempotency_hours: 1000 } })
    await late.accounts.update(ada, 'ada', { bio: 'x' }, { idempotencyKey: 'late' })
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await late.retirement.runStep(system, 'ada', 'account')
    expect(await rowsOf(store.repository)).toEqual([])
  })

  it('of a person who is erased meanwhile leaves no row, even where it changes nothing', async () => {
    for (const call of [
      (users: Users) => users.preferences.set(system, 'ada', 'theme', 'dark', once),
      (users: Users) => users.accounts.update(system, 'ada', {}, once),
      (users: Users) => users.extendedProfile.update({ system: true, name: 'crm' }, 'ada', {}, once),
    ]) {
      await using store = await open()
      const site = await openSite(store.repository)
      await site.users.preferences.set(ada, 'ada', 'theme', 'dark')
      const erase = async () => {
        await bringTo(site, 'ada', 'RETIRING_LMS')
        await site.users.retirement.runStep(system, 'ada', 'account')
      }
      const late = site.another(overtaken(store.repository, erase))
      await expect(call(late)).rejects.toMatchObject({ code: 'user_not_found' })
      expect(await rowsOf(store.repository)).toEqual([])
    }
  })

  it('asks the clock once, looks for its row once, and stores it before anything else of its unit', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    for (const [name, { call }] of operations) {
      for (const id of site.passwords.keys()) site.passwords.set(id, password)
      const asked: string[] = []
      const select: Repository['select'] = (table, where) => {
        asked.push(table)
        return store.repository.select(table, where)
      }
      const noted = (writes: readonly Write[]) => {
        const keys = writes.findIndex((write) => 'insert' in write && write.insert === 'idempotency_keys')
        if (keys >= 0) asked.push(`write ${keys}`)
        return writes
      }
      const users = site.another(
        {
          ...store.repository,
          select,
          commit: (writes, ...more) => store.repository.commit(noted(writes), ...more),
          insertUser: (user, rest, inside) => store.repository.insertUser(user, (id) => noted(rest(id)), inside),
        },
        {
          clock: () => {
            asked.push('clock')
            return site.clock.now()
          },
        },
      )
      await call(users, { idempotencyKey: name.replaceAll(' ', '-') })
      const count = (what: string) => asked.filter((one) => one === what).length
      // A request for an address is counted before its call is authorized.
      const looks = name.includes('address') ? 2 : 1
      expect([name, count('clock'), count('idempotency_keys'), count('write 0')]).toEqual([name, 1, looks, 1])
      if (name !== 'retirement.request') await site.users.accounts.update(system, 'ada', { bio: null })
    }
  })

  it('takes keys of 1 to 255 visible characters, and inputs of JSON', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    for (const idempotencyKey of ['!', '~'.repeat(255)]) {
      for (const [, { call }] of operations.slice(0, 1)) {
        expect((await call(users, { idempotencyKey })).replayed).toBe(false)
      }
    }
    const wrong = { code: 'bad_request', params: { argument: 'idempotencyKey' } }
    for (const idempotencyKey of ['', 'a b', 'ä', '\n', '\x7f', 'a'.repeat(256), 5, null] as string[]) {
      for (const [, { call }] of operations) await expect(call(users, { idempotencyKey })).rejects.toMatchObject(wrong)
    }
    for (const odd of [5n, Number.NaN, new Date(0), () => 1, '\ud800']) {
      await expect(users.accounts.update(ada, 'ada', { bio: odd } as never, once)).rejects.toMatchObject(wrong)
    }
  })

  it('never changes anything again, whatever was called before and between', async () => {
    const call = fc.record({
      name: fc.constantFrom(...operations.map(([name]) => name).filter((name) => name !== 'retirement.request')),
      key: fc.constantFrom('one', 'two', 'three'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 8 }), async (calls) => {
        await using store = await open()
        const { users } = await openSite(store.repository)
        const stored = new Map<string, string>()
        for (const { name, key: idempotencyKey } of calls) {
          const run = () => keyed[name]?.call(users, { idempotencyKey }) ?? Promise.reject(new Error(name))
          const before = await dump(store.repository)
          const [outcome] = await Promise.allSettled([run()])
          // What is the same call depends on the actor and the person too.
          const slot = `${idempotencyKey} ${/create/.test(name) ? 'cy' : /Operator/.test(name) ? 'system' : 'ada'}`
          const known = stored.get(slot)
          if (known !== undefined) {
            expect(await dump(store.repository)).toBe(before)
            expect(outcome).toMatchObject(
              known === name ? { value: { replayed: true } } : { reason: { code: 'idempotency_key_reused' } },
            )
          } else if (outcome.status === 'fulfilled') {
            expect(outcome.value.replayed).toBe(false)
            stored.set(slot, name)
          } else expect(await dump(store.repository)).toBe(before)
        }
      }),
      { numRuns: 8 },
    )
  }, 120_000)
})

const fail = async () => {
  throw new Error('nothing can be stored')
}

const { pglite: _, ...quick } = databases
const watched = Object.entries({ ...quick, ...openEdxDatabases }).map(
  ([name, create]) => [name, watchedStoresOver(create)] as const,
)

describe.each(watched)('a statement that fails (%s)', (_, open) => {
  it.each(operations)('leaves no row without its change, and no change without its row: %s', async (_, { call }) => {
    const store = await open()
    const control = store.statements
    if (control === undefined) throw new Error('statements are not watched')
    try {
      const site = await openSite(store.repository)
      const rest = async () => JSON.stringify(JSON.parse(await dump(store.repository)).filter(isRest))
      const before = await rest()
      const passwords = [...site.passwords]
      for (let n = 1; n < 100; n++) {
        const start = control.count()
        // The host of this test keeps passwords in no transaction.
        for (const [id, password] of passwords) site.passwords.set(id, password)
        control.failAt(n)
        const [outcome] = await Promise.allSettled([call(site.users, once)])
        control.failAt(undefined)
        const isOver = control.count() - start < n
        if (isOver) {
          expect(outcome).toMatchObject({ status: 'fulfilled', value: { replayed: false } })
          expect(await rowsOf(store.repository)).toHaveLength(1)
          expect(await rest()).not.toBe(before)
          expect((await call(site.users, once)).replayed).toBe(true)
          return
        }
        expect(outcome?.status).toBe('rejected')
        expect(await rowsOf(store.repository)).toEqual([])
        expect(await rest()).toBe(before)
      }
      expect.unreachable('it never ended')
    } finally {
      await store.close()
    }
  })
})

/** Tells the rows of keys, and of limits, which count refused requests too, from all others. */
const isRest = ([table]: readonly [string]) => table !== 'idempotency_keys' && table !== 'rate_limits'
