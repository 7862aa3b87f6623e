import { describe, expect, it } from 'vitest'
import { createUserCore, type UserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { takingTurns } from '../../src/port/turns.ts'
import { system } from '../../src/site/actor.ts'
import { drain, passwords, withPeople } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }
const password = 'long enough 1815'

onEachStore('calls made at once inside a transaction of the host', (open) => {
  it('are stored when they say so, and only then, whichever core they are made on', async () => {
    await using store = await open()
    const first = await withPeople(store.repository)
    const second = createUserCore({ repository: store.repository })
    await drain(first)
    const outcomes: (readonly [name: string, outcome: PromiseSettledResult<unknown>])[] = []
    await store.transaction(async (trx) => {
      const cores = [first.with(trx), first.with(trx), second.with(trx)] as const
      const on = (turn: number) => cores[turn % cores.length] as UserCore<unknown>
      const calls: [string, Promise<unknown>][] = []
      for (let n = 0; n < 6; n++) {
        const extended_profile = [{ field_name: `f${n}`, field_value: n }]
        calls.push([`f${n}`, on(n).accounts.update(ada, 'ada', { extended_profile })])
        calls.push([`p${n}`, on(n + 1).preferences.set(bob, 'bob', `p${n}`, `${n}`)])
        calls.push(['refused', on(n).accounts.update(ada, 'ada', { year_of_birth: 'never' as never })])
        calls.push(['read', on(n + 2).accounts.getVersioned(bob, bob)])
        const username = n < 4 ? `eve${n}` : 'eve0'
        const account = { username, email: `eve${n}@example.com`, name: 'Eve' }
        calls.push([username, on(n).accounts.create(system, account)])
      }
      const settled = await Promise.allSettled(calls.map(([, call]) => call))
      outcomes.push(...calls.map(([name], index) => [name, settled[index] as PromiseSettledResult<unknown>] as const))
    })
    const failed = outcomes.filter(([, { status }]) => status === 'rejected').map(([name]) => name)
    expect(failed.sort()).toEqual(['eve0', 'eve0', ...Array(6).fill('refused')])
    const [part] = await store.repository.select('extended_profiles', { owner: 'user' })
    const fields = Object.keys(JSON.parse(part?.document ?? '{}'))
    expect(fields.sort()).toEqual(['f0', 'f1', 'f2', 'f3', 'f4', 'f5'])
    const preferences = Object.keys(await first.preferences.getAll(bob, 'bob'))
    expect(preferences.sort()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5'])
    expect((await store.repository.select('users', {})).map((row) => row.username).sort()).toEqual([
      'ada',
      'bob',
      'eve0',
      'eve1',
      'eve2',
      'eve3',
    ])
    expect((await drain(first)).filter(({ name }) => name === 'account.changed')).toHaveLength(6)
  })

  it('do not wait for the unit whose hook makes them, on the transaction of the unit or on that of the host', async () => {
    await using store = await open()
    const plain = await withPeople(store.repository)
    await store.transaction(async (trx) => {
      const kept = passwords()
      const users = createUserCore({
        repository: store.repository,
        credentials: {
          ...kept,
          async set(user, text, transaction) {
            await Promise.all([
              plain.with(transaction).preferences.set(bob, 'bob', 'inner', 'yes'),
              plain.with(trx).preferences.set(bob, 'bob', 'outer', 'yes'),
              plain.with(trx).accounts.getVersioned(bob, bob),
            ])
            await kept.set(user, text, transaction, new AbortController().signal)
          },
        },
      })
      await Promise.all([
        users.with(trx).accounts.updateAsOperator(system, 'ada', { password }),
        users.with(trx).accounts.create(system, { username: 'eve', email: 'e@example.com', name: 'Eve', password }),
        users.with(trx).accounts.update(ada, 'ada', { bio: 'new' }),
      ])
      expect(kept.stored.size).toBe(2)
    })
    expect(await plain.preferences.getAll(bob, 'bob')).toEqual({ inner: 'yes', outer: 'yes' })
    expect((await plain.accounts.getVersioned(ada, ada)).account.bio).toBe('new')
  })

  it('come between the batches of an export, which holds no turn while its reader works', async () => {
    await using store = await open()
    const courses = [{ course_id: 'course-v1:OrgX+C+R', org: 'OrgX' }]
    const users = await withPeople(store.repository, {
      enrollments: {
        coursesOf: async () => courses,
        enrollmentsOf: async () => [],
        async *enrolledIn() {
          for (let n = 0; n < 3; n++) yield [{ user_id: 1, course_id: `course-v1:OrgX+C+${n}` }]
        },
      },
    })
    await store.transaction(async (trx) => {
      const inside = users.with(trx)
      let batches = 0
      for await (const rows of inside.emailOptIns.export({ ...ada, staff: true }, { orgs: ['OrgX'] })) {
        expect(rows).toHaveLength(1)
        await inside.preferences.set(ada, 'ada', `b${++batches}`, 'seen')
      }
      expect(batches).toBe(3)
    })
    expect(Object.keys(await users.preferences.getAll(ada, 'ada')).sort()).toEqual(['b1', 'b2', 'b3'])
  })
})

describe('takingTurns', () => {
  /** Makes a repository that logs the beginning and end of its commits; the host's code inside gets the transaction. */
  function logging(transaction: object) {
    const log: string[] = []
    const repository: Repository = {
      ...(memoryRepository() as Repository),
      async commit(writes, inside) {
        const name = 'insert' in (writes[0] ?? {}) ? 'unit' : `${writes.length}`
        log.push(`begin ${name}`)
        await new Promise((turn) => setTimeout(turn))
        await inside?.(transaction)
        log.push(`end ${name}`)
        return true
      },
    }
    return { log, repository }
  }
  const writes = (count: number) => Array(count).fill({ delete: 'outbox', where: {} })

  it('goes on after a call that fails', async () => {
    const transaction = {}
    const { log, repository } = logging(transaction)
    const on = takingTurns(() => transaction, repository)
    const failing = on.commit(writes(1), () => Promise.reject(new Error('host')))
    const next = on.commit(writes(2))
    await expect(failing).rejects.toThrow('host')
    await next
    expect(log).toEqual(['begin 1', 'begin 2', 'end 2'])
  })

  it('calls of code inside take turns with the others once its unit is over', async () => {
    const transaction = {}
    const { log, repository } = logging(transaction)
    const on = takingTurns(() => transaction, repository)
    const { promise: over, resolve: end } = Promise.withResolvers<void>()
    let late: Promise<unknown> | undefined
    await on.commit(writes(1), async () => {
      late = over.then(() => Promise.all([on.commit(writes(3)), on.commit(writes(4))]))
    })
    const next = on.commit(writes(2))
    end()
    await Promise.all([next, late])
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3', 'begin 4', 'end 4'])
  })

  it('lets different transactions go on at once', async () => {
    const { log, repository } = logging({})
    await Promise.all([1, 2].map((count) => takingTurns(() => ({}), repository).commit(writes(count))))
    expect(log).toEqual(['begin 1', 'begin 2', 'end 1', 'end 2'])
  })
})
