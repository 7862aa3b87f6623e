import assert from 'node:assert/strict'
import type { PreferenceSelector, Repository } from '../repository.ts'
import type { UserId } from '../tables.ts'
import { notNull, type Where, type Write } from '../write.ts'
import { addUser, outboxRow, profileRow, userRow } from './rows.ts'

/** A store under test. Each case gets an empty one. */
export interface StoreUnderTest<Transaction> {
  readonly repository: Repository<Transaction>
  /** The same store over another connection; leave it out where there can be only one. */
  readonly second?: Repository<Transaction>
  /** Runs work in a transaction of the host: kept when it ends, dropped when it throws. */
  transaction(work: (transaction: Transaction) => Promise<void>): Promise<void>
  /** Removes the store, with everything in it. */
  close(): Promise<void>
}

/** `it` or `test` of a test runner. */
export type It = (name: string, test: () => Promise<void>) => unknown

/**
 * The repository contract: a case for every promise in the comments of `Repository`. Works with any runner.
 *
 * ```ts
 * describe('my repository', () => testRepository(it, openMyStore))
 * ```
 */
export function testRepository<Transaction>(it: It, open: () => Promise<StoreUnderTest<Transaction>>): void {
  for (const [name, test] of Object.entries(cases)) {
    it(name, async () => {
      const store = await open()
      try {
        await test(store as StoreUnderTest<unknown>)
      } finally {
        await store.close()
      }
    })
  }
}

type Case = (store: StoreUnderTest<unknown>) => Promise<void>

const names = (count: number) => Array.from({ length: count }, (_, index) => `user${index}`)

/** A unit that changes a profile from one version to the next. */
const nextVersion = (user_id: UserId, version: number, bio: string): Write[] => [
  { update: 'profiles', set: { bio, version: version + 1 }, where: { user_id, version }, guarded: true },
]

/** The connections of a store, taking turns. */
const connections = ({ repository, second = repository }: StoreUnderTest<unknown>) => [repository, second] as const

const cases: Readonly<Record<string, Case>> = {
  async 'insertUser gives each person an id of their own, by which and by whose names they are found'({ repository }) {
    const ada = await addUser(repository, 'ada')
    const bob = await addUser(repository, 'bob')
    assert.notEqual(ada, bob)
    for (const by of [{ ids: [ada] }, { username_keys: ['ada'] }, { email_keys: ['ada@example.com'] }]) {
      const found = await repository.findAccounts(by)
      assert.deepEqual(
        found.map((record) => record.user.username),
        ['ada'],
      )
      assert.equal(found[0]?.user.id, ada)
    }
  },

  async 'insertUser answers undefined for a username or an address that is taken, and keeps nothing'({ repository }) {
    await addUser(repository, 'ada')
    const message = (id: UserId): Write[] => [{ insert: 'outbox', rows: [outboxRow('m1', id)] }]
    assert.equal(await repository.insertUser(userRow('ada', { email_key: 'other' }), message), undefined)
    assert.equal(await repository.insertUser(userRow('eve', { email_key: 'ada@example.com' }), message), undefined)
    assert.deepEqual(await repository.select('outbox', {}), [])
    assert.equal((await repository.select('users', {})).length, 1)
  },

  async 'insertUser answers undefined when what goes with the person is taken, and keeps nothing'({ repository }) {
    await addUser(repository, 'ada')
    await repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', 1)] }])
    const id = await repository.insertUser(userRow('eve'), (id) => [{ insert: 'outbox', rows: [outboxRow('m1', id)] }])
    assert.equal(id, undefined)
    assert.equal((await repository.select('users', {})).length, 1)
  },

  async 'insertUser lets exactly one of several callers have a username'(store) {
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        connections(store)[index % 2 === 0 ? 0 : 1].insertUser(userRow('ada', { email_key: `mail${index}` }), () => []),
      ),
    )
    assert.equal(ids.filter((id) => id !== undefined).length, 1)
    assert.equal((await store.repository.select('users', {})).length, 1)
  },

  async 'insertUser keeps nothing when the code inside throws, and passes its error on'({ repository }) {
    const failure = new Error('no password today')
    const insert = repository.insertUser(
      userRow('ada'),
      () => [],
      async () => Promise.reject(failure),
    )
    await assert.rejects(insert, (error) => error === failure)
    assert.deepEqual(await repository.select('users', {}), [])
  },

  async 'findAccounts gives every part of each account, and leaves unknown names out'({ repository }) {
    const id = await addUser(repository, 'ada', { bio: 'Hello' })
    await addUser(repository, 'bob')
    const lonely = await repository.insertUser(userRow('cy'), () => [])
    const preference = { user_id: id, value: 'all_users', version: 1 }
    await repository.commit([
      {
        insert: 'language_proficiencies',
        rows: [
          { user_id: id, code: 'fr' },
          { user_id: id, code: 'en' },
        ],
      },
      { insert: 'social_links', rows: [{ user_id: id, platform: 'x', social_link: 'https://www.x.com/ada' }] },
      { insert: 'extended_profiles', rows: [{ user_id: id, owner: 'user', document: '{"a":1}', schema_version: 1 }] },
      {
        put: 'preferences',
        rows: [
          { ...preference, key: 'account_privacy' },
          { ...preference, key: 'visibility.bio' },
          { ...preference, key: 'theme' },
        ],
      },
      {
        insert: 'account_recoveries',
        rows: [{ user_id: id, secondary_email: 'a@b.co', secondary_email_key: 'a@b.co', is_active: true }],
      },
      {
        insert: 'pending_name_changes',
        rows: [
          {
            user_id: id,
            request_id: 'r',
            new_name: 'Ada L',
            rationale: '',
            requested_at: '2024-06-15T12:00:00.000000Z',
          },
        ],
      },
    ])
    const found = await repository.findAccounts({ username_keys: ['nobody', 'ada', 'cy'] })
    assert.deepEqual(found.map((record) => record.user.username).sort(), ['ada', 'cy'])
    const ada = found.find((record) => record.user.id === id)
    assert.equal(ada?.profile?.bio, 'Hello')
    assert.deepEqual(
      ada?.language_proficiencies.map(({ code }) => code),
      ['en', 'fr'],
    )
    assert.deepEqual(
      ada?.social_links.map(({ platform }) => platform),
      ['x'],
    )
    assert.deepEqual(
      ada?.extended_profiles.map(({ document }) => document),
      ['{"a":1}'],
    )
    assert.deepEqual(ada?.preferences.map(({ key }) => key).sort(), ['account_privacy', 'visibility.bio'])
    assert.equal(ada?.account_recovery?.is_active, true)
    assert.equal(ada?.pending_name_change?.new_name, 'Ada L')
    const cy = found.find((record) => record.user.id === lonely)
    assert.deepEqual(
      { ...cy, user: undefined },
      {
        user: undefined,
        profile: undefined,
        language_proficiencies: [],
        social_links: [],
        extended_profiles: [],
        preferences: [],
        account_recovery: undefined,
        pending_name_change: undefined,
      },
    )
  },

  async 'findAccounts never shows half of a unit'(store) {
    const [reader, writer] = connections(store)
    const id = await addUser(writer, 'ada', { bio: '0' })
    await writer.commit([{ insert: 'social_links', rows: [{ user_id: id, platform: 'x', social_link: '0' }] }])
    let writing = true
    const writes = (async () => {
      for (let version = 1; version <= 50; version++) {
        const bio = String(version)
        const link = { user_id: id, platform: 'x', social_link: bio }
        const unit: Write[] = [...nextVersion(id, version, bio), { upsert: 'social_links', rows: [link] }]
        while (!(await writer.commit(unit))) await Promise.resolve()
      }
      writing = false
    })()
    while (writing) {
      const [record] = await reader.findAccounts({ ids: [id] })
      assert.equal(record?.profile?.bio, record?.social_links[0]?.social_link)
      await new Promise(setImmediate)
    }
    await writes
  },

  async 'findPreferences gives what was asked for of each person, deleted rows included, and counts the others'(store) {
    const { repository } = store
    const [ada, bob] = [await addUser(repository, 'ada'), await addUser(repository, 'bob')]
    const moment = '2024-06-15T12:00:00.000001Z'
    const preference = (key: string, value: string | null) => ({ user_id: ada, key, value, version: 1 })
    const orgTag = (org: string, key: string) => {
      return { user_id: ada, org, key, value: org, version: 1, created_at: moment, modified_at: moment }
    }
    const courseTag = (course_id: string, key: string) => ({ user_id: ada, course_id, key, value: 'x', version: 1 })
    await repository.commit([
      { put: 'preferences', rows: [preference('a', '1'), preference('b', null), preference('c', '3')] },
      { put: 'org_tags', rows: [orgTag('OrgX', 'a'), orgTag('OrgX', 'c'), orgTag('OrgY', 'a')] },
      { put: 'course_tags', rows: [courseTag('one', 'a'), courseTag('two', 'a')] },
    ])
    const find = async (request: Omit<PreferenceSelector, 'by'>, names: readonly string[]) => {
      const records = await repository.findPreferences({ by: { username_keys: names }, ...request })
      return records.map(({ user, ...record }) => ({ id: user.id, ...record }))
    }
    const [all] = await find({}, ['ada', 'nobody'])
    assert.deepEqual(all?.preferences.map(({ key }) => key).sort(), ['a', 'b', 'c'])
    assert.equal(all?.preference_count, 2)
    assert.deepEqual([all?.org_tags, all?.course_tags], [[], []])
    const some = await find({ keys: ['a', 'b'], org: 'OrgX', course_id: 'two' }, ['bob', 'ada'])
    const none = { preferences: [], org_tags: [], course_tags: [], preference_count: 0 }
    assert.deepEqual(
      some.find(({ id }) => id === bob),
      { id: bob, ...none },
    )
    assert.deepEqual(
      some.find(({ id }) => id === ada),
      {
        id: ada,
        preferences: [preference('a', '1'), preference('b', null)],
        org_tags: [orgTag('OrgX', 'a')],
        course_tags: [courseTag('two', 'a')],
        preference_count: 2,
      },
    )
    assert.deepEqual((await find({ keys: [] }, ['ada']))[0]?.preferences, [])
  },

  async 'pageUsers gives everybody once, in the order of their ids'({ repository }) {
    const ids: UserId[] = []
    for (const name of names(9)) ids.push(await addUser(repository, name))
    const rows = ids.flatMap((user_id, index) => [
      { user_id, key: 'a', value: index === 4 ? null : 'x', version: 1 },
      { user_id, key: index < 3 ? 'b' : 'c', value: 'x', version: 1 },
    ])
    await repository.commit([{ put: 'preferences', rows }])
    const all = async (where: Where<'preferences'>) => {
      const found: UserId[] = []
      for (let page: UserId[] = [], first = true; first || page.length > 0; first = false) {
        const after = found.at(-1)
        page = await repository.pageUsers('preferences', where, { limit: 2, ...(after === undefined ? {} : { after }) })
        assert.ok(page.length <= 2)
        found.push(...page)
      }
      return found
    }
    assert.deepEqual(await all({}), ids)
    assert.deepEqual(await all({ key: 'a', value: notNull }), ids.toSpliced(4, 1))
    assert.deepEqual(await all({ key: 'b' }), ids.slice(0, 3))
    assert.deepEqual(await all({ key: 'nothing' }), [])
    assert.deepEqual(await repository.pageUsers('profiles', {}, { limit: 100 }), ids)
  },

  async 'select takes values, lists, null and not null as conditions, and an empty list matches nothing'({
    repository,
  }) {
    const id = await addUser(repository, 'ada', { country: 'IT' })
    const other = await addUser(repository, 'bob')
    const found = async (where: Parameters<typeof repository.select<'profiles'>>[1]) =>
      (await repository.select('profiles', where)).map((row) => row.user_id).sort()
    assert.deepEqual(await found({ country: 'IT' }), [id])
    assert.deepEqual(await found({ country: null }), [other])
    assert.deepEqual(await found({ country: notNull }), [id])
    assert.deepEqual(await found({ user_id: [id, other] }), [id, other].sort())
    assert.deepEqual(await found({ user_id: [id, other], country: 'IT', version: 1 }), [id])
    assert.deepEqual(await found({ user_id: [] }), [])
  },

  async 'what goes in and what comes out is copied'({ repository }) {
    const payload = { list: ['a'] }
    await repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', 1, { payload })] }])
    payload.list.push('b')
    const [read] = await repository.select('outbox', {})
    assert.deepEqual(read?.payload, { list: ['a'] })
    Object.assign(read ?? {}, { payload: 'changed' })
    assert.deepEqual((await repository.select('outbox', {}))[0]?.payload, { list: ['a'] })
  },

  async 'commit applies writes in order'({ repository }) {
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

  async 'commit is stopped by an insert of a row that exists, and keeps nothing'({ repository }) {
    const id = await addUser(repository, 'ada')
    const link = { user_id: id, platform: 'x', social_link: 'one' }
    const before: Write = { insert: 'outbox', rows: [outboxRow('m1', id)] }
    await repository.commit([{ insert: 'social_links', rows: [link] }])
    assert.equal(await repository.commit([before, { insert: 'social_links', rows: [link] }]), false)
    assert.deepEqual(await repository.select('outbox', {}), [])
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
  },

  async 'upsert is stopped by a unique key that another row has, and leaves that row alone'({ repository }) {
    const [ada, bob] = [await addUser(repository, 'ada'), await addUser(repository, 'bob')]
    const recovery = (user_id: UserId): Write => ({
      upsert: 'account_recoveries',
      rows: [{ user_id, secondary_email: 'a@b.co', secondary_email_key: 'a@b.co', is_active: true }],
    })
    assert.equal(await repository.commit([recovery(ada)]), true)
    assert.equal(await repository.commit([recovery(ada)]), true)
    assert.equal(await repository.commit([recovery(bob)]), false)
    assert.deepEqual(
      (await repository.select('account_recoveries', {})).map((row) => row.user_id),
      [ada],
    )
  },

  async 'put adds version 1 and replaces only the version before, all rows or none'({ repository }) {
    const id = await addUser(repository, 'ada')
    const put = (...rows: [key: string, value: string | null, version: number][]) =>
      repository.commit([
        { put: 'preferences', rows: rows.map(([key, value, version]) => ({ user_id: id, key, value, version })) },
      ])
    assert.equal(await put(['a', '1', 1], ['b', '1', 1]), true)
    assert.equal(await put(['a', 'again', 1]), false, 'version 1 must be new')
    assert.equal(await put(['a', '2', 2], ['b', null, 2]), true)
    assert.equal(await put(['c', '1', 1], ['a', 'late', 2]), false, 'one stale row stops all')
    assert.equal(await put(['d', 'early', 2]), false, 'version 2 needs version 1')
    const stored = await repository.select('preferences', {})
    assert.deepEqual(Object.fromEntries(stored.map((row) => [row.key, row.value])), { a: '2', b: null })
  },

  async 'a guarded update or delete stops the unit unless exactly one row matches'({ repository }) {
    const ids = await Promise.all(names(2).map((name) => addUser(repository, name)))
    const kept: Write = { insert: 'outbox', rows: [outboxRow('m1', 1)] }
    const guarded = { guarded: true } as const
    const none = { user_id: ids[0] as UserId, version: 7 }
    assert.equal(
      await repository.commit([kept, { update: 'profiles', set: { bio: 'x' }, where: none, ...guarded }]),
      false,
    )
    assert.equal(
      await repository.commit([kept, { update: 'profiles', set: { bio: 'x' }, where: {}, ...guarded }]),
      false,
    )
    assert.equal(
      await repository.commit([{ update: 'profiles', set: { bio: 'x' }, where: { user_id: ids }, ...guarded }]),
      false,
    )
    assert.equal(await repository.commit([kept, { delete: 'profiles', where: none, ...guarded }]), false)
    assert.equal(await repository.commit([{ delete: 'profiles', where: { user_id: ids }, ...guarded }]), false)
    assert.deepEqual(
      (await repository.select('profiles', {})).map((row) => row.bio),
      [null, null],
    )
    assert.deepEqual(await repository.select('outbox', {}), [])
  },

  async 'an update that breaks a unique key stops the unit'({ repository }) {
    await addUser(repository, 'ada')
    const bob = await addUser(repository, 'bob')
    const rename: Write = { update: 'users', set: { username_key: 'ada' }, where: { id: bob }, guarded: true }
    assert.equal(await repository.commit([rename]), false)
    assert.equal((await repository.select('users', { username_key: 'bob' })).length, 1)
  },

  async 'of several units guarded by one version exactly one is stored'(store) {
    const id = await addUser(store.repository, 'ada')
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        connections(store)[index % 2 === 0 ? 0 : 1].commit(nextVersion(id, 1, `${index}`)),
      ),
    )
    assert.equal(outcomes.filter(Boolean).length, 1)
    const [profile] = await store.repository.select('profiles', { user_id: id })
    assert.equal(profile?.version, 2)
    assert.equal(profile?.bio, String(outcomes.indexOf(true)))
  },

  async 'code inside a unit that throws undoes it, and its error is passed on'({ repository }) {
    const failure = new Error('host')
    const commit = repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', 1)] }], async () =>
      Promise.reject(failure),
    )
    await assert.rejects(commit, (error) => error === failure)
    assert.deepEqual(await repository.select('outbox', {}), [])
  },

  async 'code inside a unit works in its transaction'({ repository }) {
    const id = await addUser(repository, 'ada')
    const seen: number[] = []
    const unit: Write[] = [{ insert: 'outbox', rows: [outboxRow('m1', id)] }]
    const stored = await repository.commit(unit, async (transaction) => {
      const inside = repository.with(transaction)
      seen.push((await inside.select('outbox', {})).length)
      assert.equal(await inside.commit([{ insert: 'outbox', rows: [outboxRow('m2', id)] }]), true)
    })
    assert.equal(stored, true)
    assert.deepEqual(seen, [1])
    assert.equal((await repository.select('outbox', {})).length, 2)
  },

  async 'leaseOutbox takes the oldest free messages, and again when their lease has ended'({ repository }) {
    await repository.commit([{ insert: 'outbox', rows: ['m3', 'm1', 'm2'].map((id) => outboxRow(id, 1)) }])
    const lease = (name: string, minute: number) =>
      repository.leaseOutbox({
        now: `2024-06-15T12:0${minute}:00.000000Z`,
        leased_until: `2024-06-15T12:0${minute + 1}:00.000000Z`,
        lease: name,
        limit: 2,
      })
    assert.deepEqual(
      (await lease('one', 0)).map((row) => row.id),
      ['m1', 'm2'],
    )
    assert.deepEqual(
      (await lease('two', 0)).map((row) => row.id),
      ['m3'],
    )
    assert.deepEqual(await lease('three', 0), [])
    const again = await lease('four', 1)
    assert.deepEqual(
      again.map((row) => [row.id, row.lease]),
      [
        ['m1', 'four'],
        ['m2', 'four'],
      ],
    )
    await repository.commit([{ delete: 'outbox', where: { id: 'm1', lease: 'one' } }])
    assert.equal((await repository.select('outbox', { id: 'm1' })).length, 1, 'a late owner removes nothing')
  },

  async 'leaseOutbox gives each message to one of several callers'(store) {
    await store.repository.commit([{ insert: 'outbox', rows: names(20).map((id) => outboxRow(id, 1)) }])
    const taken = await Promise.all(
      names(8).map((lease, index) =>
        connections(store)[index % 2 === 0 ? 0 : 1].leaseOutbox({
          now: '2024-06-15T12:00:00.000000Z',
          leased_until: '2024-06-15T12:01:00.000000Z',
          lease,
          limit: 3,
        }),
      ),
    )
    const ids = taken.flat().map((row) => row.id)
    assert.equal(ids.length, 20)
    assert.equal(new Set(ids).size, 20)
  },

  async 'inside a transaction of the host its writes are seen, and kept with it'(store) {
    const id = await addUser(store.repository, 'ada')
    await store.transaction(async (transaction) => {
      const inside = store.repository.with(transaction)
      assert.equal(await inside.commit(nextVersion(id, 1, 'new')), true)
      assert.equal((await inside.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'new')
      const bob = await inside.insertUser(userRow('bob'), (id) => [{ insert: 'profiles', rows: [profileRow(id)] }])
      assert.notEqual(bob, undefined)
    })
    assert.equal((await store.repository.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'new')
    assert.equal((await store.repository.select('users', {})).length, 2)
  },

  async 'nothing is kept of a transaction that the host rolls back, and nobody else saw it'(store) {
    const id = await addUser(store.repository, 'ada', { bio: 'old' })
    const rollback = new Error('rollback')
    const work = store.transaction(async (transaction) => {
      assert.equal(await store.repository.with(transaction).commit(nextVersion(id, 1, 'new')), true)
      if (store.second !== undefined) {
        assert.equal((await store.second.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'old')
      }
      throw rollback
    })
    await assert.rejects(work, (error) => error === rollback)
    assert.equal((await store.repository.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'old')
  },

  async 'a stopped unit leaves a transaction of the host usable'(store) {
    const id = await addUser(store.repository, 'ada')
    await store.transaction(async (transaction) => {
      const inside = store.repository.with(transaction)
      const taken: Write = {
        update: 'users',
        set: { username_key: 'ada' },
        where: { username_key: 'eve' },
        guarded: true,
      }
      assert.equal(await inside.commit([{ insert: 'outbox', rows: [outboxRow('m1', id)] }, taken]), false)
      assert.equal(await inside.insertUser(userRow('ada'), () => []), undefined)
      assert.equal(await inside.commit(nextVersion(id, 1, 'kept')), true)
    })
    assert.deepEqual(await store.repository.select('outbox', {}), [])
    assert.equal((await store.repository.select('profiles', {}))[0]?.bio, 'kept')
  },

  async 'every value comes back as it went in'({ repository }) {
    const texts = [
      '',
      ' ',
      'trailing  ',
      'é',
      'e\u0301',
      '你好',
      '👩‍🚀',
      '𝒳',
      '\'"\\%_',
      'line\nbreak\r\n\ttab',
      '\u{10FFFF}',
      '{"a":1}',
      'null',
    ]
    const moments = [
      '1815-12-10T00:00:00.000000Z',
      '1969-12-31T23:59:59.999999Z',
      '2024-02-29T12:00:00.000001Z',
      '9999-12-31T23:59:59.000000Z',
    ]
    for (const [index, text] of texts.entries()) {
      const last_login = moments[index % moments.length] as string
      const id = await repository.insertUser(
        userRow(`user${index}`, { first_name: text, is_active: index % 2 === 0, last_login }),
        (id) => [
          {
            insert: 'profiles',
            rows: [
              profileRow(id, {
                name: text,
                goals: text,
                year_of_birth: index - 5,
                profile_image_uploaded_at: last_login,
              }),
            ],
          },
          {
            insert: 'outbox',
            rows: [outboxRow(`m${index}`, id, { payload: { text, [`k${text}`]: [1.5, true, null, { text }] } })],
          },
        ],
      )
      assert.notEqual(id, undefined)
      const [account] = await repository.findAccounts({ ids: [id as UserId] })
      assert.deepEqual(account?.user, {
        ...userRow(`user${index}`, { first_name: text, is_active: index % 2 === 0, last_login }),
        id,
      })
      const profile = profileRow(id as UserId, {
        name: text,
        goals: text,
        year_of_birth: index - 5,
        profile_image_uploaded_at: last_login,
      })
      assert.deepEqual(account?.profile, profile)
      assert.deepEqual(await repository.select('profiles', { user_id: id as UserId }), [profile])
      const [message] = await repository.select('outbox', { id: `m${index}` })
      assert.deepEqual(message?.payload, { text, [`k${text}`]: [1.5, true, null, { text }] })
    }
  },

  async 'keys that differ in a trailing blank, a letter case or an accent are different keys'({ repository }) {
    const id = await addUser(repository, 'ada')
    const keys = ['key', 'key ', 'Key', 'këy', 'ke\u0308y', '🔑', '🗝']
    const rows = keys.map((key) => ({ user_id: id, key, value: key, version: 1 }))
    assert.equal(await repository.commit([{ put: 'preferences', rows }]), true)
    for (const key of keys) {
      assert.deepEqual(
        (await repository.select('preferences', { key })).map((row) => row.value),
        [key],
      )
    }
  },

  async 'a text that no database can hold matches nothing, and stops nothing'({ repository }) {
    const id = await addUser(repository, 'ada')
    // What some drivers make of half a surrogate pair.
    await addUser(repository, 'a\ufffd')
    await repository.commit([{ put: 'preferences', rows: [{ user_id: id, key: 'a\ufffd', value: 'x', version: 1 }] }])
    for (const text of ['ada\0', 'ada\0b', 'a\ud800', '\udc00', '\0']) {
      const by = { username_keys: [text, 'ada'] }
      const found = await repository.findAccounts(by)
      assert.deepEqual(
        found.map((record) => record.user.username),
        ['ada'],
      )
      assert.deepEqual(await repository.findAccounts({ email_keys: [text] }), [])
      assert.deepEqual(await repository.findClaims({ username_keys: [text], email_keys: [text] }), [])
      assert.deepEqual((await repository.findPreferences({ by, keys: [text] }))[0]?.preferences, [])
      assert.deepEqual(await repository.select('preferences', { key: text }), [])
      assert.deepEqual(await repository.select('users', { username_key: [text, 'nobody'] }), [])
      assert.deepEqual(await repository.pageUsers('preferences', { key: text }, { limit: 9 }), [])
    }
  },

  async 'ten thousand names are one call'({ repository }) {
    const all = names(10_000)
    const rows = all.map((name, index) => ({ ...userRow(name), id: index + 1 }))
    assert.equal(
      await repository.commit([
        { insert: 'users', rows },
        { insert: 'profiles', rows: rows.map(({ id }) => profileRow(id)) },
      ]),
      true,
    )
    assert.equal((await repository.findAccounts({ username_keys: all })).length, 10_000)
    assert.equal((await repository.select('users', { email_key: rows.map((row) => row.email_key) })).length, 10_000)
  },
}
