import assert from 'node:assert/strict'
import { outboxRow } from '../rows.ts'
import type { Group, StoreUnderTest } from './store.ts'
import { chosenId, connectionOf, names } from './support.ts'

const minute = (of: number) => `2024-06-15T12:${String(of).padStart(2, '0')}:00.000000Z`

/** Takes messages for a minute. */
function take({ repository }: Pick<StoreUnderTest<unknown>, 'repository'>, lease: string, now: number, limit = 2) {
  return repository.leaseOutbox({ now: minute(now), leased_until: minute(now + 1), lease, limit })
}

/** Sends messages that belong to no person: messages outlive people. */
async function send({ repository }: StoreUnderTest<unknown>, ids: readonly string[]): Promise<void> {
  const rows = ids.map((id) => outboxRow(id, chosenId(repository, 0)))
  assert.equal(await repository.commit([{ insert: 'outbox', rows }]), true)
}

/** `leaseOutbox`. */
export const outbox: Group = {
  async 'the oldest free messages are taken, and come with the lease'(given) {
    await send(given, ['m3', 'm1', 'm2'])
    const leased_until = minute(1)
    const absent = chosenId(given.repository, 0)
    assert.deepEqual(await take(given, 'one', 0), [
      outboxRow('m1', absent, { lease: 'one', leased_until }),
      outboxRow('m2', absent, { lease: 'one', leased_until }),
    ])
    assert.deepEqual(await take(given, 'two', 0), [outboxRow('m3', absent, { lease: 'two', leased_until })])
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
    await send(given, ['m1', 'm2'])
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
    await repository.commit([{ update: 'outbox', set: { lease: null, leased_until: null }, where: { lease: 'one' } }])
    assert.equal((await repository.select('outbox', { lease: 'two' })).length, 2)
  },

  async 'a message that was delivered does not come again, one that was given back does'(given) {
    const { repository } = given
    await send(given, ['m1', 'm2', 'm3'])
    await take(given, 'one', 0)
    await repository.commit([{ delete: 'outbox', where: { id: 'm1', lease: 'one' } }])
    await repository.commit([
      { update: 'outbox', set: { lease: null, leased_until: null }, where: { id: 'm2', lease: 'one' } },
    ])
    assert.deepEqual(
      (await take(given, 'two', 0, 10)).map((row) => row.id),
      ['m2', 'm3'],
    )
    assert.deepEqual(
      (await take(given, 'three', 1, 10)).map((row) => row.id),
      ['m2', 'm3'],
    )
  },

  async 'of several callers at once each message goes to one'(given) {
    await send(given, names(20))
    const taken = await Promise.all(
      names(8).map((lease, turn) => take({ repository: connectionOf(given, turn) }, lease, 0, 3)),
    )
    const ids = taken.flat().map((row) => row.id)
    assert.equal(new Set(ids).size, ids.length, 'a message went to two')
    for (const [index, rows] of taken.entries()) {
      assert.ok(rows.length <= 3)
      assert.ok(rows.every((row) => row.lease === `user${index}`))
    }
    const rest = await take(given, 'rest', 0, 20)
    assert.equal(new Set([...ids, ...rest.map((row) => row.id)]).size, 20)
    assert.equal(ids.length + rest.length, 20)
  },

  async 'a caller beside an open transaction of another one waits or takes free messages, and does not fail'(given) {
    await send(given, ['m1', 'm2'])
    let beside: ReturnType<typeof take> | undefined
    let inside: string[] = []
    const host = given.transaction(async (transaction) => {
      const repository = given.repository.with(transaction)
      inside = (await take({ repository }, 'one', 0, 1)).map((row) => row.id)
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
}
