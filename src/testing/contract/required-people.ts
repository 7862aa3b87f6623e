import assert from 'node:assert/strict'
import type { Repository } from '../../port/repository.ts'
import type { TableName } from '../../port/tables.ts'
import type { NamedUser, Write } from '../../port/write.ts'
import { addUser, outboxRow, userRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group } from './store.ts'
import { chosenId } from './support.ts'

/** Stores a person, and returns the names under which units require them. */
async function requirable(repository: Repository, username: string): Promise<Required<NamedUser>> {
  const { email } = userRow(username)
  return { id: await addUser(repository, username), username, email }
}

/** `commit`: units that require people, whether alone, among other people, or with the row that is stored last. */
export const requiredPeople: Group = {
  async 'require is stopped unless every person is there under their username and address, and changes nothing'({
    repository,
  }) {
    const people = [await requirable(repository, 'ada'), await requirable(repository, 'bob')] as const
    const before = await repository.select('users', {})
    const [ada, bob] = people
    assert.equal(await repository.commit([{ require: 'users', rows: [...people, ada] }]), true)
    assert.equal(await repository.commit([{ require: 'users', rows: [] }]), true)
    assert.equal(await repository.commit([{ require: 'users', rows: [{ id: bob.id, username: 'bob' }] }]), true)
    assert.deepEqual(await repository.select('users', {}), before)
    const otherNames = ['eve', 'Bob', 'ada'].map((username) => ({ username }))
    const otherAddresses = ['eve@example.com', 'BOB@example.com', ada.email].map((email) => ({ email }))
    for (const names of [...otherNames, ...otherAddresses]) {
      const unit: Write[] = [
        { insert: 'outbox', rows: [outboxRow('m1', ada.id)] },
        { require: 'users', rows: [ada, { ...bob, ...names }] },
      ]
      assert.equal(await repository.commit(unit), false)
      assert.equal(await repository.commit(unit.toReversed()), false)
    }
    const absent = { ...bob, id: chosenId(repository, 1) }
    assert.equal(await repository.commit([{ require: 'users', rows: [absent] }]), false)
    assert.deepEqual(await repository.select('outbox', {}), [])
  },

  async 'a row is not stored without the person who is required with it'({ repository }) {
    const [ada, bob] = [await requirable(repository, 'ada'), await requirable(repository, 'bob')]
    const message = outboxRow('m1', ada.id)
    const absent = { ...bob, id: chosenId(repository, 1) }
    const others = [
      absent,
      { ...bob, username: 'Bob' },
      { ...bob, username: ada.username },
      { ...bob, email: ada.email },
    ]
    for (const person of others) {
      const unit: Write[] = [
        { insert: 'outbox', rows: [message] },
        { require: 'users', rows: [person] },
      ]
      assert.equal(await repository.commit(unit), false)
      assert.equal(await repository.commit(unit.toReversed()), false)
    }
    assert.deepEqual(await repository.select('outbox', {}), [])
  },

  async 'a row of any table is stored as it is with the person who is required with it'({ repository }) {
    const bob = await requirable(repository, 'bob')
    const { users: _, profiles: __, retirement_states, ...rest } = sampleRows(bob.id, 'bob')
    const inserts = Object.entries({ retirement_states, ...rest }).map(([insert, row]) => ({ insert, rows: [row] }))
    for (const insert of inserts as unknown as Extract<Write, { insert: TableName }>[]) {
      const unit: Write[] = [insert, { require: 'users', rows: [bob] }]
      assert.equal(await repository.commit(unit), true, insert.insert)
      assert.deepEqual(await repository.select<TableName>(insert.insert, {}), insert.rows)
      assert.equal(await repository.commit(unit), false, insert.insert)
    }
  },
}
