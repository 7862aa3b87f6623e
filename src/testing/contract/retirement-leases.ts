import assert from 'node:assert/strict'
import type { RetirementLease } from '../../port/repository.ts'
import type { RetirementRecord } from '../../port/retirement-record.ts'
import type { RetirementRow, RetirementStateRow, UserId } from '../../port/tables.ts'
import { addUser, userRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group, StoreUnderTest } from './store.ts'
import { connectionOf, names } from './support.ts'

const minute = (of: number) => `2024-06-15T12:${String(of).padStart(2, '0')}:00.000000Z`
const day = (of: number) => `2024-05-${String(of).padStart(2, '0')}T12:00:00.000000Z`

/** Two states in which no work is under way, two in which some is, and an end. */
const stateNames = ['IDLE', 'RESTING', 'WORKING', 'STARTED', 'END'] as const
const idle = ['IDLE', 'RESTING']
const working = ['WORKING', 'STARTED']

/** A retirement to store: the day of the request, and the lease until a minute, if any. */
interface Waiting {
  readonly state?: (typeof stateNames)[number]
  readonly since?: number
  readonly until?: number
}

const of = ({ state = 'IDLE', since = 1, until }: Waiting): Partial<RetirementRow> => ({
  current_state: state,
  last_state: state,
  created_at: day(since),
  ...(until !== undefined && { lease: 'an earlier one', leased_until: minute(until) }),
})

/** Stores people who are retired, in this order, and returns their ids. */
async function queue({ repository }: StoreUnderTest<unknown>, waiting: readonly Waiting[]): Promise<UserId[]> {
  const { retirement_states } = sampleRows(0, '')
  const states = stateNames.map((state_name, index) => ({
    ...retirement_states,
    state_name,
    state_execution_order: index + 1,
  }))
  assert.equal(await repository.commit([{ insert: 'retirement_states', rows: states }]), true)
  const ids: UserId[] = []
  for (const [index, one] of waiting.entries()) {
    const id = await addUser(repository, `user${index}`, { name: `Name ${index}` })
    ids.push(id)
    const row = { ...sampleRows(id, `user${index}`).retirements, ...of(one) }
    assert.equal(await repository.commit([{ insert: 'retirements', rows: [row] }]), true)
  }
  return ids
}

/** Takes retirements at a minute, for ten. */
function take(
  { repository }: Pick<StoreUnderTest<unknown>, 'repository'>,
  lease: string,
  now: number,
  wanted: Partial<RetirementLease> = {},
): Promise<RetirementRecord[]> {
  const request = {
    now: minute(now),
    leased_until: minute(now + 10),
    lease,
    idle,
    working,
    before: day(31),
    limit: 100,
  }
  return repository.leaseRetirements({ ...request, ...wanted })
}

/** Returns the positions of people who were taken. */
const whoOf = (ids: readonly UserId[], records: readonly RetirementRecord[]) =>
  records.map(({ user }) => ids.indexOf(user.id))

/** `leaseRetirements`. */
export const retirementLeases: Group = {
  async 'the oldest free ones are taken, out of all states together, and no more than the limit'(store) {
    const ids = await queue(store, [
      { since: 5 },
      { since: 3, state: 'RESTING' },
      { since: 2, state: 'WORKING', until: 0 },
      { since: 1, state: 'END' },
      { since: 4 },
      { since: 6, state: 'STARTED', until: 0 },
      { since: 7, until: 0 },
    ])
    assert.deepEqual(whoOf(ids, await take(store, 'one', 0, { limit: 3 })), [2, 1, 4])
    assert.deepEqual(whoOf(ids, await take(store, 'two', 0, { limit: 1 })), [0])
    assert.deepEqual(whoOf(ids, await take(store, 'three', 0)), [5, 6])
    assert.deepEqual(await take(store, 'four', 0), [])
  },

  async 'only those are taken that were requested before the moment, in the states that were asked for'(store) {
    const ids = await queue(store, [
      { since: 3 },
      { since: 2, state: 'RESTING' },
      { since: 4 },
      { since: 3, state: 'WORKING', until: 0 },
      { since: 4, state: 'WORKING', until: 0 },
      { since: 1, state: 'STARTED', until: 0 },
    ])
    const none = { idle: [], working: [] }
    assert.deepEqual(await take(store, 'none', 0, none), [])
    assert.deepEqual(await take(store, 'none', 0, { idle: ['nowhere', 'idle', 'nul \0'], working: ['nowhere'] }), [])
    const some = { idle: ['IDLE', 'IDLE', 'nowhere'], working: ['WORKING'], before: day(4) }
    assert.deepEqual(whoOf(ids, await take(store, 'one', 0, some)).sort(), [0, 3])
    assert.deepEqual(whoOf(ids, await take(store, 'two', 0, { ...none, working: ['STARTED'] })), [5])
    assert.deepEqual(whoOf(ids, await take(store, 'three', 0, { ...none, idle: ['RESTING'] })), [1])
  },

  async 'with a pipeline none is taken while other states are stored, in any column of any of them'(store) {
    const ids = await queue(store, [{ since: 1 }, { since: 2, state: 'WORKING', until: 0 }])
    const pipeline = await store.repository.select('retirement_states', {})
    const [first, ...rest] = pipeline
    assert.ok(first !== undefined)
    const others: readonly Partial<RetirementStateRow>[] = [
      { state_name: 'NOWHERE' },
      { state_name: 'nul \0' },
      { state_execution_order: 999 },
      { kind: first.kind === 'end' ? 'start' : 'end' },
      { step: 'another' },
      { step: first.step === null ? '' : null },
      { action: first.action === 'misc' ? 'account' : 'misc' },
      { action: first.action === null ? 'sources' : null },
    ]
    const more = { ...first, state_name: 'MORE', state_execution_order: 1000 }
    const wrong = [[], rest, [...pipeline, more], ...others.map((other) => [{ ...first, ...other }, ...rest])]
    for (const one of wrong) assert.deepEqual(await take(store, 'none', 0, { pipeline: one }), [], JSON.stringify(one))
    const taken = await take(store, 'one', 0, { pipeline: pipeline.toReversed() })
    assert.deepEqual(whoOf(ids, taken), [0, 1])
  },

  async 'those under a lease are left alone until it ends, and work that was begun without one for good'(store) {
    const ids = await queue(store, [
      { until: 1 },
      { since: 2, state: 'RESTING', until: 2 },
      { since: 3, state: 'WORKING', until: 1 },
      { since: 4, state: 'STARTED', until: 2 },
      { since: 5, state: 'WORKING' },
      { since: 6, state: 'STARTED' },
    ])
    assert.deepEqual(await take(store, 'one', 0), [])
    assert.deepEqual(whoOf(ids, await take(store, 'two', 1)), [0, 2])
    assert.deepEqual(whoOf(ids, await take(store, 'three', 2)), [1, 3])
    assert.deepEqual(whoOf(ids, await take(store, 'four', 30)), [0, 1, 2, 3])
  },

  async 'each comes as it is stored then, with the person as they are now'(store) {
    const { repository } = store
    const [id] = await queue(store, [{ since: 1 }])
    const lonely = await repository.insertUser(userRow('lonely'), (user_id) => [
      { insert: 'retirements', rows: [{ ...sampleRows(user_id, 'x').retirements, ...of({ since: 2, until: 0 }) }] },
    ])
    assert.ok(id !== undefined && lonely !== undefined)
    await repository.commit([
      { update: 'users', set: { first_name: 'Gone' }, where: { id } },
      { update: 'profiles', set: { name: '' }, where: { user_id: id } },
      { insert: 'retirement_requests', rows: [{ ...sampleRows(id, '').retirement_requests, generation: 3 }] },
    ])
    const records = await take(store, 'one', 0)
    const stored = await repository.select('retirements', { lease: 'one', leased_until: minute(10) })
    assert.deepEqual(records, [
      {
        retirement: stored.find(({ user_id }) => user_id === id),
        user: { ...userRow('user0'), first_name: 'Gone', id },
        profile_name: '',
        generation: 3,
      },
      {
        retirement: stored.find(({ user_id }) => user_id === lonely),
        user: { ...userRow('lonely'), id: lonely },
        profile_name: undefined,
        generation: 1,
      },
    ])
  },

  async 'a unit that was decided before it was taken is stopped'(store) {
    const { repository } = store
    const [user_id = 0] = await queue(store, [{}])
    const [before] = await repository.select('retirements', { user_id })
    const [taken] = await take(store, 'one', 0)
    const touch = (version = 0) => {
      const set = { original_name: `${version}`, version: version + 1 }
      return repository.commit([{ update: 'retirements', set, where: { user_id, version }, guarded: true }])
    }
    assert.equal(await touch(before?.version), false)
    assert.equal(await touch(taken?.retirement.version), true)
  },

  async 'one whose lease has ended is taken again, under a new one, also when the call that took it failed'(store) {
    const ids = await queue(store, [{ since: 1 }, { since: 2, state: 'WORKING', until: 0 }])
    for (const statement of [1, 2, 3]) {
      store.statements?.failAt(statement)
      await take(store, `lost ${statement}`, statement * 10).catch(() => {})
      store.statements?.failAt(undefined)
    }
    const again = await take(store, 'two', 40)
    assert.deepEqual(whoOf(ids, again), [0, 1])
    assert.deepEqual(await store.repository.select('retirements', { lease: 'lost 1' }), [])
    assert.equal((await store.repository.select('retirements', { lease: 'two' })).length, 2)
  },

  async 'of several callers at once each goes to one, and none is lost'(store) {
    const states = [...idle, ...working] as (typeof stateNames)[number][]
    const ids = await queue(
      store,
      names(20).map((_, index) => ({
        since: 1 + (index % 3),
        state: states[index % states.length] ?? 'IDLE',
        ...(index % 4 > 1 && { until: 0 }),
      })),
    )
    const taken = await Promise.all(
      names(8).map((lease, turn) => take({ repository: connectionOf(store, turn) }, lease, 0, { limit: 3 })),
    )
    for (const [index, records] of taken.entries()) {
      assert.ok(records.length <= 3)
      assert.ok(records.every(({ retirement }) => retirement.lease === `user${index}`))
    }
    const rest = await take(store, 'rest', 0)
    const all = whoOf(ids, [...taken.flat(), ...rest])
    assert.deepEqual(
      all.sort((a, b) => a - b),
      names(20).map((_, index) => index),
    )
  },

  async 'a caller beside an open transaction of another one waits or takes free ones, and does not fail'(store) {
    const ids = await queue(store, [{ since: 1 }, { since: 2 }])
    let beside: ReturnType<typeof take> | undefined
    let inside: number[] = []
    const host = store.transaction(async (transaction) => {
      const repository = store.repository.with(transaction)
      inside = whoOf(ids, await take({ repository }, 'one', 0, { limit: 1 }))
      beside = store.second && take({ repository: store.second }, 'two', 0)
      // A rejection before the transaction has ended must not count as unhandled.
      beside?.catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 20))
    })
    // Where transactions are serializable, the host can be the one that loses the race.
    const [{ status }] = await Promise.allSettled([host])
    assert.deepEqual(inside, [0])
    const others = whoOf(ids, (await beside) ?? [])
    const rest = whoOf(ids, await take(store, 'three', 0))
    assert.deepEqual([...(status === 'fulfilled' ? inside : []), ...others, ...rest].sort(), [0, 1])
  },
}
