import assert from 'node:assert/strict'
import type { AccountFilter, AccountOrder, AccountPage, AccountPlace } from '../../port/account-page.ts'
import type { Repository } from '../../port/repository.ts'
import type { ProfileRow, UserId, UserRow } from '../../port/tables.ts'
import { profileRow, userRow } from '../rows.ts'
import { addRetired } from './retired-people.ts'
import type { Group } from './store.ts'

interface Listed {
  readonly user?: Partial<UserRow>
  readonly profile?: Partial<ProfileRow>
  /** Search values beside that of their name, by field. */
  readonly values?: Readonly<Record<string, string>>
}

/** Stores people with names by which lists find them. */
async function addPeople(
  repository: Repository,
  people: Readonly<Record<string, Listed>>,
): Promise<Map<UserId, string>> {
  const names = new Map<UserId, string>()
  for (const [username, { user, profile, values }] of Object.entries(people)) {
    const { name = '' } = profile ?? {}
    const id = await repository.insertUser(userRow(username, user), (user_id) => [
      { insert: 'profiles', rows: [profileRow(user_id, profile)] },
      {
        insert: 'search_values',
        rows: Object.entries({ name, ...values }).map(([field, value]) => ({ user_id, field, value })),
      },
    ])
    assert.ok(id !== undefined)
    names.set(id, username)
  }
  return names
}

/** Returns the places of every page, one after the other. */
async function everyPlace(repository: Repository, page: AccountPage): Promise<AccountPlace[]> {
  const places: AccountPlace[] = []
  for (;;) {
    const after = places.at(-1)
    const next = await repository.pageAccounts({ ...page, ...(after === undefined ? {} : { after }) })
    assert.ok(next.length <= page.limit)
    if (next.length === 0) return places
    places.push(...next)
    assert.ok(places.length < 1000, 'a person is in several pages')
  }
}

const orders: readonly AccountOrder[] = ['id', 'username', 'email', 'name', 'date_joined']
const day = (of: number) => `2024-06-${String(of).padStart(2, '0')}T12:00:00.000000Z`

/** `pageAccounts`. */
export const accountLists: Group = {
  async 'people are found by the beginnings of their names, in which no character stands for others'({ repository }) {
    const names = await addPeople(repository, {
      ada: { profile: { name: 'ada lovelace' } },
      adam: { profile: { name: 'adam smith' } },
      a_a: { profile: { name: 'a_a' } },
      'a%a': { profile: { name: 'a%a' } },
      'a|a': { profile: { name: 'a|a' } },
      'a\\a': { profile: { name: 'a\\a' } },
      adb: { profile: { name: 'smith' } },
      bob: { profile: { name: 'bob ad' } },
    })
    const found = async (where: AccountFilter, order: AccountOrder) => {
      const places = await repository.pageAccounts({ where, order, limit: 100 })
      const found = places.map(({ id }) => names.get(id))
      // Ids of text are in no order that is known here.
      return order === 'id' ? found.sort() : found
    }
    for (const order of ['username', 'id'] as const) {
      assert.deepEqual(await found({ username: 'ad' }, order), ['ada', 'adam', 'adb'])
      assert.deepEqual(await found({ username: 'ada' }, order), ['ada', 'adam'])
      for (const name of ['a_', 'a%', 'a|', 'a\\']) {
        assert.deepEqual(await found({ username: name }, order), [`${name}a`])
        assert.deepEqual(await found({ email: name }, order), [`${name}a`])
        assert.deepEqual(await found({ name }, order), [`${name}a`])
      }
      assert.deepEqual(await found({ username: 'adam@' }, order), [])
      assert.deepEqual(await found({ email: 'adam@example.c' }, order), ['adam'])
      assert.deepEqual(await found({ name: 'ada ' }, order), ['ada'])
      assert.deepEqual(await found({ name: 'unknown' }, order), [])
      assert.deepEqual(await found({ username: 'ad', email: 'ada', name: 'adam' }, order), ['adam'])
    }
    assert.deepEqual(await found({ email: 'ad' }, 'email'), ['ada', 'adam', 'adb'])
    assert.deepEqual(await found({ name: 'ad' }, 'name'), ['ada', 'adam'])
    assert.deepEqual(await found({ name: 'b' }, 'username'), ['bob'])
  },

  async 'every condition has to be met'({ repository }) {
    const value = (field: string, value: string) => ({ field, value })
    const names = await addPeople(repository, {
      ada: { user: { date_joined: day(1) }, profile: { country: 'IT' }, values: { team: '"red"', floor: '1' } },
      bob: { user: { date_joined: day(2), is_active: false }, profile: { country: 'IT' }, values: { team: '"blue"' } },
      cy: { user: { date_joined: day(3) }, profile: { country: 'FR' }, values: { team: '"red"', floor: '2' } },
      di: { user: { date_joined: day(4), is_active: false } },
    })
    const found = async (where: AccountFilter) => {
      const lists = []
      for (const order of orders) lists.push(await repository.pageAccounts({ where, order, limit: 100 }))
      const [first, ...others] = lists.map((places) => places.map(({ id }) => names.get(id)).sort())
      for (const other of others) assert.deepEqual(other, first)
      return first
    }
    assert.deepEqual(await found({}), ['ada', 'bob', 'cy', 'di'])
    assert.deepEqual(await found({ is_active: true }), ['ada', 'cy'])
    assert.deepEqual(await found({ is_active: false }), ['bob', 'di'])
    assert.deepEqual(await found({ country: 'IT' }), ['ada', 'bob'])
    assert.deepEqual(await found({ country: 'IT', is_active: true }), ['ada'])
    assert.deepEqual(await found({ joined_from: day(2) }), ['bob', 'cy', 'di'])
    assert.deepEqual(await found({ joined_before: day(2) }), ['ada'])
    assert.deepEqual(await found({ joined_from: day(2), joined_before: day(4) }), ['bob', 'cy'])
    assert.deepEqual(await found({ values: [value('team', '"red"')] }), ['ada', 'cy'])
    assert.deepEqual(await found({ values: [value('team', '"RED"')] }), [])
    assert.deepEqual(await found({ values: [value('floor', '"red"')] }), [])
    assert.deepEqual(await found({ values: [value('team', '"red"'), value('floor', '2')] }), ['cy'])
    assert.deepEqual(await found({ values: [value('team', '"red"')], country: 'IT', joined_before: day(2) }), ['ada'])
    assert.deepEqual(await found({ values: [] }), ['ada', 'bob', 'cy', 'di'])
  },

  async 'pages hold each person once in every order, also those of one value'({ repository }) {
    const people = Array.from({ length: 9 }, (_, index): [string, Listed] => [
      `user${(index * 5) % 9}`,
      {
        user: { date_joined: day(1 + (index % 2)), is_active: index !== 4 },
        profile: { name: `name ${index % 3}`, country: 'IT' },
        values: { team: 'red' },
      },
    ])
    const names = await addPeople(repository, Object.fromEntries(people))
    const wheres: readonly AccountFilter[] = [
      {},
      { is_active: true },
      { country: 'IT' },
      { values: [{ field: 'team', value: 'red' }] },
      { username: 'user', email: 'user', name: 'name' },
      { joined_from: day(1), joined_before: day(3) },
    ]
    for (const order of orders) {
      const all = await everyPlace(repository, { where: {}, order, limit: 100 })
      assert.equal(new Set(all.map(({ id }) => id)).size, names.size)
      const values = all.map(({ value }) => value)
      if (order === 'id') assert.deepEqual(new Set(values), new Set(['']))
      else assert.deepEqual(values, values.toSorted())
      for (const where of wheres) {
        const isWanted = ({ id }: AccountPlace) => where.is_active === undefined || names.get(id) !== people[4]?.[0]
        const wanted = all.filter(isWanted)
        for (const descending of [false, true]) {
          const expected = descending ? wanted.toReversed() : wanted
          for (const limit of [2, 3, 100]) {
            assert.deepEqual(await everyPlace(repository, { where, order, descending, limit }), expected)
          }
        }
      }
    }
  },

  async 'people of whom there is no name are in the lists that are not ordered by it'({ repository }) {
    const id = await repository.insertUser(userRow('ada'), () => [])
    const found = async (order: AccountOrder) => {
      return (await repository.pageAccounts({ where: {}, order, limit: 2 })).map((place) => place.id)
    }
    for (const order of orders) assert.deepEqual(await found(order), order === 'name' ? [] : [id])
  },

  async 'those whose retirement has begun are left out; those who have only asked for it are not'({ repository }) {
    const retirements = await addRetired(repository)
    const listed = [...retirements].flatMap(([id, retirement]) => (retirement === 'sealed' ? [] : [id]))
    const rows = [...retirements.keys()].map((user_id) => ({ user_id, field: 'team', value: 'red' }))
    assert.equal(await repository.commit([{ insert: 'search_values', rows }]), true)
    for (const where of [{}, { is_active: true }, { values: [{ field: 'team', value: 'red' }] }]) {
      const places = await repository.pageAccounts({ where, order: 'id', limit: 9 })
      assert.deepEqual(new Set(places.map(({ id }) => id)), new Set(listed))
    }
    for (const username of ['cy', 'dora']) {
      assert.deepEqual(await repository.pageAccounts({ where: { username }, order: 'username', limit: 9 }), [])
    }
  },

  async 'values that no row can have find no people'({ repository }) {
    const names = await addPeople(repository, { ada: { profile: { country: 'IT' }, values: { team: 'red' } } })
    const [id] = names.keys()
    assert.ok(id !== undefined)
    const found = async (where: AccountFilter, after?: AccountPlace) =>
      repository.pageAccounts({ where, order: 'username', limit: 9, ...(after === undefined ? {} : { after }) })
    assert.equal((await found({})).length, 1)
    for (const odd of ['a\u0000', 'a\ud800', {}, [], ['a'], 1, true] as never[]) {
      assert.deepEqual(await found({ username: odd }), [])
      assert.deepEqual(await found({ email: odd }), [])
      assert.deepEqual(await found({ name: odd }), [])
      assert.deepEqual(await found({ country: odd }), [])
      assert.deepEqual(await found({ values: [{ field: odd, value: 'red' }] }), [])
      assert.deepEqual(await found({ values: [{ field: 'team', value: odd }] }), [])
    }
    for (const odd of [{}, [id], true] as never[]) assert.deepEqual(await found({}, { id: odd, value: '' }), [])
    assert.deepEqual(await found({ username: '\u{10ffff}' }), [])
  },
}
