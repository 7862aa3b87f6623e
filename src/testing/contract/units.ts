import assert from 'node:assert/strict'
import { isStorageError } from '../../port/repository.ts'
import type { UserId } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { addUser, outboxRow, userRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group } from './store.ts'
import { chosenId, names } from './support.ts'

/** Values that no column can hold, by their flaw as JSON, as text, as a number, and as a moment. */
function unstorable(id: UserId): Record<string, Write> {
  const itself: Record<string, unknown> = {}
  itself.self = itself
  const json: Record<string, unknown> = {
    'a function': () => 1,
    'a symbol': Symbol('s'),
    'a bigint': 1n,
    'nothing at all': undefined,
    'no number': Number.NaN,
    infinity: Number.POSITIVE_INFINITY,
    'a date': new Date(0),
    'a map': new Map(),
    'an object of a class': new (class Thing {})(),
    'a hole': Array(1),
    'half a surrogate pair': '\ud83d',
    nul: '\0',
    'a bad name': { '\udc00': 1 },
    'what contains itself': itself,
  }
  const profile = (set: object): Write =>
    ({ update: 'profiles', set: { version: 2, ...set }, where: { user_id: id } }) as Write
  const payload = (value: unknown): Write =>
    ({ insert: 'outbox', rows: [{ ...outboxRow('m2', id), payload: value }] }) as Write
  return {
    ...Object.fromEntries(Object.entries(json).map(([what, value]) => [what, payload({ a: [{ b: value }] })])),
    'a list for an object': payload([]),
    'text for an object': payload('{}'),
    'text with nul': profile({ bio: 'nul \0' }),
    'text with half a pair': profile({ bio: 'half \ud83d' }),
    'an object for text': profile({ bio: { a: 1 } }),
    'a number for text': profile({ bio: 7 }),
    'text for a number': profile({ year_of_birth: '1990' }),
    'a fraction': profile({ year_of_birth: 1990.5 }),
    'no number for a number': profile({ year_of_birth: Number.NaN }),
    'text for a moment': profile({ profile_image_uploaded_at: 'today' }),
    'a date for a moment': profile({ profile_image_uploaded_at: new Date(0) }),
    'a column that there is not': profile({ shoe_size: 'x' }),
    'an object in an upsert': {
      upsert: 'social_links',
      rows: [{ user_id: id, platform: 'x', social_link: {} }],
    } as unknown as Write,
    'a number in a put': {
      put: 'preferences',
      rows: [{ user_id: id, key: 'k', value: 7, version: 1 }],
    } as unknown as Write,
    'text for a boolean': { update: 'users', set: { is_active: 'no' }, where: { id } } as unknown as Write,
    'an object for an id': {
      insert: 'registrations',
      rows: [{ user_id: { id }, key_hash: 'k', activated_at: null }],
    } as unknown as Write,
  }
}

const isNotStorable = (error: unknown) => isStorageError(error) && error.driver_code === 'NOT_STORABLE'

/** `commit`: the effect of each write, and the conditions that stop a unit. */
export const units: Group = {
  async 'writes are applied in order'({ repository }) {
    const id = await addUser(repository, 'ada')
    const link = { user_id: id, platform: 'x', social_link: 'one' }
    const stored = await repository.commit([
      { insert: 'social_links', rows: [link] },
      { update: 'social_links', set: { social_link: 'two' }, where: { user_id: id } },
      { delete: 'social_links', where: { user_id: id, social_link: 'one' } },
    ])
    assert.equal(stored, true)
    assert.deepEqual(await repository.select('social_links', {}), [{ ...link, social_link: 'two' }])
  },

  async 'a unit without writes, and a write without rows, does nothing'({ repository }) {
    const id = await addUser(repository, 'ada', { bio: 'old' })
    assert.equal(await repository.commit([]), true)
    assert.equal(await repository.commit([{ insert: 'social_links', rows: [] }]), true)
    const nothing: Write[] = [
      { insert: 'users', rows: [] },
      { upsert: 'account_recoveries', rows: [] },
      { put: 'preferences', rows: [] },
      { update: 'profiles', set: { bio: 'new' }, where: { user_id: [] } },
      { update: 'profiles', set: {}, where: { user_id: id } },
      { delete: 'profiles', where: { user_id: id, bio: 'new' } },
    ]
    assert.equal(await repository.commit(nothing), true)
    assert.equal((await repository.select('profiles', { bio: 'old' })).length, 1)
  },

  async 'insert is stopped by a row that exists, and nothing of the unit is kept'({ repository }) {
    const id = await addUser(repository, 'ada')
    const link = { user_id: id, platform: 'x', social_link: 'one' }
    const before: Write = { insert: 'outbox', rows: [outboxRow('m1', id)] }
    await repository.commit([{ insert: 'social_links', rows: [link] }])
    assert.equal(await repository.commit([before, { insert: 'social_links', rows: [link] }]), false)
    assert.equal(await repository.commit([{ insert: 'social_links', rows: [link] }]), false)
    const rows = [{ ...link, platform: 'y' }, link]
    assert.equal(await repository.commit([{ insert: 'social_links', rows }]), false)
    assert.deepEqual(await repository.select('outbox', {}), [])
    assert.deepEqual(await repository.select('social_links', {}), [link])
  },

  async 'insert is stopped by a unique key that another row has'({ repository }) {
    const [ada, bob] = [await addUser(repository, 'ada'), await addUser(repository, 'bob')]
    const registration = (user_id: UserId, key_hash: string): Write => ({
      insert: 'registrations',
      rows: [{ user_id, key_hash, proof_hash: null, expires_at: null, activated_at: null }],
    })
    assert.equal(await repository.commit([registration(ada, 'one')]), true)
    assert.equal(await repository.commit([registration(bob, 'one')]), false)
    assert.equal(await repository.commit([registration(bob, 'One')]), true)
  },

  async 'upsert adds rows and replaces those with the same primary key'({ repository }) {
    const id = await addUser(repository, 'ada')
    const links = (social_link: string, platforms: string[]): Write => ({
      upsert: 'social_links',
      rows: platforms.map((platform) => ({ user_id: id, platform, social_link })),
    })
    assert.equal(await repository.commit([links('one', ['x', 'facebook'])]), true)
    assert.equal(await repository.commit([links('two', ['x', 'linkedin'])]), true)
    const stored = await repository.select('social_links', {})
    assert.deepEqual(Object.fromEntries(stored.map((row) => [row.platform, row.social_link])), {
      x: 'two',
      facebook: 'one',
      linkedin: 'two',
    })
    const languages: Write = { upsert: 'language_proficiencies', rows: [{ user_id: id, code: 'en' }] }
    assert.equal(await repository.commit([languages, languages]), true, 'a row that is all key')
  },

  async 'rows without a value in a unique key share it with none'({ repository }) {
    const { retirement_receipts: row } = sampleRows(chosenId(repository, 0), 'ada')
    const rows = ['r1', 'r2', 'r3'].map((id) => ({ ...row, id }))
    assert.equal(await repository.commit([{ insert: 'retirement_receipts', rows }]), true)
    assert.equal(await repository.commit([{ upsert: 'retirement_receipts', rows }]), true)
    const number = (id: string): Write => ({ update: 'retirement_receipts', set: { sequence: 1 }, where: { id } })
    assert.equal(await repository.commit([number('r1')]), true)
    assert.equal(await repository.commit([number('r2')]), false)
    assert.equal((await repository.select('retirement_receipts', { sequence: null })).length, 2)
  },

  async 'upsert is stopped by a unique key that another row has, and leaves that row alone'({ repository }) {
    const [ada, bob] = [await addUser(repository, 'ada'), await addUser(repository, 'bob')]
    const recovery = (user_id: UserId, secondary_email: string): Write => ({
      upsert: 'account_recoveries',
      rows: [{ user_id, secondary_email, secondary_email_key: 'a@b.co', is_active: true }],
    })
    assert.equal(await repository.commit([recovery(ada, 'a@b.co')]), true)
    assert.equal(await repository.commit([recovery(ada, 'A@b.co')]), true)
    assert.equal(await repository.commit([recovery(bob, 'a@b.co')]), false)
    assert.deepEqual(
      (await repository.select('account_recoveries', {})).map((row) => [row.user_id, row.secondary_email]),
      [[ada, 'A@b.co']],
    )
  },

  async 'upsert of a person leaves the rows that belong to them'({ repository }) {
    const id = await addUser(repository, 'ada', { bio: 'Hello' })
    const users = [{ ...userRow('ada', { first_name: 'Ada' }), id }]
    assert.equal(await repository.commit([{ upsert: 'users', rows: users }]), true)
    const [account] = await repository.findAccounts({ ids: [id] })
    assert.deepEqual([account?.user.first_name, account?.profile?.bio], ['Ada', 'Hello'])
  },

  async 'put adds version 1 and replaces only the version before, all rows or none'({ repository }) {
    const id = await addUser(repository, 'ada')
    const put = (...rows: [key: string, value: string | null, version: number][]) =>
      repository.commit([
        { put: 'preferences', rows: rows.map(([key, value, version]) => ({ user_id: id, key, value, version })) },
      ])
    assert.equal(await put(['a', '1', 1], ['b', '1', 1]), true)
    assert.equal(await put(['a', 'again', 1]), false, 'version 1 must be new')
    assert.equal(await put(['c', 'new', 1], ['a', 'again', 1]), false, 'one that is not new stops all')
    assert.equal(await put(['a', '2', 2], ['b', null, 2]), true)
    assert.equal(await put(['c', '1', 1], ['a', 'late', 2]), false, 'one stale row stops all')
    assert.equal(await put(['a', 'early', 4]), false, 'version 4 needs version 3')
    assert.equal(await put(['d', 'early', 2]), false, 'version 2 needs version 1')
    assert.equal(await put(['c', '1', 1], ['a', '3', 3]), true)
    const stored = await repository.select('preferences', {})
    assert.deepEqual(Object.fromEntries(stored.map((row) => [row.key, [row.value, row.version]])), {
      a: ['3', 3],
      b: [null, 2],
      c: ['1', 1],
    })
  },

  async 'update and delete reach every row that matches, and no other'({ repository }) {
    const ids: UserId[] = []
    for (const name of names(4)) ids.push(await addUser(repository, name))
    const some = ids.slice(0, 2)
    const unit: Write[] = [
      { update: 'profiles', set: { bio: 'some', year_of_birth: 1900 }, where: { user_id: some } },
      { update: 'profiles', set: { bio: 'other' }, where: { user_id: ids[2] as UserId, version: 2 } },
      { delete: 'profiles', where: { user_id: ids.slice(3) } },
    ]
    assert.equal(await repository.commit(unit), true)
    const stored = await repository.select('profiles', {})
    assert.deepEqual(
      new Map(stored.map((row) => [row.user_id, [row.bio, row.year_of_birth]])),
      new Map(ids.slice(0, 3).map((id) => [id, some.includes(id) ? ['some', 1900] : [null, null]])),
    )
    assert.equal(await repository.commit([{ update: 'profiles', set: { bio: null }, where: {} }]), true)
    assert.equal((await repository.select('profiles', { bio: null })).length, 3)
    assert.equal(await repository.commit([{ delete: 'profiles', where: {} }]), true)
    assert.deepEqual(await repository.select('profiles', {}), [])
  },

  async 'a guarded update or delete stops the unit unless exactly one row matches'({ repository }) {
    const ids: UserId[] = []
    for (const name of names(2)) ids.push(await addUser(repository, name))
    const [first] = ids as [UserId]
    const kept: Write = { insert: 'outbox', rows: [outboxRow('m1', first)] }
    const set = { bio: 'x' }
    const stopped: Write[] = [
      { update: 'profiles', set, where: { user_id: first, version: 7 }, guarded: true },
      { update: 'profiles', set, where: {}, guarded: true },
      { update: 'profiles', set, where: { user_id: ids }, guarded: true },
      { update: 'profiles', set, where: { user_id: [] }, guarded: true },
      { delete: 'profiles', where: { user_id: first, version: 7 }, guarded: true },
      { delete: 'profiles', where: { user_id: ids }, guarded: true },
      { delete: 'profiles', where: {}, guarded: true },
    ]
    for (const write of stopped) {
      assert.equal(await repository.commit([write]), false)
      assert.equal(await repository.commit([kept, write]), false)
      assert.equal(await repository.commit([write, kept]), false)
    }
    assert.equal((await repository.select('profiles', { bio: null })).length, 2)
    assert.deepEqual(await repository.select('outbox', {}), [])
    const one = { user_id: [first], version: 1 }
    assert.equal(await repository.commit([kept, { update: 'profiles', set, where: one, guarded: true }]), true)
    assert.equal(await repository.commit([{ delete: 'profiles', where: one, guarded: true }]), true)
    assert.equal((await repository.select('profiles', {})).length, 1)
  },

  async 'update is stopped by a unique key that another row has'({ repository }) {
    await addUser(repository, 'ada')
    const bob = await addUser(repository, 'bob')
    const rename: Write = { update: 'users', set: { username_key: 'ada' }, where: { id: bob }, guarded: true }
    assert.equal(await repository.commit([rename]), false)
    assert.equal(await repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', bob)] }, rename]), false)
    assert.equal((await repository.select('users', { username_key: 'bob' })).length, 1)
    assert.deepEqual(await repository.select('outbox', {}), [])
  },

  async 'a unit with a value that no store could return fails before anything is written'({ repository }) {
    const id = await addUser(repository, 'ada')
    const message: Write = { insert: 'outbox', rows: [outboxRow('m1', id)] }
    for (const [what, write] of Object.entries(unstorable(id))) {
      const refused = (unit: Promise<unknown>) => assert.rejects(unit, isNotStorable, what)
      await refused(repository.commit([write]))
      await refused(repository.commit([message, write]))
      await refused(repository.commit([write, message]))
      await refused(repository.insertUser(userRow('bob'), () => [message, write]))
    }
    await assert.rejects(
      repository.insertUser(userRow('bob', { first_name: 'nul \0' }), () => []),
      isNotStorable,
    )
    assert.deepEqual(await repository.select('outbox', {}), [])
    assert.equal((await repository.select('profiles', { bio: null, version: 1 })).length, 1)
    assert.equal((await repository.select('users', {})).length, 1)
    assert.equal(await repository.commit([message]), true, 'the next unit works')
  },

  async 'a key that one write of a unit frees can be taken by the next'({ repository }) {
    const [ada, bob] = [await addUser(repository, 'ada'), await addUser(repository, 'bob')]
    const rename = (id: UserId, username_key: string): Write => ({
      update: 'users',
      set: { username_key },
      where: { id },
      guarded: true,
    })
    assert.equal(await repository.commit([rename(ada, 'free'), rename(bob, 'ada'), rename(ada, 'bob')]), true)
    assert.equal((await repository.select('users', { username_key: 'ada' }))[0]?.id, bob)
  },

  async 'code inside a unit that throws undoes it, and its error is passed on'({ repository }) {
    const failure = new Error('host')
    const id = await addUser(repository, 'ada')
    const commit = repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', id)] }], async () =>
      Promise.reject(failure),
    )
    await assert.rejects(commit, (error) => error === failure)
    assert.deepEqual(await repository.select('outbox', {}), [])
  },

  async 'code inside a unit works in its transaction, after its writes'({ repository }) {
    const id = await addUser(repository, 'ada')
    const seen: number[] = []
    const unit: Write[] = [{ insert: 'outbox', rows: [outboxRow('m1', id)] }]
    const stored = await repository.commit(unit, async (transaction) => {
      const inside = repository.with(transaction)
      seen.push((await inside.select('outbox', {})).length)
      assert.equal(await inside.commit([{ insert: 'outbox', rows: [outboxRow('m2', id)] }]), true)
      assert.equal(await inside.commit([{ insert: 'outbox', rows: [outboxRow('m2', id)] }]), false)
    })
    assert.equal(stored, true)
    assert.deepEqual(seen, [1])
    assert.equal((await repository.select('outbox', {})).length, 2)
  },

  async 'the writes of code inside a unit are undone with the unit'({ repository }) {
    const id = await addUser(repository, 'ada')
    const failure = new Error('host')
    const unit: Write[] = [{ insert: 'outbox', rows: [outboxRow('m1', id)] }]
    const commit = repository.commit(unit, async (transaction) => {
      assert.equal(await repository.with(transaction).commit([{ delete: 'profiles', where: { user_id: id } }]), true)
      throw failure
    })
    await assert.rejects(commit, (error) => error === failure)
    assert.deepEqual(await repository.select('outbox', {}), [])
    assert.equal((await repository.select('profiles', {})).length, 1)
  },

  async 'code inside a unit that was stopped does not run'({ repository }) {
    const none = { user_id: await addUser(repository, 'ada'), version: 7 }
    let ran = false
    const stored = await repository.commit([{ delete: 'profiles', where: none, guarded: true }], async () => {
      ran = true
    })
    assert.deepEqual([stored, ran], [false, false])
  },
}
