import assert from 'node:assert/strict'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow, profileRow, userRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group, StoreUnderTest } from './store.ts'
import { chosenId, manyUsers, names } from './support.ts'

/** Runs an operation, which may take at most this many statements where there are any, and returns its result. */
async function within<Result>(
  { statements }: StoreUnderTest<unknown>,
  budget: number,
  run: () => Promise<Result>,
): Promise<Result> {
  const before = statements?.count() ?? 0
  const result = await run()
  const count = (statements?.count() ?? 0) - before
  assert.ok(count <= budget, `${count} statements instead of ${budget}`)
  if (statements !== undefined) assert.ok(count > 0, 'statements are not counted')
  return result
}

const moment = '2024-06-15T12:00:00.000000Z'

/** The most statements that each operation may take. */
export const statements: Group = {
  async 'every read is one, for a person as for many'(store) {
    const { repository } = store
    const usernames = names(300)
    await repository.commit(manyUsers(repository, usernames))
    const states = [sampleRows(chosenId(repository, 0), '').retirement_states.state_name]
    for (const some of [['user0'], usernames]) {
      const by = { username_keys: some }
      const ids = some.map((_, index) => chosenId(repository, index))
      const one = <Result>(run: () => Promise<Result>) => within(store, 1, run)
      assert.equal((await one(() => repository.findAccounts(by))).length, some.length)
      assert.equal((await one(() => repository.findAccounts({ ids }))).length, some.length)
      const request = { by, keys: usernames, org: 'o', course_id: 'c', deactivations: true } as const
      assert.equal((await one(() => repository.findPreferences(request))).length, some.length)
      const tags = { ids, orgs: usernames, key: 'a' }
      assert.equal((await one(() => repository.findOrgTags(tags))).length, ids.length)
      assert.equal((await one(() => repository.findClaims({ ...by, email_keys: some }))).length, some.length)
      assert.equal((await one(() => repository.countOutbox({ now: moment }))).waiting, 0)
      assert.deepEqual(await one(() => repository.countRetirements({ before: moment })), [])
      assert.deepEqual(await one(() => repository.pageDeadMessages({ limit: 100 })), [])
      assert.deepEqual(await one(() => repository.pageRetirements({ states, before: moment, limit: 100 })), [])
      const list = { where: { username: 'user' }, order: 'username', limit: 300 } as const
      assert.equal((await one(() => repository.pageAccounts(list))).length, usernames.length)
      assert.equal(
        (await one(() => repository.pageUsers('profiles', { user_id: ids }, { limit: 300 }))).length,
        ids.length,
      )
      const ofUsers = { by: 'id', limit: 300 } as const
      assert.equal((await one(() => repository.pageRows('users', { id: ids }, ofUsers))).length, ids.length)
      assert.deepEqual(await one(() => repository.expiredKeys({ now: moment, limit: 300 })), [])
      assert.equal((await one(() => repository.select('profiles', { user_id: ids }))).length, ids.length)
      const where = { user_id: ids }
      const each = [
        ['profiles', where],
        ['preferences', where],
        ['profiles', { bio: 'x' }],
      ] as const
      assert.equal((await one(() => repository.selectEach(each)))[0].length, ids.length)
      const search = { columns: ['username'], texts: some, limit: 300 } as const
      assert.equal((await one(() => repository.searchTexts('users', search))).lookedAt, usernames.length)
    }
  },

  async 'leaseOutbox is two at most beside begin and end, for any number of messages'(store) {
    const rows = names(300).map((id, person) => outboxRow(id, chosenId(store.repository, person)))
    await store.repository.commit([{ insert: 'outbox', rows }])
    const request = { now: moment, leased_until: '2024-06-15T13:00:00.000000Z', lease: 'one', limit: 1000 }
    assert.equal((await within(store, 4, () => store.repository.leaseOutbox(request))).length, 300)
  },

  async 'leaseRetirements is two at most, for any number of states and people'(store) {
    const { repository } = store
    const [id] = [chosenId(repository, 0)]
    const { retirement_states, retirements } = sampleRows(id, '')
    const states = names(20).map((state_name, index) => ({
      ...retirement_states,
      state_name,
      state_execution_order: index,
    }))
    const rows = names(300).map((name, index) => ({
      ...retirements,
      original_username: name,
      user_id: chosenId(repository, index),
      id: chosenId(repository, index),
      current_state: `user${index % 20}`,
      last_state: 'user0',
    }))
    const unit: Write[] = [
      ...manyUsers(repository, names(300)),
      { insert: 'retirement_states', rows: states },
      { insert: 'retirements', rows },
    ]
    assert.equal(await repository.commit(unit), true)
    const request = { now: moment, leased_until: '2024-06-15T13:00:00.000000Z', before: moment, limit: 1000 }
    const lease = { ...request, lease: 'one', idle: names(20).slice(10), working: names(10) }
    assert.equal((await within(store, 2, () => repository.leaseRetirements(lease))).length, 150)
  },

  async 'a unit of one write about one row is one'(store) {
    const user_id = await addUser(store.repository, 'ada')
    const where = { user_id, version: 1 }
    const alone: Write[] = [
      { update: 'profiles', set: { bio: 'x' }, where, guarded: true },
      { insert: 'outbox', rows: [outboxRow('m1', user_id)] },
      { delete: 'profiles', where, guarded: true },
    ]
    for (const write of alone) assert.equal(await within(store, 1, () => store.repository.commit([write])), true)
    const [late] = alone
    assert.equal(await within(store, 1, () => store.repository.commit(late === undefined ? [] : [late])), false)
  },

  async 'a unit of many writes is two for each, at most, beside begin and end'(store) {
    const user_id = await addUser(store.repository, 'ada')
    const rows = (version: number) => names(300).map((key) => ({ user_id, key, value: key, version }))
    const unit: Write[] = [
      { put: 'preferences', rows: rows(1).slice(100) },
      { put: 'preferences', rows: [...rows(1).slice(0, 100), ...rows(2).slice(100)] },
      { upsert: 'social_links', rows: names(50).map((platform) => ({ user_id, platform, social_link: 'x' })) },
      { insert: 'language_proficiencies', rows: names(50).map((code) => ({ user_id, code })) },
      { update: 'preferences', set: { value: 'x' }, where: { user_id, key: names(200) } },
      { delete: 'preferences', where: { user_id, key: names(200) } },
      { require: 'users', rows: [{ id: user_id, username: 'ada', email: userRow('ada').email }] },
    ]
    assert.equal(await within(store, 2 * unit.length + 2, () => store.repository.commit(unit)), true)
    assert.equal((await store.repository.select('preferences', {})).length, 100)
  },

  async 'insertUser is two beside the rest of the unit, begin and end'(store) {
    const id = await within(store, 5, () =>
      store.repository.insertUser(userRow('ada'), (id) => [{ insert: 'profiles', rows: [profileRow(id)] }]),
    )
    assert.notEqual(id, undefined)
  },
}
