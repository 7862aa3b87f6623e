import assert from 'node:assert/strict'
import type { Repository, RowSelection } from '../../port/repository.ts'
import { type TableName, tables } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group } from './store.ts'
import { chosenId, commitAtLast, connectionOf, nextVersion } from './support.ts'

/** Stores a row of every table that belongs to a person with this name. */
async function fill(repository: Repository, username: string) {
  const id = await addUser(repository, username)
  const { users: _, profiles: __, ...others } = sampleRows(id, username)
  const { retirement_states, ...rows } = others
  const writes = Object.entries({ retirement_states, ...rows }).map(([table, row]) => ({ insert: table, rows: [row] }))
  assert.equal(await repository.commit(writes as unknown as Write[]), true)
  return id
}

/** Checks that selections find what `select` finds for each of them. */
async function areAsSelected(repository: Repository, selections: readonly RowSelection[]): Promise<void> {
  const found: readonly object[][] = await repository.selectEach(selections)
  assert.equal(found.length, selections.length)
  for (const [index, [table, where]] of selections.entries()) {
    const rows: object[] = await repository.select<TableName>(table, where)
    assert.deepEqual(inOrder(found[index]), inOrder(rows), table)
  }
}

/** Sorts rows, which come in no particular order. */
function inOrder(rows: readonly object[] = []): readonly object[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** `selectEach`. */
export const selections: Group = {
  async 'the rows of every table are those of select, in the order of the selections'({ repository }) {
    await addUser(repository, 'bob')
    await fill(repository, 'ada')
    const all = Object.keys(tables).map((table): RowSelection => [table as TableName, {}] as RowSelection)
    await areAsSelected(repository, all)
    await areAsSelected(repository, all.toReversed())
    assert.deepEqual(await repository.selectEach([]), [])
  },

  async 'each selection has its own conditions, also on one table'({ repository }) {
    const [ada, bob, cy] = [
      await fill(repository, 'ada'),
      await addUser(repository, 'bob', { country: 'IT' }),
      chosenId(repository, 7),
    ]
    await areAsSelected(repository, [
      ['profiles', { user_id: ada }],
      ['profiles', { country: 'IT' }],
      ['profiles', { country: null }],
      ['users', { id: [ada, bob, cy] }],
      ['users', { id: [] }],
      ['users', { username: 'ada', email: 'ada@example.com' }],
      ['users', { username: 'Ada' }],
      ['retirements', { user_id: cy }],
      ['preferences', { user_id: ada, key: ['a', 'b'] }],
      ['users', { last_login: { before: '2100-01-01T00:00:00.000000Z' } }],
    ])
    const [profiles, users] = await repository.selectEach([
      ['profiles', { user_id: bob }],
      ['users', { id: cy }],
    ])
    assert.deepEqual([profiles[0]?.country, users], ['IT', []])
  },

  async 'texts, moments and JSON come out as select gives them'({ repository }) {
    const user_id = await addUser(repository, 'ada', {
      bio: 'line\nbreak\t"\\\'%_{}[]',
      goals: '',
      city: '👩‍🚀 é e\u0301',
    })
    const last_login = '1969-12-31T23:59:59.999999Z'
    const payload = { nothing: null, numbers: [0, -1, 0.1, 1e21], text: '{"a":1}', '': [[]], yes: true }
    const rows = ['null', '"x"', '12', 'true', ' '].map((value, index) => ({ user_id, key: String(index), value }))
    await repository.commit([
      { update: 'users', set: { last_login, is_active: false }, where: { id: user_id } },
      { insert: 'outbox', rows: [outboxRow('m1', user_id, { payload }), outboxRow('m2', user_id)] },
      { put: 'preferences', rows: rows.map((row) => ({ ...row, version: 1 })) },
    ])
    await areAsSelected(repository, [
      ['users', { id: user_id }],
      ['profiles', { user_id }],
      ['preferences', { user_id }],
      ['outbox', { user_id }],
    ])
    const [messages] = await repository.selectEach([['outbox', { id: 'm1' }]])
    assert.deepEqual(messages[0]?.payload, payload)
  },

  async 'all rows are of one moment'(store) {
    const [reader, writer] = [connectionOf(store, 0), connectionOf(store, 1)]
    const user_id = await addUser(writer, 'ada', { bio: '1' })
    await writer.commit([{ insert: 'social_links', rows: [{ user_id, platform: 'x', social_link: '1' }] }])
    let isWriting = true
    const writes = (async () => {
      for (let version = 1; version <= 50; version++) {
        const bio = String(version + 1)
        const rows = [{ user_id, platform: 'x', social_link: bio }]
        await commitAtLast(writer, async () => [
          ...nextVersion(user_id, version, bio),
          { upsert: 'social_links', rows },
        ])
      }
    })().finally(() => {
      isWriting = false
    })
    while (isWriting) {
      const [links, profiles] = await reader.selectEach([
        ['social_links', { user_id }],
        ['profiles', { user_id }],
      ])
      assert.equal(profiles[0]?.bio, links[0]?.social_link)
      await new Promise(setImmediate)
    }
    await writes
  },
}
