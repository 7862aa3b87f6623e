import assert from 'node:assert/strict'
import type { PreferenceSelector } from '../../port/repository.ts'
import { addUser } from '../rows.ts'
import { addRetired, retirementsOf } from './retired-people.ts'
import { sampleRows } from './sample-rows.ts'
import type { Group } from './store.ts'
import { commitAtLast } from './support.ts'

/** `findPreferences`. */
export const preferences: Group = {
  async 'the preferences that were asked for are there, deleted rows included, and the others are counted'({
    repository,
  }) {
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
    const find = async (request: Omit<PreferenceSelector, 'by'>, usernames: readonly string[]) => {
      const records = await repository.findPreferences({ by: { username_keys: usernames }, ...request })
      return records.map(({ user, preferences, ...record }) => ({
        id: user.id,
        preferences: preferences.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
        ...record,
      }))
    }
    assert.deepEqual(await find({}, ['ada', 'unknown']), [
      {
        id: ada,
        preferences: [preference('a', '1'), preference('b', null), preference('c', '3')],
        org_tags: [],
        course_tags: [],
        preference_count: 2,
        retirement: 'none',
        deactivations: [],
      },
    ])
    const some = await find({ keys: ['a', 'b', 'a'], org: 'OrgX', course_id: 'two' }, ['bob', 'ada'])
    const none = {
      preferences: [],
      org_tags: [],
      course_tags: [],
      preference_count: 0,
      retirement: 'none',
      deactivations: [],
    }
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
        retirement: 'none',
        deactivations: [],
      },
    )
    assert.deepEqual(await find({ keys: [], org: 'OrgX' }, ['ada']), [{ id: ada, ...none, preference_count: 2 }])
    assert.deepEqual(await find({ keys: ['c'], counted: true }, ['ada']), [
      { id: ada, ...none, preferences: [preference('c', '3')], preference_count: 2 },
    ])
    for (const keys of [undefined, ['c']]) {
      const [uncounted] = await find({ ...(keys && { keys }), counted: false }, ['ada'])
      assert.equal(uncounted?.preference_count, 0)
      assert.ok(uncounted.preferences.some(({ key }) => key === 'c'))
    }
    assert.deepEqual(await find({}, []), [])
  },

  async 'each comes with its retirement: none, one that was asked for, one that has left its first state'({
    repository,
  }) {
    const retired = await addRetired(repository)
    const found = await repository.findPreferences({ by: { ids: [...retired.keys()] } })
    assert.deepEqual(retirementsOf(found), retired)
  },

  async 'deactivations that have not ended are there where they are asked for'({ repository }) {
    const ids = await Promise.all(['ada', 'bob'].map((name) => addUser(repository, name)))
    const rows = ids.flatMap((user_id, index) => {
      const { deactivations } = sampleRows(user_id, 'x')
      const ended_at = deactivations.deactivated_at
      return [
        { ...deactivations, ended_at, end_reason: 'a' },
        { ...deactivations, sequence: 2, ended_at: index === 0 ? null : ended_at },
      ]
    })
    await repository.commit([{ insert: 'deactivations', rows }])
    const find = (more: Omit<PreferenceSelector, 'by'>) => repository.findPreferences({ by: { ids }, ...more })
    for (const { user, deactivations } of await find({ keys: [], deactivations: true }))
      assert.deepEqual(deactivations, user.username === 'ada' ? [rows[1]] : [])
    for (const { deactivations } of await find({})) assert.deepEqual(deactivations, [])
  },

  async 'people are found by name, by address and by id'({ repository }) {
    const id = await addUser(repository, 'ada')
    await addUser(repository, 'bob')
    for (const by of [{ ids: [id, id] }, { username_keys: ['ada'] }, { email_keys: ['ada@example.com'] }]) {
      const found = await repository.findPreferences({ by })
      assert.deepEqual(
        found.map(({ user }) => user.username),
        ['ada'],
      )
    }
  },

  async 'keys, organisations and courses are told apart letter by letter'({ repository }) {
    const user_id = await addUser(repository, 'ada')
    const moment = '2024-06-15T12:00:00.000000Z'
    const tag = { user_id, key: 'k', value: 'x', version: 1 }
    await repository.commit([
      { put: 'preferences', rows: [tag] },
      { put: 'org_tags', rows: [{ ...tag, org: 'OrgX', created_at: moment, modified_at: moment }] },
      { put: 'course_tags', rows: [{ ...tag, course_id: 'one' }] },
    ])
    const by = { username_keys: ['ada'] }
    const [key] = await repository.findPreferences({ by, keys: ['K', 'k '], org: 'OrgX', course_id: 'one' })
    assert.deepEqual([key?.preferences, key?.org_tags, key?.course_tags], [[], [], []])
    const [place] = await repository.findPreferences({ by, org: 'orgx', course_id: 'one ' })
    assert.deepEqual([place?.preferences.length, place?.org_tags, place?.course_tags], [1, [], []])
  },

  async 'everything of one person is of one moment'({ repository, second = repository }) {
    const user_id = await addUser(second, 'ada')
    const next = (rows: readonly { readonly key: string; readonly version: number }[], key: string) =>
      (rows.find((row) => row.key === key)?.version ?? 0) + 1
    const unitOf = async (turn: number) => {
      const stored = await second.select('preferences', { user_id })
      const tags = await second.select('course_tags', { user_id })
      const row = (key: string) => ({ user_id, key, value: String(turn), version: next(stored, key) })
      const tag = { ...row('a'), course_id: 'one', version: next(tags, 'a') }
      return [{ put: 'preferences', rows: [row('a'), row('b')] } as const, { put: 'course_tags', rows: [tag] } as const]
    }
    let isWriting = true
    const write = async () => {
      try {
        for (let turn = 1; turn <= 30; turn++) await commitAtLast(second, () => unitOf(turn))
      } finally {
        isWriting = false
      }
    }
    const read = async () => {
      while (isWriting) {
        const [record] = await repository.findPreferences({ by: { ids: [user_id] }, course_id: 'one' })
        const values = [...(record?.preferences ?? []), ...(record?.course_tags ?? [])].map(({ value }) => value)
        assert.ok(new Set(values).size <= 1 && (values.length === 0 || values.length === 3), String(values))
        await new Promise(setImmediate)
      }
    }
    await Promise.all([write(), read()])
  },
}
