import assert from 'node:assert/strict'
import type { Repository } from '../../port/repository.ts'
import type { OutboxRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { outboxRow } from '../rows.ts'
import type { Group, StoreUnderTest } from './store.ts'
import { chosenId, connectionOf, names } from './support.ts'

const minute = (of: number) => `2024-06-15T12:${String(of).padStart(2, '0')}:00.000000Z`

type Store = Pick<StoreUnderTest<unknown>, 'repository'>
type LeaseOptions = Partial<Parameters<Repository['leaseOutbox']>[0]>

/** Takes messages for a minute. */
function take({ repository }: Store, lease: string, now: number, options: LeaseOptions = {}) {
  return repository.leaseOutbox({ now: minute(now), leased_until: minute(now + 1), lease, limit: 10, ...options })
}

async function idsOf(rows: Promise<readonly { readonly id: string }[]>): Promise<string[]> {
  return (await rows).map(({ id }) => id)
}

/** A message of a person. Messages outlive people, so none of them has to be there. */
type Sent = readonly [id: string, person: number, columns?: Partial<OutboxRow>]

function rowOf({ repository }: Store, [id, person, columns]: Sent): OutboxRow {
  return outboxRow(id, chosenId(repository, person), columns)
}

async function send(store: Store, ...messages: readonly Sent[]): Promise<void> {
  const rows = messages.map((message) => rowOf(store, message))
  assert.equal(await store.repository.commit([{ insert: 'outbox', rows }]), true)
}

/** Sends messages, each to another person. */
function sendApart(store: Store, ids: readonly string[]): Promise<void> {
  return send(store, ...ids.map((id, person): Sent => [id, person]))
}

function remove({ repository }: Store, ...ids: readonly string[]): Promise<boolean> {
  return repository.commit([{ delete: 'outbox', where: { id: ids } }])
}

/** Makes the write that gives a message back, to be tried from some moment on. */
function giveBack(id: string, lease: string, next_attempt_at: string | null): Write {
  return { update: 'outbox', set: { lease: null, leased_until: null, next_attempt_at }, where: { id, lease } }
}

/** `leaseOutbox`, `countOutbox` and `pageDeadMessages`. */
export const outbox: Group = {
  async 'the oldest free messages are taken, and come with the lease'(given) {
    await sendApart(given, ['m3', 'm1', 'm2'])
    const taken = { leased_until: minute(1), next_attempt_at: minute(1), attempts: 1 }
    assert.deepEqual(await take(given, 'one', 0, { limit: 2 }), [
      rowOf(given, ['m1', 1, { lease: 'one', ...taken }]),
      rowOf(given, ['m2', 2, { lease: 'one', ...taken }]),
    ])
    assert.deepEqual(await take(given, 'two', 0), [rowOf(given, ['m3', 0, { lease: 'two', ...taken }])])
    assert.deepEqual(await take(given, 'three', 0), [])
    assert.deepEqual(
      new Map((await given.repository.select('outbox', {})).map((row) => [row.id, row.lease])),
      new Map([
        ['m1', 'one'],
        ['m2', 'one'],
        ['m3', 'two'],
      ]),
    )
  },

  async 'a message whose lease has ended is taken again, and its late owner neither removes it nor gives it back'(
    given,
  ) {
    const { repository } = given
    await sendApart(given, ['m1', 'm2'])
    await take(given, 'one', 0)
    const again = await take(given, 'two', 1)
    assert.deepEqual(
      again.map((row) => [row.id, row.lease]),
      [
        ['m1', 'two'],
        ['m2', 'two'],
      ],
    )
    await repository.commit([{ delete: 'outbox', where: { id: 'm1', lease: 'one' } }])
    await repository.commit([giveBack('m2', 'one', null)])
    assert.equal((await repository.select('outbox', { lease: 'two' })).length, 2)
  },

  async 'a message that was delivered does not come again, one that was given back does'(given) {
    const { repository } = given
    await sendApart(given, ['m1', 'm2', 'm3'])
    await take(given, 'one', 0, { limit: 2 })
    await repository.commit([{ delete: 'outbox', where: { id: 'm1', lease: 'one' } }])
    await repository.commit([giveBack('m2', 'one', null)])
    assert.deepEqual(await idsOf(take(given, 'two', 0)), ['m2', 'm3'])
    assert.deepEqual(await idsOf(take(given, 'three', 1)), ['m2', 'm3'])
  },

  async 'of each person only the head is taken: the others wait until it is delivered, also while it is put off'(
    given,
  ) {
    const { repository } = given
    await send(given, ['m1', 1], ['m2', 1], ['m3', 2], ['m4', 1])
    assert.deepEqual(await idsOf(take(given, 'one', 0)), ['m1', 'm3'])
    assert.deepEqual(await idsOf(take(given, 'two', 0)), [])
    assert.deepEqual(await idsOf(take(given, 'three', 1)), ['m1', 'm3'])
    await repository.commit([giveBack('m1', 'three', minute(5))])
    assert.deepEqual(await idsOf(take(given, 'four', 3)), ['m3'])
    assert.deepEqual(await idsOf(take(given, 'five', 5)), ['m1', 'm3'])
    await remove(given, 'm1')
    assert.deepEqual(await idsOf(take(given, 'six', 5)), ['m2'])
    await remove(given, 'm2', 'm3')
    assert.deepEqual(await idsOf(take(given, 'seven', 5)), ['m4'])
  },

  async 'a message that is stored behind a later one of its person waits for that while it is out'(given) {
    await send(given, ['m2', 1])
    await take(given, 'one', 0)
    await send(given, ['m1', 1], ['m3', 2])
    assert.deepEqual(await idsOf(take(given, 'two', 0)), ['m3'])
    await remove(given, 'm2', 'm3')
    assert.deepEqual(await idsOf(take(given, 'three', 0)), ['m1'])
    await send(given, ['m0', 1])
    // The lease has ended: in its place the earlier one is next.
    assert.deepEqual(await idsOf(take(given, 'four', 1)), ['m0'])
  },

  async 'each lease counts as an attempt, also one that ends without a word'(given) {
    const { repository } = given
    await sendApart(given, ['m1', 'm2'])
    for (const [now, attempts] of [1, 2, 3].entries()) {
      const rows = await take(given, `lease ${now}`, now)
      assert.deepEqual(
        rows.map((row) => row.attempts),
        [attempts, attempts],
      )
    }
    await repository.commit([giveBack('m1', 'lease 2', null)])
    const stored = await repository.select('outbox', {})
    assert.deepEqual(
      stored.map((row) => row.attempts),
      [3, 3],
    )
  },

  async 'a dead message is not taken, and holds up none'(given) {
    const dead = { dead_at: minute(0), attempts: 3 }
    await send(given, ['m1', 1, dead], ['m2', 1], ['m3', 2, dead])
    assert.deepEqual(await idsOf(take(given, 'one', 0)), ['m2'])
    assert.deepEqual(await idsOf(take(given, 'two', 30)), ['m2'])
    await given.repository.commit([
      { update: 'outbox', set: { dead_at: null, attempts: 0 }, where: { id: ['m1', 'm3'] } },
    ])
    assert.deepEqual(await idsOf(take(given, 'three', 30)), ['m3'])
    assert.deepEqual(await idsOf(take(given, 'four', 31)), ['m1', 'm3'])
  },

  async 'of some kinds only those are taken, and those behind another kind wait'(given) {
    await send(
      given,
      ['m1', 1, { kind: 'mail' }],
      ['m2', 2],
      ['m3', 2, { kind: 'mail' }],
      ['m4', 3, { kind: 'notification' }],
    )
    assert.deepEqual(await idsOf(take(given, 'one', 0, { kinds: ['mail'] })), ['m1'])
    assert.deepEqual(await idsOf(take(given, 'two', 0, { kinds: [] })), [])
    assert.deepEqual(await idsOf(take(given, 'three', 0, { kinds: ['notification', 'event'] })), ['m2', 'm4'])
    await remove(given, 'm2')
    assert.deepEqual(await idsOf(take(given, 'four', 0, { kinds: ['mail'] })), ['m3'])
  },

  async 'those that are due again come before later ones'(given) {
    const ended = { leased_until: minute(0), lease: 'gone', next_attempt_at: minute(0), attempts: 1 }
    await send(
      given,
      ['m1', 1],
      ['m2', 2, { next_attempt_at: minute(1), attempts: 2 }],
      ['m3', 3, ended],
      ['m4', 4],
      ['m5', 5, { next_attempt_at: minute(9), attempts: 1 }],
    )
    assert.deepEqual(await idsOf(take(given, 'one', 1, { limit: 3 })), ['m1', 'm2', 'm3'])
    assert.deepEqual(await idsOf(take(given, 'two', 1, { limit: 3 })), ['m4'])
  },

  async 'of several callers at once each message goes to one, and of one person no two are out'(given) {
    const people = 7
    const ids = names(20)
    await send(given, ...ids.map((id, index): Sent => [id, index % people]))
    let leases = 0
    const all: string[] = []
    while (all.length < ids.length) {
      const taken = await Promise.all(
        names(8).map((_, turn) => take({ repository: connectionOf(given, turn) }, `lease${++leases}`, 0, { limit: 3 })),
      )
      const rows = taken.flat()
      assert.ok(taken.every((some) => some.length <= 3))
      assert.equal(new Set(rows.map(({ user_id }) => user_id)).size, rows.length, 'two of one person are out')
      const rest = rows.length === 0 ? await take(given, `lease${++leases}`, 0) : []
      assert.ok(rows.length + rest.length > 0, 'messages are lost')
      const out = [...rows, ...rest].map(({ id }) => id)
      await remove(given, ...out)
      all.push(...out)
    }
    assert.equal(new Set(all).size, ids.length, 'a message went to two')
  },

  async 'a caller beside an open transaction of another one waits or takes free messages, and does not fail'(given) {
    await sendApart(given, ['m1', 'm2'])
    let beside: ReturnType<typeof take> | undefined
    let inside: string[] = []
    const host = given.transaction(async (transaction) => {
      const repository = given.repository.with(transaction)
      inside = await idsOf(take({ repository }, 'one', 0, { limit: 1 }))
      beside = given.second && take({ repository: given.second }, 'two', 0)
      // A rejection before the transaction has ended must not count as unhandled.
      beside?.catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 20))
    })
    // Where transactions are serializable, the host can be the one that loses the race.
    const [{ status }] = await Promise.allSettled([host])
    assert.deepEqual(inside, ['m1'])
    const others = (await beside) ?? []
    const rest = await take(given, 'three', 0)
    const taken = [...(status === 'fulfilled' ? inside : []), ...[...others, ...rest].map((row) => row.id)]
    assert.deepEqual(taken.sort(), ['m1', 'm2'])
  },

  async 'messages are counted by their state'(given) {
    const { repository } = given
    const count = (now: number) => repository.countOutbox({ now: minute(now) })
    const none = { waiting: 0, leased: 0, dead: 0, oldest_waiting_at: null }
    assert.deepEqual(await count(0), none)
    await send(
      given,
      ['m1', 1, { created_at: minute(1), dead_at: minute(9) }],
      ['m2', 2, { created_at: minute(2), attempts: 1, next_attempt_at: minute(40) }],
      ['m3', 3, { created_at: minute(3) }],
      ['m4', 3, { created_at: minute(4) }],
    )
    assert.deepEqual(await count(30), { ...none, waiting: 3, dead: 1, oldest_waiting_at: minute(2) })
    await take(given, 'one', 30)
    assert.deepEqual(await count(30), { ...none, waiting: 2, leased: 1, dead: 1, oldest_waiting_at: minute(2) })
    await remove(given, 'm2')
    assert.deepEqual(await count(30), { ...none, waiting: 1, leased: 1, dead: 1, oldest_waiting_at: minute(4) })
    assert.deepEqual(await count(31), { ...none, waiting: 2, dead: 1, oldest_waiting_at: minute(3) })
  },

  async 'dead messages come page by page as they were set aside'(given) {
    const { repository } = given
    const created_at = minute(0)
    await send(
      given,
      ['m1', 1, { created_at, dead_at: minute(7), attempts: 4 }],
      ['m2', 1, { created_at, dead_at: minute(5) }],
      ['m3', 2, { created_at, dead_at: minute(5), kind: 'mail' }],
      ['m4', 2, { created_at }],
      ['m5', 3, { created_at, dead_at: minute(5) }],
    )
    const [first, second, ...others] = await repository.pageDeadMessages({ limit: 2 })
    assert.deepEqual([first?.id, second?.id, others], ['m2', 'm3', []])
    const user_id = chosenId(repository, 2)
    assert.deepEqual(second, {
      id: 'm3',
      kind: 'mail',
      name: 'test',
      user_id,
      created_at,
      attempts: 0,
      dead_at: minute(5),
    })
    const rest = (after = { dead_at: minute(5), id: 'm3' }) => idsOf(repository.pageDeadMessages({ after, limit: 10 }))
    assert.deepEqual(await rest(), ['m5', 'm1'])
    assert.deepEqual(await rest({ dead_at: minute(7), id: 'm1' }), [])
  },
}
