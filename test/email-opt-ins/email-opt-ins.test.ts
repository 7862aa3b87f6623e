import { describe, expect, it, vi } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { datedOptIn, overrides } from '../../src/email-opt-ins/email-opt-in.ts'
import { system } from '../../src/site/actor.ts'
import type { Enrollment, Enrollments } from '../../src/site/host.ts'
import { addUser } from '../../src/testing/rows.ts'
import { orgOfCourse } from '../../src/values/course-id.ts'
import { drain, withPeople } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }
const staff = { username: 'eve', staff: true }

describe('orgOfCourse', () => {
  it.each([
    ['course-v1:OrgX+C0+R', 'OrgX'],
    ['OrgX/C0/R', 'OrgX'],
    ['invalid', undefined],
    ['course-v1:OrgX', undefined],
    ['course-v1:OrgX+C0+R+more', undefined],
    ['course-v1:+C0+R', undefined],
    ['a b/c/d', undefined],
    ['', undefined],
  ])('of %j is %j', (id, org) => expect(orgOfCourse(id)).toBe(org))
})

describe('the choice that counts', () => {
  const tag = (value: string | null, day: number) => ({ value, modified_at: `2024-06-0${day}T00:00:00.000000Z` })

  it('is the later one, and of two of one moment the opt-out', () => {
    expect(overrides(tag('False', 2), tag('True', 1))).toBe(true)
    expect(overrides(tag('False', 1), tag('True', 2))).toBe(false)
    expect(overrides(tag('False', 1), tag('True', 1))).toBe(true)
    expect(overrides(tag('True', 1), tag('False', 1))).toBe(false)
  })

  it('is one that was made and not deleted', () => {
    for (const none of [undefined, tag(null, 3)]) {
      expect(overrides(tag('True', 1), none)).toBe(true)
      expect(overrides(none, tag('True', 1))).toBe(false)
      expect(overrides(none, undefined)).toBe(false)
    }
  })
})

describe('datedOptIn', () => {
  const modified_at = '2024-06-03T00:00:00.000000Z'
  const isOptedIn = (value: string, unset: boolean) => datedOptIn({ value, modified_at }, unset).is_opted_in_for_email

  it('reads true in any letter case as an opt-in, as older data has it, and all other texts as an opt-out', () => {
    for (const value of ['True', 'true', 'TRUE']) expect(isOptedIn(value, false)).toBe(true)
    for (const value of ['False', 'false', '1', 'yes']) expect(isOptedIn(value, true)).toBe(false)
  })

  it('returns the default of the site for people who were never asked', () => {
    const preference_set_datetime = '2014-12-01T00:00:00.000000Z'
    for (const none of [undefined, { value: null, modified_at }]) {
      for (const unset of [true, false]) {
        expect(datedOptIn(none, unset)).toEqual({ is_opted_in_for_email: unset, preference_set_datetime })
      }
    }
    expect(datedOptIn({ value: '', modified_at }, true)).toEqual({
      is_opted_in_for_email: true,
      preference_set_datetime: modified_at,
    })
  })
})

onEachStore('e-mail opt-in', (open) => {
  it('is set by the holder and trusted code, and read by staff too', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    expect(await users.emailOptIns.get(ada, 'ada', 'OrgX')).toBeNull()
    expect(await users.emailOptIns.set(ada, 'ada', { org: 'OrgX', optIn: true })).toEqual({ optIn: true })
    await users.emailOptIns.set(ada, 'ada', { org: 'OrgX', optIn: true })
    expect(await users.emailOptIns.get(staff, 'ada', 'OrgX')).toBe(true)
    expect((await drain(users)).map(({ name, payload }) => [name, payload])).toEqual([
      ['email_opt_in.changed', { org: 'OrgX', opt_in: true }],
    ])
    await users.emailOptIns.set(system, 'ada', { org: 'OrgX', optIn: false })
    expect(await users.emailOptIns.get(ada, 'ada', 'OrgX')).toBe(false)
    for (const actor of [bob, staff]) {
      await expect(users.emailOptIns.set(actor, 'ada', { org: 'OrgX', optIn: true })).rejects.toMatchObject({
        code: 'not_authorized',
      })
    }
    await expect(users.emailOptIns.get(bob, 'ada', 'OrgX')).rejects.toMatchObject({ code: 'not_authorized' })
  })

  it('is refused to children, and needs a profile only where email_optin_needs_profile is set', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository, clock: () => new Date('2024-06-15') })
    const child = await addUser(store.repository, 'child', { year_of_birth: 2011 })
    expect(await users.emailOptIns.set({ username: 'child' }, 'child', { org: 'OrgX', optIn: true })).toEqual({
      optIn: false,
    })
    await store.repository.commit([
      { delete: 'profiles', where: { user_id: child } },
      { delete: 'org_tags', where: {} },
    ])
    const settings = { email_optin_needs_profile: true }
    const strict = createUserCore({ repository: store.repository, settings })
    const choice = { org: 'OrgX', optIn: true }
    const update = strict.emailOptIns.set({ username: 'child' }, 'child', choice)
    await expect(update).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await store.repository.select('org_tags', {})).toEqual([])
    expect(await users.emailOptIns.set({ username: 'child' }, 'child', choice)).toEqual({ optIn: true })
  })

  it.each([
    { org: '', optIn: true },
    { org: 'x'.repeat(256), optIn: true },
    { org: 'OrgX', optIn: 'true' },
    { org: 'OrgX' },
    { optIn: true },
    {},
  ])('is refused as %j', async (choice) => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await expect(users.emailOptIns.set(ada, 'ada', choice as never)).rejects.toMatchObject({ code: 'bad_request' })
  })
})

onEachStore('the export of opt-ins', (open) => {
  function courses(enrolled: Enrollment[], batches: { open: number }): Enrollments {
    return {
      coursesOf: async (orgs) =>
        [
          { course_id: 'course-v1:OrgX+C+R', org: 'OrgX' },
          { course_id: 'course-v1:orgx+D+R', org: 'orgx' },
        ].filter(({ org }) => orgs.some((name) => name.toLowerCase() === org.toLowerCase())),
      enrollmentsOf: async () => [],
      async *enrolledIn() {
        try {
          for (let start = 0; start < enrolled.length; start += 2) {
            batches.open++
            yield enrolled.slice(start, start + 2)
          }
        } finally {
          batches.open = -1
        }
      },
    }
  }

  it('is CSV with one header, whose formulas are escaped', async () => {
    await using store = await open()
    const enrolled: Enrollment[] = []
    const users = createUserCore({ repository: store.repository, enrollments: courses(enrolled, { open: 0 }) })
    for (const [index, name] of ['=1+1', 'plain "quoted"', '@x'].entries()) {
      const user_id = await addUser(store.repository, `user${index}`, { name })
      enrolled.push({ user_id, course_id: 'course-v1:OrgX+C+R' })
    }
    await users.emailOptIns.set({ username: 'user1' }, 'user1', { org: 'orgx', optIn: false })
    const parts: string[] = []
    for await (const part of users.emailOptIns.exportCsv(staff, { orgs: ['ORGX'] })) parts.push(part)
    const lines = parts.join('').trimEnd().split('\n')
    expect(lines[0]).toBe('user_id,username,email,full_name,course_id,is_opted_in_for_email,preference_set_datetime')
    expect(lines).toHaveLength(4)
    expect(lines[1]).toMatch(/,'=1\+1,course-v1:OrgX\+C\+R,True,2014-12-01T00:00:00Z$/)
    expect(lines[2]).toMatch(/,"plain ""quoted""",course-v1:OrgX\+C\+R,False,/)
    expect(lines[3]).toContain(",'@x,")
  })

  it('has one row for each enrolment, with the choice that counts of those for several names', async () => {
    await using store = await open()
    const user_id = await addUser(store.repository, 'user')
    const enrolled = ['C', 'D'].map((name) => ({ user_id, course_id: `course-v1:OrgX+${name}+R` }))
    const tag = { user_id, key: 'email-optin', version: 1, created_at: '2024-06-01T00:00:00.000000Z' }
    const row = (org: string, value: string, day: number) => ({
      ...tag,
      org,
      value,
      modified_at: `2024-06-0${day}T00:00:00.000000Z`,
    })
    const rows = [
      row('OrgX', 'True', 2),
      row('OrgX Inc', 'False', 3),
      row('OrgX Ltd', 'True', 1),
      row('OrgY', 'True', 4),
    ]
    await store.repository.commit([{ put: 'org_tags', rows }])
    const users = createUserCore({ repository: store.repository, enrollments: courses(enrolled, { open: 0 }) })
    for await (const batch of users.emailOptIns.export(staff, { orgs: ['OrgX Ltd', 'OrgX', 'OrgX Inc'] })) {
      const person = { user_id, username: 'user', email: 'user@example.com', full_name: '' }
      const choice = { is_opted_in_for_email: false, preference_set_datetime: '2024-06-03T00:00:00Z' }
      expect(batch).toMatchObject(enrolled.map(({ course_id }) => ({ ...person, course_id, ...choice })))
    }
  })

  it('finds the choice of each person in whatever order they come, and however often', async () => {
    await using store = await open()
    const [ada, bob] = [await addUser(store.repository, 'ada'), await addUser(store.repository, 'bob')]
    const course_id = 'course-v1:OrgX+C+R'
    const order = [ada, bob, bob, ada, ada, ada, 99, bob]
    const enrolled = order.map((user_id) => ({ user_id, course_id }))
    const users = createUserCore({ repository: store.repository, enrollments: courses(enrolled, { open: 0 }) })
    await users.emailOptIns.set(system, 'ada', { org: 'OrgX', optIn: true })
    await users.emailOptIns.set(system, 'bob', { org: 'OrgX', optIn: false })
    const rows: unknown[] = []
    for await (const batch of users.emailOptIns.export(staff, { orgs: ['OrgX'], courses: [course_id] })) {
      rows.push(...batch.map(({ username, is_opted_in_for_email }) => [username, is_opted_in_for_email]))
    }
    const [yes, no] = [
      ['ada', true],
      ['bob', false],
    ]
    expect(rows).toEqual([yes, no, no, yes, yes, yes, no])
  })

  it('reads two batches ahead of the reader, and closes the source when the reader stops', async () => {
    await using store = await open()
    const batches = { open: 0 }
    const user_id = await addUser(store.repository, 'user')
    const enrolled = Array.from({ length: 100 }, () => ({ user_id, course_id: 'course-v1:OrgX+C+R' }))
    const users = createUserCore({ repository: store.repository, enrollments: courses(enrolled, batches) })
    for await (const rows of users.emailOptIns.export(system, { orgs: ['OrgX'] })) {
      expect(rows).toHaveLength(2)
      await vi.waitFor(() => expect(batches.open).toBe(3))
      // Time enough for a fourth, were it asked for.
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(batches.open).toBe(3)
      break
    }
    expect(batches.open).toBe(-1)
    batches.open = 0
    for await (const text of users.emailOptIns.exportCsv(system, { orgs: ['OrgX'] })) {
      expect(text).toMatch(/^user_id,/)
      break
    }
    expect(batches.open).toBe(-1)
  })

  it('leaves out unknown people, and is for staff of sites with the enrollments hook', async () => {
    await using store = await open()
    const rowsOf = async (
      users: ReturnType<typeof createUserCore>,
      actor: typeof staff,
      orgs: string[],
      wanted?: string[],
    ) => {
      const rows: unknown[] = []
      for await (const batch of users.emailOptIns.export(actor, { orgs, ...(wanted ? { courses: wanted } : {}) }))
        rows.push(...batch)
      return rows
    }
    const users = createUserCore({
      repository: store.repository,
      enrollments: courses([{ user_id: 99, course_id: 'course-v1:OrgX+C+R' }], { open: 0 }),
    })
    expect(await rowsOf(users, staff, ['OrgX'])).toEqual([])
    await expect(rowsOf(users, staff, ['other'])).rejects.toMatchObject({ code: 'not_found' })
    await expect(rowsOf(users, staff, ['OrgX'], ['course-v1:Other+C+R'])).rejects.toMatchObject({ code: 'not_found' })
    await expect(rowsOf(users, { ...staff, staff: false }, ['OrgX'])).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(rowsOf(createUserCore({ repository: store.repository }), staff, ['OrgX'])).rejects.toMatchObject({
      code: 'config_error',
    })
    const failing = { ...courses([], { open: 0 }), coursesOf: async () => Promise.reject(new Error('no catalogue')) }
    await expect(
      rowsOf(createUserCore({ repository: store.repository, enrollments: failing }), staff, ['OrgX']),
    ).rejects.toMatchObject({ code: 'internal_error' })
  })
})

onEachStore('emailOptIns.optOutMany', (open) => {
  it('opts out in batches, counts, and changes nothing in a dry run', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const [adaId, bobId] = (await store.repository.select('users', {}))
      .sort((a, b) => (a.username < b.username ? -1 : 1))
      .map(({ id }) => id) as [number, number]
    await users.emailOptIns.set(bob, 'bob', { org: 'OrgX', optIn: true })
    await users.emailOptIns.set(bob, 'bob', { org: 'OrgY', optIn: false })
    await drain(users)
    const rows = [
      { whom: { id: adaId }, org: 'OrgX' },
      { whom: { id: bobId }, org: 'OrgX' },
      { whom: { id: bobId }, org: 'OrgY' },
      { whom: { id: 999 }, org: 'OrgX' },
      { whom: { id: String(adaId) }, org: 'OrgX' },
    ]
    expect(await users.emailOptIns.optOutMany(staff, rows, { dryRun: true })).toEqual({
      optedOut: 2,
      unchanged: 1,
      unknown: 1,
    })
    expect(await users.emailOptIns.get(bob, 'bob', 'OrgX')).toBe(true)
    const progress: number[] = []
    async function* source() {
      yield* rows
    }
    const result = await users.emailOptIns.optOutMany(staff, source(), {
      batchSize: 2,
      onProgress: (counts) => void progress.push(counts.optedOut),
    })
    expect(result).toEqual({ optedOut: 2, unchanged: 2, unknown: 1 })
    expect(progress).toEqual([2, 2, 2])
    expect(await users.emailOptIns.get(bob, 'bob', 'OrgX')).toBe(false)
    expect(await users.emailOptIns.get(ada, 'ada', 'OrgX')).toBe(false)
    expect(await drain(users)).toHaveLength(2)
    const named = [
      { whom: 'ADA', org: 'OrgZ' },
      { whom: { id: adaId }, org: 'OrgZ' },
      { whom: bob, org: 'OrgZ' },
      { whom: 'unknown', org: 'OrgZ' },
    ]
    const counts = { optedOut: 2, unchanged: 0, unknown: 1 }
    expect(await users.emailOptIns.optOutMany(staff, named)).toEqual(counts)
    for (const row of [{}, { whom: 'ada' }, { whom: null, org: 'OrgX' }, { whom: { id: 'x' }, org: 'OrgX' }])
      await expect(users.emailOptIns.optOutMany(staff, [row as never])).rejects.toMatchObject({ code: 'bad_request' })
    await expect(users.emailOptIns.optOutMany(ada, rows)).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.emailOptIns.optOutMany(staff, rows, { batchSize: 0 })).rejects.toMatchObject({
      code: 'bad_request',
    })
  })
})
