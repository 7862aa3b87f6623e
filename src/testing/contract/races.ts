import assert from 'node:assert/strict'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { addUser, profileRow, userRow } from '../rows.ts'
import type { Group } from './store.ts'
import { commitAtLast, connectionOf, names, nextVersion } from './support.ts'

/** Makes a write that stores a preference of a person. */
function preferenceOf(user_id: UserId): Write {
  return { put: 'preferences', rows: [{ user_id, key: 'k', value: 'v', version: 1 }] }
}

/** Several callers at once, over both connections where there are two. */
export const races: Group = {
  async 'exactly one of several callers gets a username'(store) {
    const ids = await Promise.all(
      names(8).map((name, turn) =>
        connectionOf(store, turn).insertUser(userRow('ada', { email_key: name }), (id) => [
          { insert: 'profiles', rows: [profileRow(id, { name })] },
        ]),
      ),
    )
    assert.equal(ids.filter((id) => id !== undefined).length, 1)
    const winner = ids.findIndex((id) => id !== undefined)
    assert.deepEqual(
      (await store.repository.select('users', {})).map((row) => [row.id, row.email_key]),
      [[ids[winner], `user${winner}`]],
    )
    assert.equal((await store.repository.select('profiles', {}))[0]?.name, `user${winner}`)
  },

  async 'exactly one of several callers gets an address'(store) {
    const ids = await Promise.all(
      names(8).map((name, turn) =>
        connectionOf(store, turn).insertUser(userRow(name, { email_key: 'ada@example.com' }), () => []),
      ),
    )
    assert.equal(ids.filter((id) => id !== undefined).length, 1)
    assert.equal((await store.repository.select('users', {})).length, 1)
  },

  async 'exactly one of several units gets a key'(store) {
    const ids: UserId[] = []
    for (const name of names(8)) ids.push(await addUser(store.repository, name))
    const outcomes = await Promise.all(
      ids.map((id, turn) =>
        connectionOf(store, turn).commit([
          { update: 'users', set: { username_key: 'wanted' }, where: { id }, guarded: true },
          ...nextVersion(id, 1, 'got it'),
        ]),
      ),
    )
    assert.equal(outcomes.filter(Boolean).length, 1)
    const winner = ids[outcomes.indexOf(true)]
    assert.deepEqual(
      (await store.repository.select('users', { username_key: 'wanted' })).map((row) => row.id),
      [winner],
    )
    assert.deepEqual(
      (await store.repository.select('profiles', { bio: 'got it' })).map((row) => row.user_id),
      [winner],
    )
  },

  async 'of several units guarded by one version exactly one is stored'(store) {
    const id = await addUser(store.repository, 'ada')
    const outcomes = await Promise.all(
      names(10).map((name, turn) => connectionOf(store, turn).commit(nextVersion(id, 1, name))),
    )
    assert.equal(outcomes.filter(Boolean).length, 1)
    const [profile] = await store.repository.select('profiles', { user_id: id })
    assert.deepEqual([profile?.version, profile?.bio], [2, `user${outcomes.indexOf(true)}`])
  },

  async 'of several units that put one version exactly one is stored'(store) {
    const user_id = await addUser(store.repository, 'ada')
    for (const version of [1, 2]) {
      const outcomes = await Promise.all(
        names(8).map((value, turn) =>
          connectionOf(store, turn).commit([{ put: 'preferences', rows: [{ user_id, key: 'a', value, version }] }]),
        ),
      )
      assert.equal(outcomes.filter(Boolean).length, 1)
      const [row] = await store.repository.select('preferences', {})
      assert.deepEqual([row?.version, row?.value], [version, `user${outcomes.indexOf(true)}`])
    }
  },

  async 'no update is lost when all writers that were too late start again'(store) {
    const id = await addUser(store.repository, 'ada', { bio: '' })
    const add = (name: string, turn: number) => {
      const connection = connectionOf(store, turn)
      return commitAtLast(connection, async () => {
        const [profile] = await connection.select('profiles', { user_id: id })
        return nextVersion(id, profile?.version ?? 0, `${profile?.bio} ${name}`)
      })
    }
    await Promise.all(names(12).map(add))
    const [profile] = await store.repository.select('profiles', {})
    assert.deepEqual(profile?.bio?.trim().split(' ').sort(), names(12).sort())
    assert.equal(profile?.version, 13)
  },

  async 'units that want the same rows in opposite order are stored or stopped, and never fail'(store) {
    const ids = [await addUser(store.repository, 'ada'), await addUser(store.repository, 'bob')]
    const [ada, bob] = ids as [UserId, UserId]
    const name = (user_id: UserId, text: string): Write => ({
      update: 'profiles',
      set: { name: text },
      where: { user_id },
    })
    const both = (first: UserId, second: UserId, text: string) => [name(first, text), name(second, text)]
    const start = performance.now()
    // Some databases take a second to notice a deadlock, so one round is enough.
    for (let round = 0; round < 3 && performance.now() - start < 500; round++) {
      const outcomes = await Promise.all([
        connectionOf(store, 0).commit(both(ada, bob, `one${round}`)),
        connectionOf(store, 1).commit(both(bob, ada, `two${round}`)),
      ])
      const stored = await store.repository.select('profiles', {})
      const [text, ...others] = new Set(stored.map((row) => row.name))
      assert.deepEqual(others, [], 'half of a unit is stored')
      if (outcomes.includes(true)) assert.ok(text?.endsWith(String(round)))
    }
  },

  async 'a unit leaves nothing of the people it requires when they get other names at the same time'(store) {
    for (const [index, username] of names(8).entries()) {
      const id = await addUser(store.repository, username)
      const { email } = userRow(username)
      // Erasure takes both; of people whose username is their id it takes the address alone.
      const gone = index % 2 === 0 ? { username: `${username} gone` } : { email: `gone+${email}` }
      const [isStored, isRenamed] = await Promise.all([
        connectionOf(store, 0).commit([preferenceOf(id), { require: 'users', rows: [{ id, username, email }] }]),
        connectionOf(store, 1).commit([
          { update: 'users', set: gone, where: { id, username, email }, guarded: true },
          { delete: 'preferences', where: { user_id: id } },
        ]),
      ])
      assert.equal(typeof isStored, 'boolean')
      assert.equal(isRenamed, true)
      assert.deepEqual(await store.repository.select('preferences', {}), [])
    }
  },

  async 'people whom an open transaction requires are changed once it has ended'(store) {
    const username = 'ada'
    const id = await addUser(store.repository, username)
    const { email } = userRow(username)
    const order: string[] = []
    let renamed: Promise<unknown> | undefined
    await store.transaction(async (transaction) => {
      const unit: Write[] = [preferenceOf(id), { require: 'users', rows: [{ id, username, email }] }]
      assert.equal(await store.repository.with(transaction).commit(unit), true)
      const rename: Write = { update: 'users', set: { username: 'gone' }, where: { id, username }, guarded: true }
      renamed = store.second?.commit([rename]).then((isStored) => order.push(`renamed: ${isStored}`))
      // A rejection before the transaction has ended must not count as unhandled.
      renamed?.catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 20))
      order.push('ended')
    })
    await renamed
    assert.deepEqual(order, store.second === undefined ? ['ended'] : ['ended', 'renamed: true'])
  },

  async 'a unit beside an open transaction of another caller waits or is stopped, and does not fail'(store) {
    const id = await addUser(store.repository, 'ada')
    let beside: Promise<boolean> | undefined
    await store.transaction(async (transaction) => {
      const inside = store.repository.with(transaction)
      assert.equal(await inside.commit(nextVersion(id, 1, 'first')), true)
      beside = store.second?.commit(nextVersion(id, 1, 'second'))
      // A rejection before the transaction has ended must not count as unhandled.
      beside?.catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 20))
    })
    assert.notEqual(await beside, true)
    assert.equal((await store.repository.select('profiles', {}))[0]?.bio, 'first')
  },
}
