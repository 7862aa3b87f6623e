import assert from 'node:assert/strict'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow, profileRow, userRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group } from './store.ts'
import { names, nextVersion } from './support.ts'

const message = (id: string, user_id: UserId): Write => ({ insert: 'outbox', rows: [outboxRow(id, user_id)] })

const lease = {
  now: '2024-06-15T12:00:00.000000Z',
  leased_until: '2024-06-15T12:01:00.000000Z',
  lease: 'one',
  limit: 10,
}

/** `with`: the repository inside a transaction of the host. */
export const hostTransactions: Group = {
  async 'its writes are seen inside, by every read, and kept with it'(store) {
    const id = await addUser(store.repository, 'ada')
    const { retirement_states, retirements, preferences } = sampleRows(id, 'ada')
    await store.transaction(async (transaction) => {
      const inside = store.repository.with(transaction)
      assert.equal(inside.idType, store.repository.idType)
      assert.equal(inside.usernames, store.repository.usernames)
      const unit: Write[] = [
        ...nextVersion(id, 1, 'new'),
        { insert: 'retirement_states', rows: [retirement_states] },
        { insert: 'retirements', rows: [retirements] },
        { put: 'preferences', rows: [preferences] },
      ]
      assert.equal(await inside.commit(unit), true)
      assert.equal(await inside.commit([message('m1', id)]), true)
      const bob = await inside.insertUser(userRow('bob'), (id) => [{ insert: 'profiles', rows: [profileRow(id)] }])
      assert.ok(bob !== undefined)
      assert.equal((await inside.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'new')
      assert.equal((await inside.findPreferences({ by: { ids: [id] } }))[0]?.preference_count, 1)
      assert.equal((await inside.findOrgTags({ ids: [id, bob], orgs: ['o'], key: 'k' })).length, 2)
      assert.equal((await inside.findClaims({ username_keys: ['bob'], email_keys: [] })).length, 1)
      const { current_state } = retirements
      const page = { states: [current_state], before: '2024-06-15T12:00:00.000000Z', limit: 1 }
      assert.equal((await inside.pageRetirements(page)).length, 1)
      assert.deepEqual(new Set(await inside.pageUsers('profiles', {}, { limit: 3 })), new Set([id, bob]))
      assert.equal((await inside.leaseOutbox(lease)).length, 1)
      assert.equal((await inside.select('users', {})).length, 2)
    })
    assert.equal((await store.repository.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'new')
    assert.equal((await store.repository.select('outbox', { lease: 'one' })).length, 1)
    assert.equal((await store.repository.select('users', {})).length, 2)
  },

  async 'nothing is kept when the host rolls back, and no other connection saw it'(store) {
    const id = await addUser(store.repository, 'ada', { bio: 'old' })
    await store.repository.commit([message('m1', id)])
    const rollback = new Error('rollback')
    const work = store.transaction(async (transaction) => {
      const inside = store.repository.with(transaction)
      assert.equal(await inside.commit(nextVersion(id, 1, 'new')), true)
      assert.notEqual(await inside.insertUser(userRow('bob'), (bob) => [message('m2', bob)]), undefined)
      assert.equal((await inside.leaseOutbox(lease)).length, 2)
      if (store.second !== undefined) {
        assert.equal((await store.second.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'old')
        assert.equal((await store.second.select('users', {})).length, 1)
        assert.deepEqual(
          (await store.second.select('outbox', {})).map((row) => [row.id, row.lease]),
          [['m1', null]],
        )
      }
      throw rollback
    })
    await assert.rejects(work, (error) => error === rollback)
    assert.equal((await store.repository.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'old')
    assert.equal((await store.repository.select('users', {})).length, 1)
    assert.deepEqual(
      (await store.repository.select('outbox', {})).map((row) => [row.id, row.lease]),
      [['m1', null]],
    )
  },

  async 'a stopped unit is undone and leaves the transaction usable'(store) {
    const id = await addUser(store.repository, 'ada')
    await store.transaction(async (transaction) => {
      const inside = store.repository.with(transaction)
      assert.equal(await inside.commit([message('m0', id)]), true)
      const late: Write = { delete: 'profiles', where: { user_id: id, version: 7 }, guarded: true }
      const taken: Write = { insert: 'profiles', rows: [profileRow(id)] }
      for (const stop of [late, taken]) {
        assert.equal(await inside.commit([stop]), false)
        assert.equal(await inside.commit([message('m1', id), stop]), false)
      }
      assert.equal(await inside.insertUser(userRow('ada'), () => []), undefined)
      assert.equal(await inside.insertUser(userRow('bob'), () => [taken]), undefined)
      assert.equal(await inside.commit(nextVersion(id, 1, 'kept')), true)
    })
    assert.deepEqual(
      (await store.repository.select('outbox', {})).map((row) => row.id),
      ['m0'],
    )
    assert.equal((await store.repository.select('profiles', {}))[0]?.bio, 'kept')
    assert.equal((await store.repository.select('users', {})).length, 1)
  },

  async 'a unit whose code inside throws is undone with the writes of that code, and the transaction goes on'(store) {
    const id = await addUser(store.repository, 'ada')
    const failure = new Error('host')
    await store.transaction(async (transaction) => {
      const inside = store.repository.with(transaction)
      const unit = inside.commit([message('m1', id)], async (same) => {
        const within = store.repository.with(same)
        assert.equal(await within.commit([message('m2', id)]), true)
        assert.equal(await within.commit([message('m3', id), message('m2', id)]), false)
        assert.equal((await within.select('outbox', {})).length, 2)
        throw failure
      })
      await assert.rejects(unit, (error) => error === failure)
      assert.deepEqual(await inside.select('outbox', {}), [])
      assert.equal(await inside.commit(nextVersion(id, 1, 'kept')), true)
    })
    assert.deepEqual(await store.repository.select('outbox', {}), [])
    assert.equal((await store.repository.select('profiles', {}))[0]?.bio, 'kept')
  },

  async 'calls made at once take turns, also those of code inside, and each returns its own result'(store) {
    const id = await addUser(store.repository, 'ada')
    const late: Write = { delete: 'profiles', where: { user_id: id, version: 7 }, guarded: true }
    const failure = new Error('host')
    const kept: string[] = []
    await store.transaction(async (transaction) => {
      const inside = store.repository.with(transaction)
      const again = store.repository.with(transaction)
      // On two repositories of the same transaction: units that are kept, stopped and undone, with reads between them.
      const units = names(12).flatMap((name, index) => {
        const on = index % 2 === 0 ? inside : again
        return [
          on.commit([message(name, id), message(`${name}+`, id)]),
          on.commit([message(`stopped ${name}`, id), late]),
          on
            .commit([message(`undone ${name}`, id)], () => Promise.reject(failure))
            .catch((error: unknown) => error !== failure),
          on.select('outbox', { id: name }).then((rows) => rows.length === 1),
        ]
      })
      const nested = inside.commit([message('outer', id)], async (same) => {
        const within = [store.repository.with(same), store.repository.with(transaction)] as const
        const stored = await Promise.all([
          within[0].commit([message('inner', id)]),
          within[0].commit([message('stopped inner', id), late]),
          within[1].commit([message('inner of the outer', id)]),
        ])
        assert.deepEqual(stored, [true, false, true])
        assert.equal((await within[1].select('outbox', { id: ['outer', 'inner'] })).length, 2)
      })
      const people = [
        inside.insertUser(userRow('eve'), (eve) => [message('with eve', eve)]),
        again.insertUser(userRow('ada'), () => []),
        again.insertUser(userRow('bob'), () => [message('with bob', id), late]),
      ]
      const answers = await Promise.all(units)
      assert.equal(await nested, true)
      assert.deepEqual(
        (await Promise.all(people)).map((user) => user !== undefined),
        [true, false, false],
      )
      assert.deepEqual(
        answers,
        names(12).flatMap(() => [true, false, false, true]),
      )
      kept.push(...names(12).flatMap((name) => [name, `${name}+`]), 'outer', 'inner', 'inner of the outer', 'with eve')
    })
    const stored = (await store.repository.select('outbox', {})).map((row) => row.id)
    assert.deepEqual(stored.sort(), kept.sort())
    assert.equal((await store.repository.select('users', {})).length, 2)
  },

  async 'units inside units are stored with the outermost'(store) {
    const id = await addUser(store.repository, 'ada')
    await store.transaction(async (transaction) => {
      const stored = await store.repository.with(transaction).commit([message('m1', id)], async (same) => {
        const within = store.repository.with(same)
        const bob = await within.insertUser(
          userRow('bob'),
          () => [message('m2', id)],
          async (deeper) => {
            assert.equal(await store.repository.with(deeper).commit(nextVersion(id, 1, 'deep')), true)
          },
        )
        assert.notEqual(bob, undefined)
      })
      assert.equal(stored, true)
    })
    assert.equal((await store.repository.select('outbox', {})).length, 2)
    assert.equal((await store.repository.select('profiles', {}))[0]?.bio, 'deep')
    assert.equal((await store.repository.select('users', {})).length, 2)
  },
}
