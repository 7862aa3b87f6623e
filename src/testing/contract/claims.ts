import assert from 'node:assert/strict'
import type { Claim } from '../../port/repository.ts'
import { addUser } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group } from './store.ts'
import { commitAtLast } from './support.ts'

const bySpelling = (claims: readonly Claim[]) =>
  claims.map(({ user_id, kind, key }) => `${user_id} ${kind} ${key}`).sort()

/** `findClaims`. */
export const claims: Group = {
  async 'every kind of holder is found, and no other person'({ repository }) {
    const [ada, bob, cy] = [
      await addUser(repository, 'ada'),
      await addUser(repository, 'bob'),
      await addUser(repository, 'cy'),
    ]
    const { retirement_states, retirements } = sampleRows(bob, 'bob')
    await repository.commit([
      {
        insert: 'account_recoveries',
        rows: [{ user_id: cy, secondary_email: 'Ada@x.org', secondary_email_key: 'ada@x.org', is_active: false }],
      },
      {
        insert: 'former_usernames',
        rows: [{ user_id: cy, username: 'Cyrus', username_key: 'cyrus', replaced_at: '2024-06-15T12:00:00.000000Z' }],
      },
      { insert: 'retirement_states', rows: [retirement_states] },
      {
        insert: 'retirements',
        rows: [{ ...retirements, original_username_key: 'robert', original_email_key: 'robert@x.org' }],
      },
      {
        insert: 'retired_identifiers',
        rows: [
          { kind: 'username', form: 'retired__dora', retired_at: '2024-06-15T12:00:00.000000Z' },
          { kind: 'email', form: 'retired__dora@x.org', retired_at: '2024-06-15T12:00:00.000000Z' },
        ],
      },
    ])
    const held: Claim[] = [
      { user_id: ada, kind: 'username', key: 'ada' },
      { user_id: ada, kind: 'email', key: 'ada@example.com' },
      { user_id: cy, kind: 'secondary_email', key: 'ada@x.org' },
      { user_id: cy, kind: 'former_username', key: 'cyrus' },
      { user_id: bob, kind: 'original_username', key: 'robert' },
      { user_id: null, kind: 'retired_username', key: 'retired__dora' },
      { user_id: null, kind: 'retired_email', key: 'retired__dora@x.org' },
    ]
    const username_keys = [
      'ada',
      'robert',
      'cyrus',
      'unknown',
      'ada',
      'ada@x.org',
      'retired__dora',
      'retired__dora@x.org',
    ]
    const email_keys = ['ada@example.com', 'ada@x.org', 'unknown@x.org', 'bob', 'robert@x.org', 'cyrus']
    email_keys.push('retired__dora', 'retired__dora@x.org')
    assert.deepEqual(bySpelling(await repository.findClaims({ username_keys, email_keys })), bySpelling(held))
    assert.deepEqual(await repository.findClaims({ username_keys: [], email_keys: ['ada'] }), [])
    assert.deepEqual(await repository.findClaims({ username_keys: ['robert@x.org'], email_keys: [] }), [])
    assert.deepEqual(await repository.findClaims({ username_keys: [], email_keys: [] }), [])
    await repository.commit([{ delete: 'retirements', where: { user_id: bob } }])
    assert.deepEqual(await repository.findClaims({ username_keys: ['robert'], email_keys: [] }), [])
  },

  async 'names are told apart letter by letter'({ repository }) {
    await addUser(repository, 'a_a')
    const others = ['A_A', 'a_a ', 'aba']
    const email_keys = others.map((name) => `${name}@example.com`)
    assert.deepEqual(await repository.findClaims({ username_keys: others, email_keys }), [])
  },

  async 'a name that moves from one holder to another meanwhile is found with at least one of them'({
    repository,
    second = repository,
  }) {
    const [ada, bob] = [await addUser(second, 'ada'), await addUser(second, 'bob')]
    const place = (id: typeof ada, key: string) =>
      ({ update: 'users', set: { username_key: key }, where: { id }, guarded: true }) as const
    const turns = [ada, bob, ada]
    assert.equal(await second.commit([place(bob, 'waiting')]), true)
    let isMoving = true
    const moves = (async () => {
      for (let turn = 0; turn < 31; turn++) {
        const from = turns[turn % 2] ?? ada
        const to = turns[(turn % 2) + 1] ?? ada
        await commitAtLast(second, async () => [place(from, `free${turn}`), place(to, 'ada')])
      }
    })().finally(() => {
      isMoving = false
    })
    while (isMoving) {
      const found = await repository.findClaims({ username_keys: ['ada'], email_keys: [] })
      assert.ok(found.length >= 1, 'no person has it')
      await new Promise(setImmediate)
    }
    await moves
  },
}
