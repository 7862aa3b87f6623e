import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { expect, it } from 'vitest'
import * as z from 'zod'
import type { UpdateResult } from '../../../src/accounts/operations/update-account.ts'
import { createUserCore } from '../../../src/create-user-core.ts'
import { memoryRepository } from '../../../src/memory/index.ts'
import { diffJsonPatch } from '../../../src/patch/json-patch.ts'
import { diffMergePatch } from '../../../src/patch/merge-patch.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { cursorOf } from '../../../src/runtime/pages.ts'
import { type Actor, system } from '../../../src/site/actor.ts'
import { defineExtendedProfile } from '../../../src/site/define-extended-profile.ts'
import { addUser } from '../../../src/testing/rows.ts'
import type { JsonObject } from '../../../src/values/json.ts'
import { hostileJson, pollutedJson } from '../../patch/arbitrary.ts'
import { drain, withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }
const eve = { username: 'eve', staff: true }
const crm: Actor = { system: true, name: 'crm' }

const extendedProfile = defineExtendedProfile({
  occupation: z.object({ name: z.string(), salary: z.string().optional() }),
  department: { schema: v.string(), visibility: 'shared', history: true },
  diary: { schema: type('string'), visibility: 'private', history: true, tellsIssues: true },
})

/** A site with ada, bob and eve. */
async function site(repository: Repository) {
  const users = createUserCore({ repository, extendedProfile, settings: { extended_profile_fields: ['hobby'] } })
  for (const name of ['ada', 'bob', 'eve']) await addUser(repository, name, { year_of_birth: 1990 })
  return users
}

const issuesOf = (error: { issues: readonly { pointer: string; code: string }[] }) =>
  error.issues.map(({ pointer, code }) => `${pointer} ${code}`)

onEachStore('the extended profile', (open) => {
  it('is written in three ways, to the same effect', async () => {
    await using store = await open()
    const users = await site(store.repository)
    const values = async () => (await users.extendedProfile.get(ada, ada)).values
    await users.accounts.update(ada, 'ada', {
      extended_profile: [{ field_name: 'occupation', field_value: { name: 'Organic Farmer' } }],
    })
    expect(await values()).toEqual({ occupation: { name: 'Organic Farmer' } })
    await users.accounts.update(ada, 'ada', { extended_profile: { occupation: { salary: '10' }, department: 'A' } })
    expect(await values()).toEqual({ occupation: { name: 'Organic Farmer', salary: '10' }, department: 'A' })
    const { account, changes } = await users.accounts.patch(ada, 'ada', [
      { op: 'test', path: '/extended_profile/department', value: 'A' },
      { op: 'remove', path: '/extended_profile/occupation/salary' },
      { op: 'replace', path: '/bio', value: 'Hello' },
    ])
    expect(await values()).toEqual({ occupation: { name: 'Organic Farmer' }, department: 'A' })
    expect(account.bio).toBe('Hello')
    expect(account.extended_profile).toEqual([
      { field_name: 'hobby', field_value: '' },
      { field_name: 'occupation', field_value: { name: 'Organic Farmer' } },
      { field_name: 'department', field_value: 'A' },
      { field_name: 'diary', field_value: '' },
    ])
    expect(changes.map(({ setting }) => setting)).toEqual(['bio', 'extended_profile.occupation'])
  })

  it('is checked by schemas of zod, valibot and ArkType, all at once', async () => {
    await using store = await open()
    const users = await site(store.repository)
    const wrong = { occupation: { name: 1 }, department: 2, diary: 3 } as never
    const error = await users.accounts
      .update(ada, 'ada', { bio: 'x'.repeat(301), extended_profile: wrong })
      .catch((e) => e)
    expect(issuesOf(error)).toEqual([
      '/bio too_long',
      '/extended_profile/occupation schema',
      '/extended_profile/department schema',
      '/extended_profile/diary schema',
    ])
    expect(Object.keys(error.field_errors)).toEqual(['bio', 'extended_profile'])
    expect(JSON.stringify(error)).not.toContain('xxx')
    expect(error.field_errors.extended_profile.user_message).toBe('This value is not valid.')
    // Only a schema that the site vouches for is quoted.
    const said = error.issues.map(({ params }: { params?: unknown }) => params)
    expect(said.slice(1)).toEqual([undefined, undefined, { message: expect.stringContaining('string') }])
  })

  it('is read by each actor in the fields that the actor may see', async () => {
    await using store = await open()
    const users = await site(store.repository)
    const all = { occupation: { name: 'Farmer' }, department: 'A', diary: 'Dear diary' }
    await users.accounts.update(ada, 'ada', { extended_profile: all })
    const seenBy = async (actor: Actor) => (await users.extendedProfile.get(actor, 'ada')).values
    expect(await seenBy(ada)).toEqual(all)
    expect(await seenBy(system)).toEqual(all)
    expect(await seenBy(eve)).toEqual({ occupation: { name: 'Farmer' }, department: 'A' })
    expect(await seenBy(bob)).toEqual({ department: 'A' })
    const shown = await users.accounts.get(bob, 'ada')
    expect(shown?.extended_profile).toEqual([{ field_name: 'department', field_value: 'A' }])

    await users.accounts.update(ada, 'ada', { account_privacy: 'custom' })
    expect(await seenBy(bob)).toEqual({})
    await users.preferences.set(ada, 'ada', 'visibility.extended_profile.department', 'all_users')
    expect(await seenBy(bob)).toEqual({ department: 'A' })
    await users.accounts.update(ada, 'ada', { account_privacy: 'private' })
    expect(await seenBy(bob)).toEqual({})
    expect(await users.accounts.get(bob, 'ada')).not.toHaveProperty('extended_profile')

    const many = await users.extendedProfile.getMany(eve, ['bob', 'ADA', 'nobody'])
    expect([...many]).toEqual([
      ['bob', { values: {}, invalid: [] }],
      ['ADA', { values: { occupation: { name: 'Farmer' }, department: 'A' }, invalid: [] }],
    ])
    await expect(users.extendedProfile.get(bob, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
  })

  it('has a section for each owner, which no other writes', async () => {
    await using store = await open()
    const users = await site(store.repository)
    expect(await users.extendedProfile.update(crm, 'ada', { department: 'from crm' })).toMatchObject({
      owner: 'system:crm',
      overruled: [],
    })
    await users.extendedProfile.update(ada, 'ada', { department: 'mine', diary: 'secret' })
    expect((await users.extendedProfile.update(eve, 'ada', { department: 'by staff' })).changes).toEqual([
      { setting: 'extended_profile.department', old: 'from crm', new: 'by staff' },
    ])
    const { changes, overruled } = await users.accounts.update(ada, 'ada', { extended_profile: { department: 'x' } })
    expect({ changes, overruled }).toEqual({ changes: [], overruled: ['department'] })
    expect(await users.extendedProfile.sections(eve, 'ada')).toEqual([
      { owner: 'staff', document: { department: 'by staff' }, state: 'current' },
      { owner: 'system:crm', document: { department: 'from crm' }, state: 'current' },
      { owner: 'user', document: { department: 'x' }, state: 'current' },
    ])
    await users.extendedProfile.update(eve, 'ada', { department: null })
    expect((await users.extendedProfile.get(ada, ada)).values.department).toBe('from crm')
    await users.accounts.update(crm, 'ada', { extended_profile: { department: null } })
    expect((await users.extendedProfile.get(ada, ada)).values.department).toBe('x')

    const refused = users.extendedProfile.update(eve, 'ada', { diary: 'read' })
    expect(issuesOf(await refused.catch((error) => error))).toEqual(['/extended_profile/diary read_only'])
    for (const call of [
      () => users.extendedProfile.update(bob, 'ada', { department: 'x' }),
      () => users.extendedProfile.sections(bob, 'ada'),
      () => users.extendedProfile.history(bob, 'ada'),
      () => users.extendedProfile.migrate(eve),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'not_authorized' })
    const nameless = users.extendedProfile.update({ system: true, name: 'a b' }, 'ada', {})
    await expect(nameless).rejects.toMatchObject({ code: 'bad_request' })
  })

  it('records changes of the fields that ask for it, with actor, moment, old and new value', async () => {
    await using store = await open()
    const users = await site(store.repository)
    await users.accounts.update(ada, 'ada', {
      extended_profile: { department: 'A', diary: 'x', occupation: { name: 'F' } },
    })
    await users.accounts.update(ada, 'ada', { extended_profile: { department: 'A' } })
    await users.extendedProfile.update(eve, 'ada', { department: 'B' })
    await users.extendedProfile.update(crm, 'ada', { department: 'C' })
    await users.accounts.patch(ada, 'ada', [{ op: 'remove', path: '/extended_profile/diary' }])
    const told = (entries: Awaited<ReturnType<typeof users.extendedProfile.history>>) =>
      entries.map(({ changedAt, ...entry }) => {
        expect(changedAt).toMatch(/^20\d\d-\d\d-\d\dT.*Z$/)
        return entry
      })
    const department = [
      { field: 'department', owner: 'user', new: 'A', changedBy: 'ada' },
      { field: 'department', owner: 'staff', new: 'B', changedBy: 'eve' },
      { field: 'department', owner: 'system:crm', new: 'C', changedBy: null },
    ]
    expect(told(await users.extendedProfile.history(eve, 'ada'))).toEqual(department)
    expect(told(await users.extendedProfile.history(ada, 'ada', { field: 'department' }))).toEqual(
      department.map((entry) => (entry.changedBy === 'eve' ? { ...entry, changedBy: null } : entry)),
    )
    expect(told(await users.extendedProfile.history(ada, 'ada', { field: 'diary' }))).toEqual([
      { field: 'diary', owner: 'user', new: 'x', changedBy: 'ada' },
      { field: 'diary', owner: 'user', old: 'x', changedBy: 'ada' },
    ])
    const events = (await drain(users)).map(({ payload }) => JSON.stringify(payload))
    expect(events.join()).toContain('extended_profile.diary')
    expect(events.join()).not.toContain('"x"')
  })

  it('is changed only in the version that is expected', async () => {
    await using store = await open()
    const users = await site(store.repository)
    const { id } = await users.accounts.me(ada)
    const { version } = await users.extendedProfile.update({ id }, { id }, { department: 'A' })
    expect((await users.accounts.getVersioned(ada, 'ada')).version).toBe(version)
    // An update without a difference writes nothing, and the version stays.
    const same = await users.extendedProfile.update(ada, ada, { department: 'A' }, { expectedVersion: version })
    expect(same.version).toBe(version)
    const next = await users.extendedProfile.update(ada, ada, { department: 'B' }, { expectedVersion: version })
    expect(next.version).toBe(version + 1)
    const late = users.extendedProfile.update(ada, ada, { department: 'C' }, { expectedVersion: version })
    await expect(late).rejects.toMatchObject({ code: 'conflict', params: { version: version + 1, reason: 'version' } })
    expect((await users.extendedProfile.get(ada, ada)).values.department).toBe('B')
  })

  it('begins with the account, where required fields are asked for', async () => {
    await using store = await open()
    const users = createUserCore({
      repository: store.repository,
      extendedProfile: { title: { schema: z.string(), required: true, history: true }, note: z.string() },
    })
    const account = { username: 'cy', email: 'cy@example.com', name: 'Cy' }
    const refused = await users.accounts.create(system, account).catch((error) => error)
    expect(issuesOf(refused)).toEqual(['/extended_profile/title required'])
    await users.accounts.create(system, { ...account, profile: { extended_profile: { title: 'Dr' } } })
    expect((await users.extendedProfile.get(system, 'cy')).values).toEqual({ title: 'Dr' })
    expect(await users.extendedProfile.history(system, 'cy')).toMatchObject([{ new: 'Dr', changedBy: 'cy' }])
    const removal = await users.accounts
      .update({ username: 'cy' }, 'cy', { extended_profile: { title: null } })
      .catch((e) => e)
    expect(issuesOf(removal)).toEqual(['/extended_profile/title required'])
  })

  it('keeps fields read-only that the site or its hook names, in every way of writing', async () => {
    await using store = await open()
    const users = createUserCore({
      repository: store.repository,
      settings: { extended_profile_fields: ['a', 'b', 'c'], extra_readonly_account_fields: ['extended_profile.a'] },
      isReadOnly: async (_, user, field) => user.username === 'ada' && field === 'extended_profile.b',
    })
    await addUser(store.repository, 'ada')
    const attempts = [
      users.accounts.update(ada, 'ada', { extended_profile: { a: 1, b: 1, c: 1 } }),
      users.accounts.update(ada, 'ada', {
        extended_profile: ['a', 'b', 'c'].map((field_name) => ({ field_name, field_value: 1 })),
      }),
      users.accounts.patch(
        ada,
        'ada',
        ['a', 'b', 'c'].map((name) => ({ op: 'add', path: `/extended_profile/${name}`, value: 1 })),
      ),
      users.extendedProfile.update(eve, 'ada', { a: 1, b: 1, c: 1 }),
    ]
    for (const outcome of await Promise.allSettled(attempts)) {
      expect(issuesOf(outcome.status === 'rejected' ? outcome.reason : undefined)).toEqual([
        '/extended_profile/a read_only',
        '/extended_profile/b read_only',
      ])
    }
  })

  it('leaves out a value that its schema does not take any more, and names its field', async () => {
    await using store = await open()
    const before = await withPeople(store.repository)
    await before.accounts.update(ada, 'ada', { extended_profile: { department: 5, diary: 'x' } })
    const users = createUserCore({ repository: store.repository, extendedProfile })
    expect(await users.extendedProfile.get(ada, ada)).toEqual({ values: { diary: 'x' }, invalid: ['department'] })
  })

  it('keeps all 64 parallel writers of different fields, in every form, over two connections', async () => {
    await using store = await open()
    const sites = [store.repository, store.second].map((repository) => createUserCore({ repository }))
    await withPeople(store.repository)
    const names = Array.from({ length: 64 }, (_, index) => `field${index}`)
    await Promise.all(
      names.map((name, index) => {
        const users = sites[index % 2]
        switch (index % 4) {
          case 0:
            return users?.accounts.update(ada, 'ada', { extended_profile: [{ field_name: name, field_value: index }] })
          case 1:
            return users?.accounts.update(ada, 'ada', { extended_profile: { [name]: index } })
          case 2:
            return users?.accounts.patch(ada, 'ada', [{ op: 'add', path: `/extended_profile/${name}`, value: index }])
          default:
            return users?.extendedProfile.update(ada, 'ada', { [name]: index })
        }
      }),
    )
    const [row] = await store.repository.select('extended_profiles', {})
    expect(JSON.parse(row?.document ?? '')).toEqual(Object.fromEntries(names.map((name, index) => [name, index])))
  })
})

onEachStore('extendedProfile.migrate', (open) => {
  const next = defineExtendedProfile(
    { job: z.object({ name: z.string() }) },
    {
      version: 2,
      upgrades: {
        1: ({ occupation, ...rest }) => {
          if (typeof occupation !== 'string') throw new Error('no text')
          return { ...rest, job: { name: occupation } }
        },
      },
    },
  )

  async function openOld(repository: Repository, people: number) {
    const old = createUserCore({ repository })
    const ids = []
    for (let index = 0; index < people; index++) {
      ids.push(await addUser(repository, `user${index}`))
      const occupation = index === 3 ? 5 : `job ${index}`
      await old.accounts.update(system, `user${index}`, { extended_profile: { occupation } })
    }
    await repository.commit([
      { update: 'extended_profiles', set: { document: '{broken' }, where: { user_id: ids[5] ?? 0 } },
      {
        insert: 'extended_profiles',
        rows: [{ user_id: ids[6] ?? 0, owner: 'quarantine:1', document: '[', schema_version: 1 }],
      },
    ])
    return ids
  }

  it('upgrades in batches, lists what stays, and does nothing in a dry run or the second time', async () => {
    await using store = await open()
    const ids = await openOld(store.repository, 8)
    const users = createUserCore({ repository: store.repository, extendedProfile: next })
    const stuck = [
      { user_id: ids[3], owner: 'user', schema_version: 1, state: 'outdated' },
      { user_id: ids[5], owner: 'user', schema_version: 1, state: 'unreadable' },
      { user_id: ids[6], owner: 'quarantine:1', schema_version: 1, state: 'quarantined' },
    ]
    const before = await store.repository.select('extended_profiles', {})
    expect(await users.extendedProfile.migrate(system, { dryRun: true })).toEqual({
      seen: 9,
      upgraded: 6,
      stuck,
      after: cursorOf([ids[7] ?? 0]),
    })
    expect(await store.repository.select('extended_profiles', {})).toEqual(before)

    const progress: unknown[] = []
    const told = (step: { seen: number; upgraded: number }) => void progress.push([step.seen, step.upgraded])
    await users.extendedProfile.migrate(system, { batchSize: 3, onProgress: told })
    expect(progress).toEqual([
      [3, 3],
      [6, 4],
      [9, 6],
    ])
    const rows = await store.repository.select('extended_profiles', { user_id: ids[0] ?? 0 })
    expect(rows).toMatchObject([{ document: '{"job":{"name":"job 0"}}', schema_version: 2 }])
    expect(await store.repository.select('extended_profiles', { user_id: ids[3] ?? 0 })).toMatchObject([
      { document: '{"occupation":5}', schema_version: 1 },
    ])
    expect(await users.extendedProfile.migrate(system)).toMatchObject({ upgraded: 0, stuck })
    expect((await users.extendedProfile.sections(system, 'user3')).map(({ state }) => state)).toEqual(['outdated'])
  })

  it('goes on from the place where it was broken off', async () => {
    await using store = await open()
    await openOld(store.repository, 8)
    const users = createUserCore({ repository: store.repository, extendedProfile: next })
    let after: Awaited<ReturnType<typeof users.extendedProfile.migrate>>['after']
    const broken = users.extendedProfile.migrate(system, {
      batchSize: 2,
      onProgress(progress) {
        after = progress.after
        if (progress.seen === 4) throw new Error('power cut')
      },
    })
    await expect(broken).rejects.toMatchObject({ code: 'internal_error' })
    const rest = await users.extendedProfile.migrate(system, after === undefined ? {} : { after })
    expect(rest).toMatchObject({ seen: 5, upgraded: 3 })
  })

  it('runs beside writers, and neither undoes the other', async () => {
    await using store = await open()
    await openOld(store.repository, 8)
    const [users, others] = [store.repository, store.second].map((repository) =>
      createUserCore({ repository, extendedProfile: next }),
    )
    await Promise.all([
      users?.extendedProfile.migrate(system, { batchSize: 1 }),
      ...[0, 1, 2, 4, 7].map((index) =>
        others?.accounts.patch(system, `user${index}`, [{ op: 'add', path: '/extended_profile/note', value: index }]),
      ),
    ])
    for (const index of [0, 1, 2, 4, 7]) {
      const [row] = await store.repository.select('extended_profiles', { user_id: index + 1 })
      expect(JSON.parse(row?.document ?? '')).toEqual({ job: { name: `job ${index}` }, note: index })
    }
  })
})

it('the three ways to write agree where each of them can make the same change', async () => {
  const names = ['a', 'b', 'toString', 'x/y', 'x~y']
  const fields = fc.dictionary(fc.constantFrom(...names), hostileJson, { maxKeys: 4, noNullPrototype: true })
  await fc.assert(
    fc.asyncProperty(fields, fields, async (before, wanted) => {
      const results: unknown[] = []
      const inEachWay: ((users: Awaited<ReturnType<typeof withPeople>>) => Promise<UpdateResult> | undefined)[] = [
        // A list sets fields; it cannot remove any.
        (users) =>
          Object.keys(before).every((field) => Object.hasOwn(wanted, field))
            ? users.accounts.update(ada, 'ada', {
                extended_profile: Object.entries(wanted).map(([field_name, field_value]) => ({
                  field_name,
                  field_value,
                })),
              })
            : undefined,
        (users) => {
          const patch = mergePatch(before, wanted)
          return patch && users.accounts.update(ada, 'ada', { extended_profile: patch })
        },
        (users) =>
          users.accounts.patch(
            ada,
            'ada',
            diffJsonPatch({ extended_profile: before }, { extended_profile: wanted }) as never,
          ),
      ]
      for (const write of inEachWay) {
        const repository = memoryRepository() as Repository
        const settings = { extended_profile_fields: names }
        const users = await withPeople(repository, { settings })
        await users.accounts.update(ada, 'ada', {
          extended_profile: Object.entries(before).map(([field_name, field_value]) => ({ field_name, field_value })),
        })
        await drain(users)
        const result = await write(users)
        if (result === undefined) continue
        const [row] = await repository.select('extended_profiles', {})
        results.push({
          stored: JSON.parse(row?.document ?? '{}'),
          changes: result.changes.toSorted((a, b) => (a.setting < b.setting ? -1 : 1)),
          events: (await drain(users)).map(({ name }) => name),
        })
      }
      expect(results.length).toBeGreaterThan(0)
      for (const result of results) expect(result).toEqual({ ...(results[0] as object), stored: wanted })
    }),
    { numRuns: 300 },
  )
})

it('the three ways to write refuse names that reach a prototype, at every depth', async () => {
  const users = await withPeople(memoryRepository() as Repository)
  await fc.assert(
    fc.asyncProperty(pollutedJson, async (value) => {
      const attempts = [
        users.accounts.update(ada, 'ada', { extended_profile: [{ field_name: 'a', field_value: value }] }),
        users.accounts.update(ada, 'ada', { extended_profile: { a: value } }),
        users.accounts.patch(ada, 'ada', [{ op: 'add', path: '/extended_profile/a', value }]),
        users.extendedProfile.update(ada, 'ada', { a: value }),
      ]
      for (const outcome of await Promise.allSettled(attempts)) {
        const error = outcome.status === 'rejected' ? outcome.reason : undefined
        expect(error?.issues?.map(({ code }: { code: string }) => code)).toContain('forbidden_name')
      }
      expect((await users.extendedProfile.sections(ada, 'ada')).length).toBe(0)
    }),
  )
})

/** Returns the merge patch that leads to a document, if there is one: it cannot set a field to null. */
function mergePatch(before: JsonObject, wanted: JsonObject): JsonObject | undefined {
  try {
    return diffMergePatch(before, wanted) as JsonObject
  } catch {
    return undefined
  }
}
