import assert from 'node:assert/strict'
import type { RetirementPage } from '../../port/repository.ts'
import type { RetirementRow, UserId } from '../../port/tables.ts'
import { addUser, userRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group, StoreUnderTest } from './store.ts'
import { ascending, names } from './support.ts'

const day = (of: number) => `2024-06-${String(of).padStart(2, '0')}T12:00:00.000000Z`
const everything = { before: day(30), limit: 100 }

/** Stores people who are retired, each in a state and since a day. */
async function retire(
  { repository }: StoreUnderTest<unknown>,
  given: readonly (readonly [state: string, day: number])[],
): Promise<UserId[]> {
  const states = [...new Set(given.map(([state]) => state))]
  const { retirement_states } = sampleRows(0, '')
  const rows = states.map((state_name, state_execution_order) => {
    return { ...retirement_states, state_name, state_execution_order }
  })
  await repository.commit([{ insert: 'retirement_states', rows }])
  const ids: UserId[] = []
  for (const [index, [state, since]] of given.entries()) {
    const id = await addUser(repository, `user${index}`, { name: `Name ${index}` })
    ids.push(id)
    const { retirements } = sampleRows(id, `user${index}`)
    const row = { ...retirements, current_state: state, last_state: state, created_at: day(since) }
    assert.equal(await repository.commit([{ insert: 'retirements', rows: [row] }]), true)
  }
  return ids
}

/** `pageRetirements` and `countRetirements`. */
export const retirements: Group = {
  async 'they are counted by their state and by the work on them, with the late and the oldest'(store) {
    const { repository } = store
    const ids = await retire(store, [
      ['A', 3],
      ['A', 2],
      ['A', 5],
      ['A', 4],
      ['B', 6],
    ])
    const work = (index: number, stopped: 'dead' | 'manual' | null, code: string | null) => {
      return { ...sampleRows(ids[index] ?? 0, `user${index}`).retirement_work, stopped, code }
    }
    const rows = [work(1, null, null), work(2, 'dead', 'slow'), work(3, 'dead', 'gone'), work(4, 'dead', 'slow')]
    assert.equal(await repository.commit([{ insert: 'retirement_work', rows }]), true)
    const counts = await repository.countRetirements({ before: day(3) })
    const one = { retirements: 1, late: 0 }
    assert.deepEqual(
      counts.toSorted((a, b) => (a.oldest_at < b.oldest_at ? -1 : 1)),
      [
        { current_state: 'A', stopped: null, code: null, retirements: 2, late: 1, oldest_at: day(2) },
        { current_state: 'A', stopped: 'dead', code: 'gone', ...one, oldest_at: day(4) },
        { current_state: 'A', stopped: 'dead', code: 'slow', ...one, oldest_at: day(5) },
        { current_state: 'B', stopped: 'dead', code: 'slow', ...one, oldest_at: day(6) },
      ],
    )
  },

  async 'they come oldest first, from the states and the period that were asked for'(store) {
    const ids = await retire(store, [
      ['A', 3],
      ['B', 2],
      ['C', 1],
      ['A', 1],
      ['B', 4],
    ])
    const found = async (page: Omit<RetirementPage, 'limit'>) =>
      (await store.repository.pageRetirements({ ...page, limit: 100 })).map(({ user }) => ids.indexOf(user.id))
    assert.deepEqual(await found({ states: ['A', 'B'], before: day(30) }), [3, 1, 0, 4])
    assert.deepEqual(await found({ states: ['C', 'C', 'nowhere'], before: day(30) }), [2])
    assert.deepEqual(await found({ states: [], before: day(30) }), [])
    assert.deepEqual(await found({ states: ['A', 'B', 'C'], from: day(2), before: day(4) }), [1, 0])
    assert.deepEqual(await found({ states: ['a'], before: day(30) }), [])
  },

  async 'each comes with the person as they are now'(store) {
    const { repository } = store
    const [id] = await retire(store, [['A', 1]])
    const lonely = await repository.insertUser(userRow('lonely'), (user_id) => [
      {
        insert: 'retirements',
        rows: [{ ...sampleRows(user_id, '').retirements, current_state: 'A', last_state: 'A' }],
      },
    ])
    assert.ok(id !== undefined && lonely !== undefined)
    await repository.commit([
      { update: 'users', set: { username: 'Gone' }, where: { id } },
      { update: 'profiles', set: { name: '' }, where: { user_id: id } },
      { insert: 'retirement_requests', rows: [{ ...sampleRows(id, '').retirement_requests, generation: 3 }] },
    ])
    const page = await repository.pageRetirements({ states: ['A'], ...everything })
    assert.deepEqual(page, [
      {
        retirement: (await repository.select('retirements', { user_id: lonely }))[0],
        user: { ...userRow('lonely'), id: lonely },
        profile_name: undefined,
        generation: 1,
      },
      {
        retirement: (await repository.select('retirements', { user_id: id }))[0],
        user: { ...userRow('user0'), username: 'Gone', id },
        profile_name: '',
        generation: 3,
      },
    ])
  },

  async 'pages hold each person once, also those of one moment'(store) {
    const ids = await retire(
      store,
      names(7).map((_, index) => ['A', index < 5 ? 1 : 2] as const),
    )
    const found: UserId[] = []
    let after: Pick<RetirementRow, 'created_at' | 'user_id'> | undefined
    for (;;) {
      const page = await store.repository.pageRetirements({
        states: ['A'],
        before: day(30),
        limit: 3,
        ...(after === undefined ? {} : { after }),
      })
      assert.ok(page.length <= 3)
      found.push(...page.map(({ user }) => user.id))
      after = page.at(-1)?.retirement
      if (after === undefined) break
    }
    assert.deepEqual(found, [...ascending(ids.slice(0, 5)), ...ascending(ids.slice(5))])
  },
}
