import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { createUserCore } from '../../src/create-user-core.ts'
import { type Repository, StorageError } from '../../src/port/repository.ts'
import { preferenceText } from '../../src/preferences/preference-value.ts'
import { type Actor, anonymous, system } from '../../src/site/actor.ts'
import { definePreferences } from '../../src/site/define-preferences.ts'
import { addUser } from '../../src/testing/rows.ts'
import { drain, withPeople } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'
import { anyValue } from './any-value.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }
const staff = { username: 'eve', staff: true }

onEachStore('preferences', (open) => {
  it('are read by their holder and staff, written by their holder, and do not tell other people which accounts exist', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.preferences.update(ada, 'ada', { theme: 'dark' })
    for (const actor of [ada, staff, system])
      expect(await users.preferences.getAll(actor, 'ada')).toEqual({ theme: 'dark' })
    const calls = (actor: Actor, name: string) => [
      users.preferences.get(actor, name, 'theme'),
      users.preferences.getAll(actor, name),
      users.preferences.set(actor, name, 'theme', 'x'),
      users.preferences.update(actor, name, { theme: 'x' }),
      users.preferences.delete(actor, name, 'theme'),
      users.preferences.resolve(actor, name, ['theme']),
    ]
    const codes = async (actor: Actor, name: string) =>
      (await Promise.allSettled(calls(actor, name))).map((outcome) =>
        outcome.status === 'rejected' ? outcome.reason.code : 'ok',
      )
    for (const actor of [bob, { username: 'bob', superuser: true }]) {
      for (const name of ['ada', 'unknown', ''])
        expect(new Set(await codes(actor, name))).toEqual(new Set(['not_authorized']))
    }
    expect(await codes(staff, 'unknown')).toEqual([
      'user_not_found',
      'user_not_found',
      'not_authorized',
      'not_authorized',
      'not_authorized',
      'user_not_found',
    ])
    expect(new Set(await codes(anonymous, 'ada'))).toEqual(new Set(['not_authenticated']))
    expect(await codes({ username: 'unknown' }, 'unknown')).toEqual(Array(6).fill('user_not_found'))
    expect(await users.preferences.getAll(ada, ada)).toEqual({ theme: 'dark' })
  })

  it('are set, changed and deleted, and events tell the actual changes', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings: { event_value_fields: ['answer', 'flag', 'list'] } })
    await users.preferences.set(ada, ada, 'answer', 42)
    await users.preferences.update(ada, ada, { flag: true, list: [1, 'a', null], answer: 42 })
    expect(await users.preferences.getAll(ada, ada)).toEqual({ answer: '42', flag: 'True', list: '[1,"a",null]' })
    expect(await users.preferences.delete(ada, ada, 'flag')).toBe(true)
    expect(await users.preferences.delete(ada, ada, 'flag')).toBe(false)
    expect(await users.preferences.get(ada, ada, 'flag')).toBeNull()
    const told = (await drain(users)).map(({ name, payload }) => [name, payload.changes])
    expect(told).toEqual([
      ['preferences.changed', [{ setting: 'answer', old: null, new: '42' }]],
      [
        'preferences.changed',
        [
          { setting: 'flag', old: null, new: 'True' },
          { setting: 'list', old: null, new: '[1,"a",null]' },
        ],
      ],
      ['preferences.changed', [{ setting: 'flag', old: 'True', new: null }]],
    ])
  })

  it('are in events under keys that the site knows, with values of the keys that it lists', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, {
      settings: { event_value_fields: ['listed', 'account_privacy'], extended_profile_fields: ['motto'] },
      preferences: definePreferences({ theme: { schema: z.string(), default: 'light' } }),
      extendedProfile: { team: z.string() },
    })
    await drain(users)
    const told = async () => (await drain(users)).flatMap(({ payload }) => payload.changes as readonly unknown[])
    await users.preferences.update(ada, ada, {
      listed: 'told',
      account_privacy: 'custom',
      theme: 'secret-1',
      time_zone: 'Europe/Rome',
      'visibility.bio': 'private',
      'visibility.extended_profile.motto': 'private',
      'visibility.extended_profile.team': 'private',
    })
    expect(await told()).toEqual([
      { setting: 'listed', old: null, new: 'told' },
      { setting: 'account_privacy', old: null, new: 'custom' },
      ...['theme', 'time_zone', 'visibility.bio', 'visibility.extended_profile.motto'].map((setting) => ({
        setting,
        redacted: true,
      })),
      { setting: 'visibility.extended_profile.team', redacted: true },
    ])
    const madeUp = ['secret-2', 'visibility.secret-3', 'visibility.extended_profile.secret-4', 'constructor-secret']
    const values = { 'secret-2': 'secret', 'constructor-secret': 5 }
    await users.preferences.update(ada, ada, {
      ...Object.fromEntries(madeUp.map((key) => [key, 'private'])),
      ...values,
    })
    await users.preferences.update(ada, ada, Object.fromEntries(madeUp.map((key) => [key, null])))
    expect(await told()).toEqual(Array(8).fill({ setting: 'preferences', redacted: true }))
    await users.accounts.update(ada, 'ada', { extended_profile: { 'secret-5': 'secret' } })
    expect(JSON.stringify(await drain(users))).not.toMatch(/secret/)
  })

  it('refuse a patch that is no object or is empty', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const patch of [{}, [], 'x', 5, null, { a: undefined }]) {
      await expect(users.preferences.update(ada, 'ada', patch as never)).rejects.toMatchObject({ code: 'bad_request' })
    }
    for (const value of [null, undefined, '', ' ']) {
      const set = users.preferences.set(ada, 'ada', 'key', value as never)
      await expect(set).rejects.toMatchObject({
        code: 'preference_validation_error',
        field_errors: { key: { code: 'required' } },
      })
    }
    expect(await users.preferences.getAll(ada, ada)).toEqual({})
  })

  it('are absent under names that every object has', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const names = ['constructor', 'toString', '__proto__'] as const
    for (const name of names) expect(await users.preferences.get(ada, 'ada', name)).toBeNull()
    const resolved = await users.preferences.resolve(ada, 'ada', names, { org: 'OrgX', courseId: 'c' })
    for (const name of names)
      expect(Object.getOwnPropertyDescriptor(resolved, name)?.value).toEqual({ value: null, source: 'default' })
    expect(await users.preferences.getMany(staff, ['ada'], names)).toEqual(new Map([['ada', {}]]))
  })

  it('store the patches of the stock clients, also two at once', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    // The profile page sends ten keys in one patch at its first visit.
    const pageLoad = {
      account_privacy: 'custom',
      'visibility.name': 'all_users',
      'visibility.bio': 'all_users',
      'visibility.course_certificates': 'all_users',
      'visibility.country': 'all_users',
      'visibility.date_joined': 'all_users',
      'visibility.level_of_education': 'all_users',
      'visibility.language_proficiencies': 'all_users',
      'visibility.social_links': 'all_users',
      'visibility.time_zone': 'all_users',
    }
    await one.preferences.update(ada, 'ada', pageLoad)
    expect(await one.accounts.get(bob, 'ada')).toHaveProperty('name', 'ada example')
    // The account page saves fields in parallel: a time zone, a language, a country, a visibility.
    await Promise.all([
      one.preferences.update(ada, 'ada', { time_zone: 'Europe/Rome' }),
      two.preferences.update(ada, 'ada', { 'pref-lang': 'es-419' }),
      one.accounts.update(ada, 'ada', { country: 'ES' }),
      two.preferences.update(ada, 'ada', { 'visibility.bio': 'private', account_privacy: 'custom' }),
    ])
    expect(await one.preferences.getAll(ada, ada)).toEqual({
      ...pageLoad,
      'visibility.bio': 'private',
      time_zone: 'Europe/Rome',
      'pref-lang': 'es-419',
    })
    expect((await one.accounts.get(ada, ada)).country).toBe('ES')
    // The account page resets the zone.
    await one.preferences.update(ada, 'ada', { time_zone: null })
    expect(await one.preferences.get(ada, 'ada', 'time_zone')).toBeNull()
  })

  it('keep the changes of parallel writers of different keys, and tell each change of one key once', async () => {
    await using store = await open()
    const settings = { event_value_fields: ['shared'] }
    const one = await withPeople(store.repository, { settings })
    const two = createUserCore({ repository: store.second, settings })
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? one : two).preferences.update(ada, 'ada', {
          [`key${index}`]: `${index}`,
          shared: `${index}`,
        }),
      ),
    )
    const values = await one.preferences.getAll(ada, ada)
    expect(Object.keys(values)).toHaveLength(41)
    const changes = (await drain(one))
      .flatMap((message) => message.payload.changes as { setting: string; old: string | null; new: string }[])
      .filter((change) => change.setting === 'shared')
    // Each change starts from the value that another one stored: together they are one chain.
    expect(changes).toHaveLength(40)
    expect(new Set(changes.map((change) => change.old)).size).toBe(40)
    expect(changes.find((change) => !changes.some((next) => next.old === change.new))?.new).toBe(values.shared)
  })

  it('share one stored privacy with the account', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    await one.accounts.update(ada, 'ada', { account_privacy: 'private' })
    expect(await one.preferences.get(ada, 'ada', 'account_privacy')).toBe('private')
    await Promise.all([
      one.accounts.update(ada, 'ada', { account_privacy: 'custom' }),
      two.preferences.update(ada, 'ada', { account_privacy: 'all_users' }),
    ])
    const stored = await one.preferences.get(ada, 'ada', 'account_privacy')
    expect((await one.accounts.get(ada, ada)).account_privacy).toBe(stored)
    const settings = (await drain(one)).flatMap(
      ({ payload }) => (payload.changes as { setting: string }[] | undefined) ?? [],
    )
    expect(settings.filter(({ setting }) => setting === 'account_privacy')).toHaveLength(3)
  })

  it('are the result of all patches by RFC 7396', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const key = fc.constantFrom('a', 'b', 'c', 'd')
    const patch = fc.dictionary(key, fc.option(fc.constantFrom('1', '2', '3')), { minKeys: 1 })
    let expected: Record<string, string> = {}
    await fc.assert(
      fc.asyncProperty(patch, async (given) => {
        await users.preferences.update(ada, 'ada', given as Record<string, string | null>)
        expected = Object.fromEntries(
          Object.entries({ ...expected, ...given }).filter((entry): entry is [string, string] => entry[1] !== null),
        )
        expect(await users.preferences.getAll(ada, ada)).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  it('report failing storage as preference_update_error', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const repository: Repository = {
      ...store.repository,
      commit: async () => Promise.reject(new StorageError('x', 'SQLITE_FULL')),
    }
    const users = createUserCore({ repository })
    for (const call of [
      () => users.preferences.set(ada, ada, 'a', 'b'),
      () => users.preferences.update(ada, ada, { a: 'b' }),
    ]) {
      await expect(call()).rejects.toMatchObject({
        code: 'preference_update_error',
        cause: { driver_code: 'SQLITE_FULL' },
      })
    }
  })

  it('are rolled back with the transaction of the host', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const work = store.transaction(async (transaction) => {
      await users.with(transaction).preferences.set(ada, ada, 'a', 'b')
      throw new Error('rollback')
    })
    await expect(work).rejects.toThrow('rollback')
    expect(await users.preferences.getAll(ada, ada)).toEqual({})
  })
})

onEachStore('lists of preferences', (open) => {
  it('have each person on one page', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository })
    const ids = []
    for (let index = 0; index < 7; index++) {
      const id = await addUser(store.repository, `user${index}`, { name: `Name ${index}` })
      ids.push(id)
      const rows = [
        { user_id: id, key: 'a', value: index === 3 ? null : `${index}`, version: 1 },
        { user_id: id, key: 'b', value: 'x', version: 1 },
      ]
      await store.repository.commit([{ put: 'preferences', rows }])
    }
    const first = await users.preferences.usersByKey(staff, 'a', { limit: 4 })
    expect(first.items.map(({ username }) => username)).toEqual(['user0', 'user1', 'user2', 'user4'])
    expect(first.items[0]).toEqual({
      id: ids[0],
      username: 'user0',
      email: 'user0@example.com',
      name: 'Name 0',
      preferences: { a: '0', b: 'x' },
    })
    const second = await users.preferences.usersByKey(staff, 'a', {
      limit: 4,
      ...(first.next === undefined ? {} : { after: first.next }),
    })
    expect(second.items.map(({ username }) => username)).toEqual(['user5', 'user6'])
    expect(second.next).toBeUndefined()

    const byKey = await users.preferences.list(staff, { key: 'a' })
    expect(byKey.items).toHaveLength(6)
    expect(byKey.items[0]).toEqual({ username: 'user0', key: 'a', value: '0' })
    expect((await users.preferences.list(staff)).items).toHaveLength(13)
    const of = async (username: string, key?: string) =>
      (await users.preferences.list(staff, { whom: username, ...(key === undefined ? {} : { key }) })).items
    expect(await of('USER1')).toEqual([
      { username: 'user1', key: 'a', value: '1' },
      { username: 'user1', key: 'b', value: 'x' },
    ])
    expect(await of('user3', 'a')).toEqual([])
    expect(await of('unknown')).toEqual([])
    for (const whom of [{ id: ids[1] ?? 0 }, { username: 'user1' }])
      expect((await users.preferences.list(staff, { whom, key: 'a' })).items).toEqual([
        { username: 'user1', key: 'a', value: '1' },
      ])
    expect(await users.preferences.getMany(staff, ['user1', 'unknown', 'USER0'], ['a', 'c'])).toEqual(
      new Map([
        ['user1', { a: '1' }],
        ['USER0', { a: '0' }],
      ]),
    )
  })

  it('of many people have the elements that were asked as keys, in the order asked', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const { id } = await users.accounts.me(bob)
    await users.preferences.set(bob, bob, 'theme', 'dark')
    const asked = [{ id }, 'Ada', { username: 'unknown' }, bob] as const
    const many = await users.preferences.getMany(staff, asked, ['theme'])
    expect([...many]).toEqual([
      [asked[0], { theme: 'dark' }],
      ['Ada', {}],
      [bob, { theme: 'dark' }],
    ])
    const resolved = await users.preferences.resolveMany(staff, asked, ['theme'])
    expect([...resolved.keys()]).toEqual([...many.keys()])
    expect(resolved.get(bob)?.theme).toEqual({ value: 'dark', source: 'user' })
    expect((await users.preferences.resolveMany({ id }, ['bob', { id }], ['theme'])).size).toBe(2)
    await expect(users.preferences.resolveMany({ id }, ['bob', 'ada'], ['theme'])).rejects.toMatchObject({
      code: 'not_authorized',
    })
  })

  it('refuse a limit that is out of range, and a cursor that no page returned', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const [page, argument] of [
      [{ limit: 0 }, 'limit'],
      [{ limit: 1001 }, 'limit'],
      [{ after: 'x' }, 'after'],
      [{ after: '' }, 'after'],
    ] as const) {
      const refused = { code: 'bad_request', params: { argument } }
      await expect(users.preferences.list(staff, page)).rejects.toMatchObject(refused)
      await expect(users.preferences.list(staff, { whom: 'ada', ...page })).rejects.toMatchObject(refused)
      await expect(users.preferences.usersByKey(staff, 'theme', page)).rejects.toMatchObject(refused)
    }
  })

  it('are for staff', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const call of [
      () => users.preferences.list(ada),
      () => users.preferences.usersByKey(ada, 'a'),
      () => users.preferences.getMany(ada, ['ada'], ['a']),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'not_authorized' })
    }
  })
})

onEachStore('declared preferences', (open) => {
  const preferences = definePreferences({
    theme: { schema: z.enum(['light', 'dark']), default: 'light', scopes: ['org', 'course'], tellsIssues: true },
    contrast: { schema: z.enum(['low', 'high']), default: 'low' },
    pageSize: { schema: z.number().int().min(1), default: 25 },
    shortcuts: { schema: z.record(z.string(), z.string()), default: {} },
    digest: { schema: z.boolean(), default: false, scopes: ['org'] },
    slow: { schema: z.string().refine(async (text) => text !== 'bad'), default: 'x' },
  })

  it('are resolved from the nearest scope, with their type', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const users = createUserCore({ repository: store.repository, preferences })
    const resolve = async (scope = {}) =>
      (await users.preferences.resolve(ada, 'ada', ['theme', 'pageSize'], scope)).theme
    expect(await resolve()).toEqual({ value: 'light', source: 'default' })
    await users.preferences.set(ada, 'ada', 'theme', 'dark')
    expect(await resolve()).toEqual({ value: 'dark', source: 'user' })
    await users.preferences.set(ada, 'ada', 'theme', 'light', { org: 'OrgX' })
    expect(await resolve({ org: 'OrgX' })).toEqual({ value: 'light', source: 'org' })
    await users.preferences.set(ada, 'ada', 'theme', 'dark', { courseId: 'course-v1:OrgX+C+R' })
    expect(await resolve({ org: 'OrgX', courseId: 'course-v1:OrgX+C+R' })).toEqual({ value: 'dark', source: 'course' })
    const scopes = (await drain(users)).map(({ payload: { changes: _, ...scope } }) => scope)
    expect(scopes).toEqual([{}, { org: 'OrgX' }, { course_id: 'course-v1:OrgX+C+R' }])
    expect(await resolve({ org: 'OrgY', courseId: 'course-v1:OrgX+D+R' })).toEqual({ value: 'dark', source: 'user' })
    expect(await users.preferences.delete(ada, 'ada', 'theme', { org: 'OrgX' })).toBe(true)
    expect(await resolve({ org: 'OrgX' })).toEqual({ value: 'dark', source: 'user' })
  })

  it('are resolved to values of the type of their schema', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const users = createUserCore({ repository: store.repository, preferences })
    await users.preferences.update(ada, 'ada', { pageSize: 50, shortcuts: { save: 'ctrl-s' }, digest: true, other: 50 })
    expect(await users.preferences.resolve(ada, 'ada', ['pageSize', 'shortcuts', 'digest', 'other', 'none'])).toEqual({
      pageSize: { value: 50, source: 'user' },
      shortcuts: { value: { save: 'ctrl-s' }, source: 'user' },
      digest: { value: true, source: 'user' },
      other: { value: '50', source: 'user' },
      none: { value: null, source: 'default' },
    })
  })

  it('are resolved to the value that was set, also where their schema takes other types', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const schemas = {
      any: z.any(),
      json: z.json(),
      flag: z.coerce.boolean(),
      count: z.coerce.number(),
      word: z.coerce.string(),
      size: z.union([z.string(), z.number()]),
      kind: z.any().transform((value) => `${typeof value} ${JSON.stringify(value)}`),
    }
    const kinds = ['org', 'course'] as const
    const definitions = Object.fromEntries(
      Object.entries(schemas).map(([key, schema]) => [
        key,
        { schema: schema as z.ZodType, default: 'none', scopes: kinds },
      ]),
    )
    const users = createUserCore({ repository: store.repository, preferences: definePreferences(definitions) })
    const scopes = [{}, { org: 'OrgX' }, { courseId: 'course-v1:OrgX+C+R' }]
    await fc.assert(
      fc.asyncProperty(
        anyValue(),
        fc.constantFrom(...Object.entries(schemas)),
        fc.constantFrom(...scopes),
        async (value, [key, schema], scope) => {
          const meant = schema.safeParse(value)
          const outcome = await users.preferences.set(ada, 'ada', key, value, scope).catch((error) => error)
          fc.pre(outcome.code === undefined)
          const { [key]: resolved } = await users.preferences.resolve(ada, 'ada', [key], scope)
          expect(JSON.stringify(resolved?.value)).toBe(JSON.stringify(meant.data))
          const isStored = resolved?.source === 'user'
          if (isStored) expect(await users.preferences.get(ada, 'ada', key)).toBe(preferenceText(value))
          if (isStored) expect(await users.preferences.getAll(ada, ada)).toHaveProperty(key, preferenceText(value))
          await users.preferences.delete(ada, 'ada', key, scope)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('that were stored before they were declared have the type of their schema', async () => {
    await using store = await open()
    const before = await withPeople(store.repository)
    await before.preferences.update(ada, 'ada', { pin: '0815', size: 5, flag: false, price: '1.0', name: '"x"' })
    const users = createUserCore({
      repository: store.repository,
      preferences: definePreferences({
        pin: { schema: z.string(), default: '' },
        size: { schema: z.string(), default: '' },
        flag: { schema: z.coerce.boolean(), default: true },
        price: { schema: z.number(), default: 0 },
        name: { schema: z.string(), default: '' },
      }),
    })
    const resolved = await users.preferences.resolve(ada, 'ada', ['pin', 'size', 'flag', 'price', 'name'])
    const values = Object.entries(resolved).map(([key, { value }]) => [key, value])
    expect(Object.fromEntries(values)).toEqual({ pin: '0815', size: '5', flag: false, price: 1, name: '"x"' })
    expect(await users.preferences.getAll(ada, ada)).toEqual(await before.preferences.getAll(ada, ada))
  })

  it('are refused with the issues of their schema, also of an asynchronous one', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const users = createUserCore({ repository: store.repository, preferences })
    const update = users.preferences.update(ada, 'ada', {
      theme: 'purple' as never,
      contrast: 'purple' as never,
      pageSize: 0,
      slow: 'bad',
      shortcuts: { a: 1 } as never,
    })
    await expect(update).rejects.toMatchObject({
      code: 'preference_validation_error',
      field_errors: {
        theme: { code: 'schema', user_message: expect.stringContaining('light') },
        contrast: { code: 'schema', user_message: 'This value is not valid.' },
        pageSize: { code: 'schema' },
        slow: { code: 'schema' },
        shortcuts: { code: 'schema', developer_message: 'schema at /shortcuts' },
      },
    })
  })

  it('are given to their schema only as JSON that can be stored, within the size of a patch', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const seen: unknown[] = []
    const schema = z.custom((value) => seen.push(value) > 0)
    const users = createUserCore({
      repository: store.repository,
      preferences: definePreferences({ any: { schema, default: null } }),
      settings: { patch_max_bytes: 100 },
    })
    const update = (patch: object) => users.preferences.update(ada, 'ada', patch as never).catch((error) => error)
    const polluted = JSON.parse('{"__proto__":1}')
    for (const [value, code] of [
      [polluted, 'forbidden_name'],
      ['\ud800', 'bad_text'],
      [Number.NaN, 'not_json'],
    ] as const) {
      expect((await update({ any: value })).field_errors.any).toMatchObject({ code })
    }
    expect((await update({ any: 1, b: 'x'.repeat(100) })).issues).toEqual([
      { pointer: '', code: 'too_large', params: { max_bytes: 100 } },
    ])
    expect(seen).toEqual([])
    await update({ any: 1 })
    expect(seen).toEqual([1])
  })

  it('are not stored when they equal the default, unless they are pinned', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const users = createUserCore({ repository: store.repository, preferences })
    await users.preferences.set(ada, 'ada', 'theme', 'dark')
    await users.preferences.set(ada, 'ada', 'theme', 'light')
    expect(await users.preferences.getAll(ada, ada)).toEqual({})
    await users.preferences.set(ada, 'ada', 'theme', 'light', { pin: true })
    expect(await users.preferences.getAll(ada, ada)).toEqual({ theme: 'light' })
    // The site changes the default: a person who pinned the value keeps it.
    const darker = definePreferences({ theme: { schema: z.enum(['light', 'dark']), default: 'dark' } })
    const later = createUserCore({ repository: store.repository, preferences: darker })
    expect((await later.preferences.resolve(ada, 'ada', ['theme'])).theme).toEqual({ value: 'light', source: 'user' })
    expect((await later.preferences.resolve(bob, 'bob', ['theme'])).theme).toEqual({ value: 'dark', source: 'default' })
  })

  it('pass over a stored text that the schema does not take any more', async () => {
    await using store = await open()
    const plain = await withPeople(store.repository)
    await plain.preferences.set(ada, 'ada', 'theme', 'sepia')
    const users = createUserCore({ repository: store.repository, preferences })
    expect((await users.preferences.resolve(ada, 'ada', ['theme'])).theme).toEqual({
      value: 'light',
      source: 'default',
    })
  })

  it('refuse undeclared keys where the site rejects them, but for those that the library knows', async () => {
    await using store = await open()
    const before = await withPeople(store.repository)
    await before.preferences.update(ada, 'ada', { old: 'x' })
    const strict = definePreferences(
      { theme: { schema: z.enum(['light', 'dark']), default: 'light' } },
      { undeclared: 'reject' },
    )
    const users = createUserCore({ repository: store.repository, preferences: strict })
    await users.preferences.update(ada, 'ada', { theme: 'dark', time_zone: 'UTC', 'visibility.bio': 'private' })
    const misspelt: object = { thme: 'dark' }
    await expect(users.preferences.update(ada, 'ada', misspelt)).rejects.toMatchObject({
      field_errors: { thme: { code: 'unknown_field' } },
    })
    // A preference that was stored before can be deleted.
    expect(await users.preferences.delete(ada, 'ada', 'old')).toBe(true)
  })

  it('are set in a scope only where they are declared for it', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const users = createUserCore({ repository: store.repository, preferences })
    for (const [patch, scope] of [
      [{ pageSize: 5 }, { org: 'OrgX' }],
      [{ digest: true }, { courseId: 'c' }],
      [{ other: 'x' }, { org: 'OrgX' }],
    ] as const) {
      await expect(users.preferences.update(ada, 'ada', patch, scope)).rejects.toMatchObject({
        code: 'preference_validation_error',
      })
    }
    await expect(
      users.preferences.update(ada, 'ada', { theme: 'dark' }, { org: 'x', courseId: 'y' }),
    ).rejects.toMatchObject({ code: 'bad_request' })
  })
})
