import { describe, expect, it } from 'vitest'
import type { UserId } from '../../../src/port/tables.ts'
import type { Write } from '../../../src/port/write.ts'
import { sampleRows } from '../../../src/testing/contract/sample-rows.ts'
import { testRepository } from '../../../src/testing/index.ts'
import { addUser, outboxRow, userRow } from '../../../src/testing/rows.ts'
import { watchedStoresOver } from '../../stores/contract-stores.ts'
import { openEdxDatabases } from '../../stores/open-edx.ts'
import { storesOver } from '../../stores/stores.ts'

/**
 * Cases that cannot hold on the original's tables, by the reason. The tests below check the promises that take their
 * place.
 */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'the case gives a name or an address the key of another: keys are not stored there': [
    'people: insertUser returns undefined for a username or an address that is taken, and keeps nothing',
    'accounts: names are found as they are spelt, letter by letter',
    'claims: every kind of holder is found, and no other person',
    'units: update is stopped by a unique key that another row has',
    'units: a key that one write of a unit frees can be taken by the next',
    'races: exactly one of several callers gets a username',
    'races: exactly one of several callers gets an address',
    'races: exactly one of several units gets a key',
  ],
  'the case counts versions, which are made of what is stored there, or looks for what was deleted': [
    'accounts: every part of each account is there, lists sorted, and unknown names are left out',
    'preferences: the preferences that were asked for are there, deleted rows included, and the others are counted',
    'org tags: a tag that is deleted has no value',
    'selection: every table can be read, and paged by person where its rows have one',
    'required people: a row of any table is stored as it is with the person who is required with it',
    'retirements: each comes with the person as they are now',
    'units: put adds version 1 and replaces only the version before, all rows or none',
    'units: a guarded update or delete stops the unit unless exactly one row matches',
    'references: a row that names a state which is not there stops the unit',
    'references: rows that belong to a person cannot be stored without them, messages, idempotency keys and evidence can',
    'references: rows that belong to a person are deleted with them, messages, idempotency keys and evidence stay',
    'races: of several units that put one version exactly one is stored',
    'big lists: ten thousand rows of one table are one write, of each kind',
  ],
  'the case gives two states one place: there they have one each': [
    'retirements: they come oldest first, from the states and the period that were asked for',
    'references: a state that a row names cannot be deleted before it',
  ],
  'the collations there make one of what the case tells apart': [
    'claims: names are told apart letter by letter',
    'round trip: keys that differ in a trailing blank, a letter case or an accent are different keys',
  ],
  'columns are narrower there': [
    'round trip: texts',
    'round trip: keys of 255 characters, and long texts of 64 KiB and of 2 MiB',
    'round trip: ids that are greater than numbers can tell apart are text, in every result',
  ],
  'rows there have no version: they are locked before they are written, and account versions are noted beside them': [
    'statements: leaseRetirements is two at most, for any number of states and people',
    'statements: a unit of one write about one row is one',
    'statements: a unit of many writes is two for each, at most, beside begin and end',
    'statements: insertUser is two beside the rest of the unit, begin and end',
  ],
}
const excepted = new Set(Object.values(exceptions).flat())

it('the exceptions are cases of the contract', () => {
  const names: string[] = []
  testRepository(
    (name) => names.push(name),
    () => Promise.reject(new Error('not opened')),
  )
  expect(names).toEqual(expect.arrayContaining([...excepted]))
})

describe.each(Object.entries(openEdxDatabases))('the repository contract on %s', (_, create) => {
  const open = storesOver(create)

  testRepository(
    // `exceptions` has the reason of each case that cannot hold here; one that begins to hold fails, and has to leave it.
    (name, test) => (excepted.has(name) ? it.fails(name, test) : it(name, test)),
    watchedStoresOver(create),
  )

  const openWatched = watchedStoresOver(create)

  it('leaseRetirements is two statements for each page, and four more with a pipeline beside begin and end', async () => {
    const { repository, statements, close } = await openWatched()
    const { retirement_states } = sampleRows(0, '')
    await repository.commit([{ insert: 'retirement_states', rows: [{ ...retirement_states, state_name: 'A' }] }])
    for (const name of ['ada', 'bob', 'cy']) {
      const id = await addUser(repository, name)
      const row = { ...sampleRows(id, name).retirements, current_state: 'A', last_state: 'A' }
      await repository.commit([{ insert: 'retirements', rows: [row] }])
    }
    const [now, leased_until] = ['2024-06-15T12:00:00.000000Z', '2024-06-15T13:00:00.000000Z']
    const pipeline = await repository.select('retirement_states', {})
    const request = { now, leased_until, before: now, idle: ['A'], working: [], limit: 2, pipeline }
    const counts: (readonly number[])[] = []
    for (const lease of ['one', 'two', 'three']) {
      const before = statements?.count() ?? 0
      const taken = await repository.leaseRetirements({ ...request, lease })
      counts.push([taken.length, (statements?.count() ?? 0) - before])
    }
    expect(counts).toEqual([
      [2, 2 + 4 + 3],
      [1, 2 + 4 + 3],
      [0, 1 + 4],
    ])
    await close()
  })

  const preference = (user_id: UserId, key: string, value: string | null, version: number): Write => ({
    put: 'preferences',
    rows: [{ user_id, key, value, version }],
  })

  it('insertUser returns undefined for a name that differs from another in letter case, and keeps nothing', async () => {
    await using store = await open()
    await addUser(store.repository, 'ada')
    const message = (id: UserId): Write[] => [{ insert: 'outbox', rows: [outboxRow('m1', id)] }]
    expect(await store.repository.insertUser(userRow('ADA', { email: 'a@b.co' }), message)).toBeUndefined()
    expect(await store.repository.insertUser(userRow('eve', { email: 'ADA@example.com' }), message)).toBeUndefined()
    expect(await store.repository.select('outbox', {})).toEqual([])
    expect(await store.repository.select('users', {})).toHaveLength(1)
  })

  it('exactly one of several callers gets a name, an address, or a name that is changed to', async () => {
    await using store = await open()
    const turns = [0, 1, 2, 3, 4, 5, 6, 7]
    const connection = (turn: number) => (turn % 2 === 0 ? store.repository : store.second)
    const addAll = (user: (turn: number) => ReturnType<typeof userRow>) =>
      Promise.all(turns.map((turn) => connection(turn).insertUser(user(turn), () => [])))
    const one = expect.arrayContaining([expect.any(Number), ...Array(7).fill(undefined)])
    expect(await addAll((turn) => userRow('ada', { email: `${turn}@example.com` }))).toEqual(one)
    expect(await addAll((turn) => userRow(`bob${turn}`, { email: 'bob@example.com' }))).toEqual(one)
    const ids: UserId[] = []
    for (const turn of turns) ids.push(await addUser(store.repository, `cy${turn}`))
    const set = { username: 'Dan', username_key: 'dan' }
    const outcomes = await Promise.all(
      ids.map((id, turn) => connection(turn).commit([{ update: 'users', set, where: { id }, guarded: true }])),
    )
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    const [dan] = await store.repository.findAccounts({ username_keys: ['dan'] })
    expect(dan?.user.id).toBe(ids[outcomes.indexOf(true)])
  })

  it('no person is found by another name that the collation takes for the same', async () => {
    await using store = await open()
    await addUser(store.repository, 'adam')
    const by = { username_keys: ['ådam', 'adam '] }
    expect(await store.repository.findAccounts({ username_keys: ['adam'] })).toHaveLength(1)
    expect(await store.repository.findAccounts(by)).toEqual([])
    expect(await store.repository.findPreferences({ by })).toEqual([])
    expect(await store.repository.findAccounts({ email_keys: ['ådam@example.com'] })).toEqual([])
    expect(await store.repository.insertUser(userRow('ådam', { email: 'a@b.co' }), () => [])).toBeUndefined()
  })

  it('an update to a name that is taken stops the unit', async () => {
    await using store = await open()
    await addUser(store.repository, 'ada')
    const id = await addUser(store.repository, 'bob')
    const set = { username: 'Ada', username_key: 'ada' }
    expect(await store.repository.commit([{ update: 'users', set, where: { id }, guarded: true }])).toBe(false)
    expect(await store.repository.select('users', { username_key: 'bob' })).toHaveLength(1)
  })

  it('findPreferences returns the preferences that were asked for, and counts the others', async () => {
    await using store = await open()
    const { repository } = store
    const [ada, bob] = [await addUser(repository, 'ada'), await addUser(repository, 'bob')]
    const moment = '2024-06-15T12:00:00.000001Z'
    const tag = { user_id: ada, version: 1, created_at: moment, modified_at: moment }
    await repository.commit([
      preference(ada, 'a', '1', 1),
      preference(ada, 'b', '2', 1),
      { put: 'org_tags', rows: ['OrgX', 'OrgY'].map((org) => ({ ...tag, org, key: 'a', value: org })) },
      { put: 'course_tags', rows: [{ user_id: ada, course_id: 'one', key: 'a', value: 'x', version: 1 }] },
    ])
    const request = { keys: ['a'], org: 'OrgX', course_id: 'one' }
    const found = await repository.findPreferences({ by: { ids: [ada, bob] }, ...request })
    const version = expect.any(Number)
    expect(found.find(({ user }) => user.id === ada)).toMatchObject({
      preferences: [{ user_id: ada, key: 'a', value: '1', version }],
      org_tags: [{ ...tag, version, org: 'OrgX', key: 'a', value: 'OrgX' }],
      course_tags: [{ user_id: ada, course_id: 'one', key: 'a', value: 'x', version }],
      preference_count: 2,
    })
    expect(found.find(({ user }) => user.id === bob)).toMatchObject({
      preferences: [],
      org_tags: [],
      course_tags: [],
      preference_count: 0,
    })
  })

  it('put adds version 1 and replaces only the version before, all rows or none', async () => {
    await using store = await open()
    const { repository } = store
    const id = await addUser(repository, 'ada')
    const versions = async () => {
      const rows = await repository.select('preferences', {})
      return Object.fromEntries(rows.map(({ key, version }) => [key, version]))
    }
    const put = (...writes: Write[]) => repository.commit(writes)
    expect(await put(preference(id, 'a', '1', 1), preference(id, 'b', '1', 1))).toBe(true)
    expect(await put(preference(id, 'a', 'again', 1))).toBe(false)
    const { a = 0, b = 0 } = await versions()
    expect(await put(preference(id, 'a', '2', a + 1), preference(id, 'b', null, b + 1))).toBe(true)
    expect(await put(preference(id, 'c', '1', 1), preference(id, 'a', 'late', a + 1))).toBe(false)
    expect(await put(preference(id, 'd', 'early', 2))).toBe(false)
    expect(await put(preference(id, 'b', 'late', b + 1))).toBe(false)
    const stored = await repository.select('preferences', {})
    expect(stored.map(({ key, value }) => [key, value])).toEqual([['a', '2']])
    // A preference that was deleted and set again is another row: a writer that loaded the first one is too late,
    // though the value is the same.
    expect(await put(preference(id, 'b', '1', 1))).toBe(true)
    expect(await put(preference(id, 'b', 'late', b + 1))).toBe(false)
    // Within a unit a version counts on, as on every store.
    const current = (await versions()).a ?? 0
    expect(await put(preference(id, 'a', '3', current + 1), preference(id, 'a', '4', current + 2))).toBe(true)
  })

  it('of several units that put one version exactly one is stored', async () => {
    await using store = await open()
    const id = await addUser(store.repository, 'ada')
    for (const version of [0, 1]) {
      const [row] = await store.repository.select('preferences', { user_id: id })
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? store.repository : store.second).commit([
            preference(id, 'a', `${version} ${index}`, (row?.version ?? 0) + 1),
          ]),
        ),
      )
      expect(outcomes.filter(Boolean)).toHaveLength(1)
      const [stored] = await store.repository.select('preferences', {})
      expect(stored?.value).toBe(`${version} ${outcomes.indexOf(true)}`)
    }
  })

  it('a key that differs from a stored one in letter case alone is refused, not tried again', async () => {
    await using store = await open()
    const id = await addUser(store.repository, 'ada')
    expect(await store.repository.commit([preference(id, 'Key', '1', 1)])).toBe(true)
    const again = store.repository.commit([preference(id, 'key', '2', 1)])
    await expect(again).rejects.toMatchObject({ name: 'StorageError', driver_code: 'ER_DUP_ENTRY' })
    expect(await store.repository.select('preferences', {})).toMatchObject([{ key: 'Key', value: '1' }])
  })
})
