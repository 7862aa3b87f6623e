import assert from 'node:assert/strict'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow, profileRow, userRow } from '../rows.ts'
import type { Group } from './store.ts'
import { chosenId } from './support.ts'

/** `insertUser`, and the ids of people. */
export const people: Group = {
  async 'each person has an id, and is found by it and by each of their names'({ repository }) {
    const ada = await addUser(repository, 'ada')
    const bob = await addUser(repository, 'bob')
    assert.notEqual(ada, bob)
    for (const by of [{ ids: [ada] }, { username_keys: ['ada'] }, { email_keys: ['ada@example.com'] }]) {
      const found = await repository.findAccounts(by)
      assert.deepEqual(
        found.map(({ user }) => user),
        [{ ...userRow('ada'), id: ada }],
      )
    }
  },

  async 'ids have the type that the repository names'({ repository }) {
    const id = await addUser(repository, 'ada')
    if (repository.idType === 'integer') assert.match(String(id), /^\d+$/)
    else assert.equal(typeof id, 'string')
  },

  async 'the rest of a unit is made with the new id, and stored with the person'({ repository }) {
    const seen: UserId[] = []
    const id = await repository.insertUser(
      userRow('ada'),
      (id) => [
        { insert: 'profiles', rows: [profileRow(id)] },
        { insert: 'outbox', rows: [outboxRow('m1', id)] },
      ],
      async (transaction, id) => {
        seen.push(id, ...(await repository.with(transaction).select('profiles', {})).map((row) => row.user_id))
      },
    )
    assert.deepEqual(seen, [id, id])
    assert.equal((await repository.select('outbox', {}))[0]?.user_id, id)
  },

  async 'insertUser returns undefined for a username or an address that is taken, and keeps nothing'({ repository }) {
    await addUser(repository, 'ada')
    const message = (id: UserId): Write[] => [{ insert: 'outbox', rows: [outboxRow('m1', id)] }]
    assert.equal(await repository.insertUser(userRow('ada', { email_key: 'other' }), message), undefined)
    assert.equal(await repository.insertUser(userRow('eve', { email_key: 'ada@example.com' }), message), undefined)
    assert.deepEqual(await repository.select('outbox', {}), [])
    assert.equal((await repository.select('users', {})).length, 1)
  },

  async 'insertUser returns undefined when the rest of the unit is stopped, and keeps nothing'({ repository }) {
    const ada = await addUser(repository, 'ada')
    await repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', ada)] }])
    const id = await repository.insertUser(userRow('eve'), (id) => [
      { insert: 'profiles', rows: [profileRow(id)] },
      { insert: 'outbox', rows: [outboxRow('m1', id)] },
    ])
    assert.equal(id, undefined)
    assert.equal((await repository.select('users', {})).length, 1)
    assert.equal((await repository.select('profiles', {})).length, 1)
  },

  async 'insertUser keeps nothing when the code inside throws, and passes its error on'({ repository }) {
    const failure = new Error('no password today')
    const insert = repository.insertUser(
      userRow('ada'),
      (id) => [{ insert: 'profiles', rows: [profileRow(id)] }],
      async () => Promise.reject(failure),
    )
    await assert.rejects(insert, (error) => error === failure)
    assert.deepEqual(await repository.select('users', {}), [])
    assert.deepEqual(await repository.select('profiles', {}), [])
  },

  async 'an id that a unit brought along is not given to another person, not even when its person is deleted'({
    repository,
  }) {
    const [ada, bob, cy] = [4, 5, 7].map((n) => ({ ...userRow(`user${n}`), id: chosenId(repository, n) }))
    assert.ok(ada && bob && cy)
    assert.equal(await repository.commit([{ insert: 'users', rows: [ada, bob] }]), true)
    assert.deepEqual(await repository.select('users', { id: bob.id }), [bob])
    assert.equal(await repository.commit([{ delete: 'users', where: { id: bob.id } }]), true)
    const later = [await addUser(repository, 'di')]
    assert.equal(await repository.commit([{ upsert: 'users', rows: [cy] }]), true)
    later.push(await addUser(repository, 'eve'), await addUser(repository, 'flo'))
    assert.equal(new Set([ada.id, bob.id, cy.id, ...later]).size, 6)
  },

  async 'ids go on from the greatest, whatever lesser one a unit brings along'({ repository }) {
    const rows = [9, 8].map((n) => ({ ...userRow(`user${n}`), id: chosenId(repository, n) }))
    for (const row of rows) assert.equal(await repository.commit([{ insert: 'users', rows: [row] }]), true)
    const later = [await addUser(repository, 'cy'), await addUser(repository, 'di')]
    assert.equal(new Set([...rows.map((row) => row.id), ...later]).size, 4)
  },
}
