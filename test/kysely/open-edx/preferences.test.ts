import { sql } from 'kysely'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { createUserCore } from '../../../src/create-user-core.ts'
import { system } from '../../../src/site/actor.ts'
import { definePreferences } from '../../../src/site/define-preferences.ts'
import { onSite, seeded } from './site.ts'

const ada = { username: 'Ada' }
const bob = { username: 'bob' }
const staff = { username: 'cy', staff: true }

onSite('preferences and tags of an Open edX database', (site) => {
  const stored = async (table: string) =>
    Object.fromEntries(
      (await site().rows(table)).map(({ id, user_id, ...row }) => [`${user_id} ${row.key}`, row.value]),
    )

  it('are read as they are stored', async () => {
    const users = site().users()
    expect(await users.preferences.getAll(ada, ada)).toEqual({
      'pref-lang': 'it',
      account_privacy: 'custom',
      'visibility.bio': 'all_users',
      time_zone: 'Europe/Rome',
      'test key': '',
    })
    expect(await users.emailOptIns.get(ada, 'ada', 'OrgX')).toBe(true)
    expect(await users.emailOptIns.get(ada, 'ada', 'OrgY')).toBe(false)
    expect(await users.emailOptIns.get(ada, 'ada', 'OrgZ')).toBeNull()
    expect(await users.courseTags.getAll(ada, 'ada', 'course-v1:OrgX+C+R')).toEqual({
      'xblock.partition_service.partition_7': '1',
    })
    const { items } = await users.preferences.usersByKey(staff, 'account_privacy')
    expect(items.map(({ id, username }) => [id, username])).toEqual([
      [4, 'Ada'],
      [5, 'bob'],
    ])
  })

  it('are written in the form of the original, and deleted ones leave no row', async () => {
    const ids = new Map((await site().rows('user_api_userpreference')).map(({ key, id }) => [key, id]))
    await site().users().preferences.update(ada, 'ada', {
      'pref-lang': 'en',
      time_zone: null,
      'visibility.bio': null,
      theme: true,
      'test key': 'x',
    })
    expect(await stored('user_api_userpreference')).toEqual({
      '4 pref-lang': 'en',
      '4 account_privacy': 'custom',
      '4 theme': 'True',
      '4 test key': 'x',
      '5 account_privacy': 'private',
    })
    // A change keeps the row.
    const [changed] = await site().repository.select('preferences', { user_id: 4, key: 'pref-lang' })
    expect(changed?.value).toBe('en')
    expect((await site().rows('user_api_userpreference')).find(({ key }) => key === 'pref-lang')?.id).toBe(
      ids.get('pref-lang'),
    )
  })

  it('are returned as they were set where the site declares them, and are in events in the form of the original', async () => {
    const anything = { schema: z.any(), default: null, scopes: ['org', 'course'] as const }
    const preferences = definePreferences({ one: anything, two: anything, three: anything })
    const users = createUserCore({ repository: site().repository, preferences, settings: seeded })
    const values = [
      ...['5', 'True', 'true', '{}', '"5"', '"a"', 'dark'],
      ...[5, 1.5, true, false, { a: [1, null, '5'] }, [], {}],
    ]
    for (const place of [{}, { org: 'OrgX' }, { courseId: 'course-v1:OrgX+C+R' }]) {
      for (const value of values) {
        await users.preferences.update(ada, 'ada', { one: value, two: [value], three: JSON.stringify(value) }, place)
        const { one, two, three } = await users.preferences.resolve(ada, 'ada', ['one', 'two', 'three'], place)
        expect([one.value, two.value, three.value]).toEqual([value, [value], JSON.stringify(value)])
      }
    }
    await users.preferences.update(ada, 'ada', { one: '5', two: 5 })
    expect(await users.preferences.getAll(ada, ada)).toMatchObject({ one: '5', two: '5' })
    expect(await stored('user_api_userpreference')).toMatchObject({ '4 one': '"5"', '4 two': '5' })
  })

  it('change by hundreds in one call', async () => {
    const users = site().users()
    const patch = (value: (index: number) => string | null) =>
      Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`key${index}`, value(index)]))
    await users.preferences.update(bob, 'bob', patch(String))
    await users.preferences.update(bob, 'bob', {
      ...patch((index) => (index % 2 === 0 ? null : `new ${index}`)),
      last: 'x',
    })
    const values = await users.preferences.getAll(bob, bob)
    expect(Object.keys(values)).toHaveLength(302)
    expect(values).toMatchObject({ key1: 'new 1', key599: 'new 599', last: 'x' })
  })

  it('keep opt-ins as text, with the moment of the choice', async () => {
    const users = site().users()
    await users.emailOptIns.set(ada, 'ada', { org: 'OrgX', optIn: false })
    await users.emailOptIns.set(ada, 'ada', { org: 'OrgZ', optIn: true })
    const rows = await sql<Record<string, unknown>>`
      select org, value, cast(created as char) as created, cast(modified as char) as modified
      from user_api_userorgtag order by id`.execute(site().original)
    const now = '2024-06-15 12:00:00.123000'
    expect(rows.rows).toEqual([
      { org: 'OrgX', value: 'False', created: '2022-01-01 00:00:00.000001', modified: now },
      { org: 'OrgY', value: 'False', created: '2022-01-01 00:00:00.000001', modified: '2022-02-02 00:00:00.000002' },
      { org: 'OrgZ', value: 'True', created: now, modified: now },
    ])
    const result = await users.emailOptIns.optOutMany(staff, [
      { whom: { id: 4 }, org: 'OrgZ' },
      { whom: { id: 5 }, org: 'OrgX' },
      { whom: { id: 99 }, org: 'OrgX' },
    ])
    expect(result).toEqual({ optedOut: 2, unchanged: 0, unknown: 1 })
  })

  it('keep course tags and groups of partitions', async () => {
    const users = site().users()
    const course = 'course-v1:OrgX+C+R'
    const partition = (id: number) => ({ id, name: 'p', scheme: 'random', groups: [{ id: 1, name: 'a' }] })
    await users.courseTags.set(system, 'ada', course, 'seen', 'yes')
    await users.courseTags.set(system, 'ada', course, 'seen', 'no')
    expect(await users.partitions.assign(ada, 'ada', course, partition(7), { assign: false })).toEqual({ groupId: 1 })
    expect(await users.partitions.assign(system, 'ada', course, partition(8))).toEqual({ groupId: 1 })
    expect(await stored('user_api_usercoursetag')).toEqual({
      '4 xblock.partition_service.partition_7': '1',
      '4 seen': 'no',
      '4 xblock.partition_service.partition_8': '1',
    })
  })

  it('cannot have two keys that are one to the collation', async () => {
    const { preferences } = site().users()
    await preferences.update(ada, 'ada', { theme: 'dark' })
    await expect(preferences.update(ada, 'ada', { Theme: 'light' })).rejects.toMatchObject({
      code: 'preference_update_error',
      params: { driver_code: 'ER_DUP_ENTRY' },
    })
    expect(await stored('user_api_userpreference')).toMatchObject({ '4 theme': 'dark' })
  })
})
