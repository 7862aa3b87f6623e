import assert from 'node:assert/strict'
import type { UserId } from '../../port/tables.ts'
import { notNull, type Where, type Write } from '../../port/write.ts'
import { addUser, outboxRow } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group } from './store.ts'
import { ascending, chosenId, names } from './support.ts'

/** `select`, `pageUsers`, `pageRows` and the conditions that they take. */
export const selection: Group = {
  async 'conditions are values, lists, null and not null, all of which hold; an empty list matches nothing'({
    repository,
  }) {
    const id = await addUser(repository, 'ada', { country: 'IT' })
    const other = await addUser(repository, 'bob')
    const found = async (where: Where<'profiles'>) =>
      ascending((await repository.select('profiles', where)).map((row) => row.user_id))
    assert.deepEqual(await found({}), ascending([id, other]))
    assert.deepEqual(await found({ country: 'IT' }), [id])
    assert.deepEqual(await found({ country: null }), [other])
    assert.deepEqual(await found({ country: notNull }), [id])
    assert.deepEqual(await found({ country: ['IT', 'IT', 'FR'] }), [id])
    assert.deepEqual(await found({ user_id: [id, other] }), ascending([id, other]))
    assert.deepEqual(await found({ user_id: [id, other], country: 'IT', version: 1 }), [id])
    assert.deepEqual(await found({ user_id: [id, other], country: 'IT', version: 2 }), [])
    assert.deepEqual(await found({ user_id: [] }), [])
    assert.deepEqual(await found({ user_id: [id], country: [] }), [])
  },

  async 'columns of every type can be asked for'({ repository }) {
    const [ada, bob] = [await addUser(repository, 'ada'), await addUser(repository, 'bob')]
    const [moment, later] = ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999998Z']
    await repository.commit([
      { update: 'users', set: { is_active: false, last_login: moment }, where: { id: ada } },
      { update: 'users', set: { last_login: later }, where: { id: bob } },
      { update: 'profiles', set: { year_of_birth: -44 }, where: { user_id: ada } },
    ])
    const found = async (where: Where<'users'>) => (await repository.select('users', where)).map((row) => row.id)
    assert.deepEqual(await found({ is_active: false }), [ada])
    assert.deepEqual(await found({ is_active: [true, true] }), [bob])
    assert.deepEqual(await found({ last_login: moment }), [ada])
    assert.deepEqual(await found({ last_login: [later] }), [bob])
    assert.deepEqual(await found({ id: ada }), [ada])
    assert.equal((await repository.select('profiles', { year_of_birth: -44 }))[0]?.user_id, ada)
    assert.equal((await repository.select('profiles', { year_of_birth: [-44, 0] }))[0]?.user_id, ada)
  },

  async 'a condition takes what is null or before a moment, to the microsecond'({ repository }) {
    const [ada, bob, cy] = [
      await addUser(repository, 'ada'),
      await addUser(repository, 'bob'),
      await addUser(repository, 'cy'),
    ]
    const [early, late] = ['2024-06-15T12:00:00.000001Z', '2024-06-15T12:00:00.000002Z']
    await repository.commit([
      { update: 'users', set: { last_login: early }, where: { id: ada } },
      { update: 'users', set: { last_login: late }, where: { id: bob } },
    ])
    const found = async (where: Where<'users'>) =>
      ascending((await repository.select('users', where)).map((row) => row.id))
    assert.deepEqual(await found({ last_login: { before: late } }), ascending([ada, cy]))
    assert.deepEqual(await found({ last_login: { before: early } }), [cy])
    assert.deepEqual(
      await found({ id: [ada, bob], last_login: { before: '2024-06-16T00:00:00.000000Z' } }),
      ascending([ada, bob]),
    )
    for (const id of [ada, bob, cy]) {
      const set = { last_login: late }
      assert.ok(await repository.commit([{ update: 'users', set, where: { id, last_login: { before: late } } }]))
    }
    assert.deepEqual(await found({ last_login: late }), ascending([ada, bob, cy]))
  },

  async 'pageUsers returns each person once, in the order of their ids'({ repository }) {
    const ids: UserId[] = []
    for (const name of names(12)) ids.push(await addUser(repository, name))
    const rows = ids.flatMap((user_id, index) => [
      { user_id, key: 'a', value: index === 4 ? null : 'x', version: 1 },
      { user_id, key: index < 3 ? 'b' : 'c', value: 'x', version: 1 },
    ])
    await repository.commit([{ put: 'preferences', rows }])
    const all = async (where: Where<'preferences'>) => {
      const found: UserId[] = []
      for (;;) {
        const after = found.at(-1)
        const page = await repository.pageUsers('preferences', where, {
          limit: 2,
          ...(after === undefined ? {} : { after }),
        })
        assert.ok(page.length <= 2)
        if (page.length === 0) return found
        found.push(...page)
      }
    }
    assert.deepEqual(await all({}), ascending(ids))
    assert.deepEqual(await all({ key: 'a', value: notNull }), ascending(ids.toSpliced(4, 1)))
    assert.deepEqual(await all({ key: ['b'] }), ascending(ids.slice(0, 3)))
    assert.deepEqual(await all({ key: 'nothing' }), [])
    assert.deepEqual(await repository.pageUsers('profiles', {}, { limit: 100 }), ascending(ids))
  },

  async 'people who come and go between two pages keep no other person from being in one of them, once'({
    repository,
  }) {
    const ids: UserId[] = []
    for (const name of names(6)) ids.push(await addUser(repository, name))
    const [first, second, third, ...rest] = ascending(ids)
    const page = await repository.pageUsers('profiles', {}, { limit: 3 })
    assert.deepEqual(page, [first, second, third])
    await repository.commit([{ delete: 'profiles', where: { user_id: [second, third] as UserId[] } }])
    // An id that is text can sort before those of the others, or between them.
    const late = await addUser(repository, 'late')
    const next = await repository.pageUsers('profiles', {}, { after: third as UserId, limit: 4 })
    assert.deepEqual(
      next.filter((id) => id !== late),
      rest,
    )
  },

  async 'pageRows returns the rows with a value in the column that match, each once, in the order of integers'({
    repository,
  }) {
    const { retirement_receipts: sample } = sampleRows(chosenId(repository, 0), 'ada')
    const rows = [10, 9, null, 100, 1, 2, null, 33].map((sequence, index) => ({
      ...sample,
      id: `r${index}`,
      sequence,
      subject: sequence === 2 ? 'other' : 'this',
    }))
    await repository.commit([{ insert: 'retirement_receipts', rows }])
    const all = async (where: Where<'retirement_receipts'>, by: 'id' | 'sequence', descending = false) => {
      const found: (string | number | null)[] = []
      for (;;) {
        const after = found.at(-1)
        const page = { by, limit: 2, descending, ...(after == null ? {} : { after }) }
        const some = await repository.pageRows('retirement_receipts', where, page)
        assert.ok(some.length <= 2)
        if (some.length === 0) return found
        found.push(...some.map((row) => row[by]))
        assert.ok(found.length <= rows.length, 'a row is in several pages')
      }
    }
    assert.deepEqual(await all({}, 'sequence'), [1, 2, 9, 10, 33, 100])
    assert.deepEqual(await all({ subject: 'this' }, 'sequence'), [1, 9, 10, 33, 100])
    assert.deepEqual(await all({}, 'sequence', true), [100, 33, 10, 9, 2, 1])
    assert.deepEqual((await all({ sequence: null }, 'id')).sort(), ['r2', 'r6'])
    const ids = await all({}, 'id')
    assert.equal(ids.length, rows.length)
    assert.deepEqual(await all({}, 'id', true), ids.toReversed())
    const [first] = await repository.pageRows('retirement_receipts', {}, { by: 'sequence', limit: 1 })
    assert.deepEqual(first, rows[4])
    const after = 'unknown' as unknown as number
    assert.deepEqual(await repository.pageRows('retirement_receipts', {}, { by: 'sequence', after, limit: 9 }), [])
  },

  async 'expiredKeys returns the keys that have expired, up to the limit, those first that expired first'({
    repository,
  }) {
    const { idempotency_keys: row } = sampleRows(chosenId(repository, 0), 'unknown')
    const at = (second: number) => `2024-06-15T12:00:0${second}.000001Z`
    const rows = [4, 2, 5, 3].map((second) => ({ ...row, key_hash: `h${second}`, expires_at: at(second) }))
    await repository.commit([{ insert: 'idempotency_keys', rows }])
    const expired = async (second: number, limit: number) =>
      (await repository.expiredKeys({ now: at(second), limit })).map(({ key_hash }) => key_hash)
    assert.deepEqual(await repository.expiredKeys({ now: at(2), limit: 1 }), [rows[1]])
    assert.deepEqual(await expired(4, 10), ['h2', 'h3', 'h4'])
    assert.deepEqual(await expired(9, 3), ['h2', 'h3', 'h4'])
    assert.deepEqual(await expired(1, 10), [])
  },

  async 'arguments and results are copied'({ repository }) {
    const id = await addUser(repository, 'ada')
    const payload = { list: ['a'] }
    const set = { bio: 'one' }
    await repository.commit([
      { insert: 'outbox', rows: [outboxRow('m1', id, { payload })] },
      { update: 'profiles', set, where: { user_id: id } },
    ])
    payload.list.push('b')
    set.bio = 'two'
    const [read] = await repository.select('outbox', {})
    assert.deepEqual(read?.payload, { list: ['a'] })
    Object.assign(read ?? {}, { payload: 'changed' })
    assert.deepEqual((await repository.select('outbox', {}))[0]?.payload, { list: ['a'] })
    const [account] = await repository.findAccounts({ ids: [id] })
    assert.equal(account?.profile?.bio, 'one')
    Object.assign(account?.profile ?? {}, { bio: 'three' })
    Object.assign(account?.user ?? {}, { email: 'changed' })
    assert.equal((await repository.findAccounts({ ids: [id] }))[0]?.profile?.bio, 'one')
    assert.equal((await repository.select('users', {}))[0]?.email, 'ada@example.com')
    const [leased] = await repository.leaseOutbox({
      now: '2024-06-15T12:00:00.000000Z',
      leased_until: '2024-06-15T12:01:00.000000Z',
      lease: 'one',
      limit: 1,
    })
    Object.assign(leased ?? {}, { payload: 'changed' })
    assert.deepEqual((await repository.select('outbox', {}))[0]?.payload, { list: ['a'] })
  },

  async 'conditions that are of another type than their column match nothing'({ repository }) {
    const id = await addUser(repository, 'ada')
    await repository.commit([{ put: 'preferences', rows: [{ user_id: id, key: '0', value: '0', version: 1 }] }])
    // Databases make numbers of text, drivers make SQL of objects.
    const values = [0, 1, true, false, { key: '0' }, { key: 1 }, new Date(0), new Map(), [['0']], [{}], [0], [true]]
    for (const value of values as unknown as string[]) {
      assert.deepEqual(await repository.select('preferences', { user_id: id, key: value }), [])
      assert.deepEqual(await repository.findAccounts({ username_keys: [value] }), [])
      assert.deepEqual(await repository.findPreferences({ by: { email_keys: [value] } }), [])
      assert.deepEqual(await repository.findClaims({ username_keys: [value], email_keys: [value] }), [])
      assert.deepEqual(await repository.pageUsers('preferences', { key: value }, { limit: 1 }), [])
      const remove: Write = { delete: 'preferences', where: { user_id: id, key: value } }
      assert.equal(await repository.commit([remove]), true)
      assert.equal(await repository.commit([{ ...remove, guarded: true } as Write]), false)
      const set = { value: 'x' }
      assert.equal(await repository.commit([{ update: 'preferences', set, where: { key: value } }]), true)
    }
    for (const value of ['1', true, {}, [['1']], [{}]] as unknown as number[]) {
      assert.deepEqual(await repository.select('preferences', { version: value }), [])
    }
    for (const value of [{}, { id }, true, [[id]], [{}]] as unknown as UserId[]) {
      assert.deepEqual(await repository.select('preferences', { user_id: value }), [])
      assert.deepEqual(await repository.findAccounts({ ids: [value] }), [])
      assert.deepEqual(await repository.findOrgTags({ ids: [value], orgs: ['o'], key: 'k' }), [])
    }
    assert.equal((await repository.select('preferences', { key: '0', value: '0' })).length, 1)
  },

  async 'values that no row can have match nothing'({ repository }) {
    const id = await addUser(repository, 'ada\ufffd')
    const texts = ['ada\0', '\0', 'ada\ud800', '\udc00']
    const numbers = [2 ** 31, -(2 ** 40), Number.MAX_SAFE_INTEGER, 1.5]
    const ids: UserId[] =
      repository.idType === 'integer'
        ? ['ada', '', ' ', '1e3', '0x1', '9223372036854775808', '99999999999999999999', 1e30, -(2 ** 70), 1.5]
        : ['ada\0', 7]
    const none = { username_keys: texts, email_keys: texts }
    assert.deepEqual(await repository.findAccounts({ username_keys: texts }), [])
    assert.deepEqual(await repository.findAccounts({ email_keys: texts }), [])
    assert.deepEqual(await repository.findAccounts({ ids }), [])
    assert.equal((await repository.findAccounts({ ids: [...ids, id] })).length, 1)
    assert.deepEqual(await repository.findPreferences({ by: { ids } }), [])
    assert.deepEqual(await repository.findOrgTags({ ids, orgs: ['o'], key: 'k' }), [])
    assert.deepEqual(await repository.findClaims(none), [])
    await repository.commit([{ put: 'preferences', rows: [{ user_id: id, key: 'a', value: 'x', version: 1 }] }])
    for (const text of texts) {
      const by = { ids: [id] }
      const [found] = await repository.findPreferences({ by, keys: [text], org: text, course_id: text })
      assert.deepEqual([found?.preferences, found?.org_tags, found?.course_tags], [[], [], []])
      const [tagged] = await repository.findOrgTags({ ids: [id], orgs: [text], key: text })
      assert.deepEqual([tagged?.user_id, tagged?.modified_at], [id, null])
      assert.deepEqual(await repository.select('users', { username_key: text }), [])
      assert.deepEqual(await repository.pageUsers('preferences', { key: text }, { limit: 1 }), [])
    }
    for (const version of numbers) assert.deepEqual(await repository.select('profiles', { version }), [])
    assert.deepEqual(await repository.select('profiles', { version: numbers }), [])
    for (const user_id of ids) assert.deepEqual(await repository.select('profiles', { user_id }), [])
    const page = { before: '2024-06-15T12:00:00.000000Z', limit: 1 }
    assert.deepEqual(await repository.pageRetirements({ states: texts, ...page }), [])
    const unguarded = { update: 'profiles', set: { bio: 'x' }, where: { user_id: ids } } as const
    assert.equal(await repository.commit([unguarded, { delete: 'users', where: { username_key: texts } }]), true)
    assert.equal((await repository.select('profiles', { bio: null })).length, 1)
  },

  async 'values that are no scalars match nothing, whatever they convert to'({ repository }) {
    const id = await addUser(repository, 'ada')
    const { preferences, retirements, retirement_states } = sampleRows(id, 'ada')
    await repository.commit([
      { insert: 'preferences', rows: [preferences] },
      { insert: 'retirement_states', rows: [retirement_states] },
      { insert: 'retirements', rows: [retirements] },
    ])
    const turned = (value: unknown) => ({ toString: () => value, valueOf: () => value, toJSON: () => value })
    const lists = (value: unknown) => [[[value]], [turned(value)], [{}], [true]]
    for (const [table, row] of Object.entries({ preferences, retirements, users: { id, username_key: 'ada' } })) {
      for (const [column, value] of Object.entries(row)) {
        if (typeof value === 'boolean' || value === null || typeof value === 'object') continue
        for (const odd of [turned(value), {}, true, ...lists(value)]) {
          assert.deepEqual(await repository.select(table as 'users', { [column]: odd as never }), [], column)
        }
      }
    }
    const page = { before: '9999-12-31T23:59:59.999999Z', limit: 2 }
    const states = [retirements.current_state]
    const created_at = '1970-01-01T00:00:00.000000Z'
    for (const odd of [turned(0), [0], {}, true] as never[]) {
      assert.deepEqual(await repository.expiredKeys({ now: odd, limit: 2 }), [])
      assert.deepEqual(await repository.findAccounts({ ids: [odd] }), [])
      assert.deepEqual(await repository.findAccounts({ username_keys: [odd] }), [])
      assert.deepEqual(await repository.findClaims({ username_keys: [odd], email_keys: [odd] }), [])
      assert.deepEqual(await repository.pageUsers('preferences', {}, { after: odd, limit: 2 }), [])
      assert.deepEqual(await repository.pageRetirements({ ...page, states: [odd] }), [])
      assert.deepEqual(await repository.pageRetirements({ ...page, states, from: odd }), [])
      assert.deepEqual(await repository.pageRetirements({ ...page, states, after: { created_at, user_id: odd } }), [])
      const where = { user_id: id, key: odd }
      assert.equal(await repository.commit([{ delete: 'preferences', where }]), true)
      assert.equal(await repository.commit([{ delete: 'preferences', where, guarded: true }]), false)
    }
    assert.equal((await repository.select('preferences', {})).length, 1)
  },

  async 'every table can be read, and paged by person where its rows have one'({ repository }) {
    const ada = await addUser(repository, 'ada')
    const { users: _, profiles: __, ...others } = sampleRows(ada, 'ada')
    const { retirement_states, ...parts } = others
    const writes = Object.entries({ retirement_states, ...parts }).map(([table, row]) => ({
      insert: table as 'profiles',
      rows: [row as never],
    }))
    assert.equal(await repository.commit(writes), true)
    for (const [table, row] of Object.entries(others)) {
      assert.deepEqual(await repository.select(table as 'profiles', {}), [row], table)
      if (!('user_id' in row)) continue
      assert.deepEqual(await repository.pageUsers(table as 'profiles', { user_id: ada }, { limit: 2 }), [ada], table)
    }
  },
}
