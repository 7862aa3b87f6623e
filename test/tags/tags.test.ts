import { describe, expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { anonymous, system } from '../../src/site/actor.ts'
import type { Enrollment, Enrollments } from '../../src/site/host.ts'
import { latestOptIn } from '../../src/tags/email-opt-in.ts'
import { drawGroup } from '../../src/tags/random-partition.ts'
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

describe('latestOptIn', () => {
  const tag = (value: string | null, day: number) => ({
    user_id: 1,
    org: 'o',
    key: 'email-optin',
    value,
    version: 1,
    created_at: '',
    modified_at: `2024-06-0${day}T00:00:00.000000Z`,
  })
  it('takes the newest answer, and of two at once the one that says no', () => {
    expect(latestOptIn([tag('True', 1), tag('False', 2)], true)).toMatchObject({ is_opted_in_for_email: false })
    expect(latestOptIn([tag('False', 1), tag('True', 2)], true)).toMatchObject({ is_opted_in_for_email: true })
    for (const tags of [
      [tag('True', 1), tag('False', 1)],
      [tag('False', 1), tag('True', 1)],
    ]) {
      expect(latestOptIn(tags, true)).toMatchObject({ is_opted_in_for_email: false })
    }
  })
  it('takes true in any letter case for yes, as older data has it, and everything else for no', () => {
    for (const value of ['True', 'true', 'TRUE'])
      expect(latestOptIn([tag(value, 1)], false)).toMatchObject({ is_opted_in_for_email: true })
    for (const value of ['False', 'false', '1', 'yes'])
      expect(latestOptIn([tag(value, 1)], true)).toMatchObject({ is_opted_in_for_email: false })
  })
  it('says of those who were never asked what the site says', () => {
    expect(latestOptIn([], true)).toEqual({
      is_opted_in_for_email: true,
      preference_set_datetime: '2014-12-01T00:00:00.000000Z',
    })
    expect(latestOptIn([tag(null, 1)], false)).toMatchObject({ is_opted_in_for_email: false })
    expect(latestOptIn([tag('', 3)], true)).toEqual({
      is_opted_in_for_email: true,
      preference_set_datetime: '2024-06-03T00:00:00.000000Z',
    })
  })
})

describe('drawGroup', () => {
  const partition = { id: 1, name: 'p', scheme: 'random', groups: [0, 1, 2].map((id) => ({ id, name: `g${id}` })) }
  const bytes =
    (...numbers: number[]) =>
    () => {
      const buffer = Buffer.alloc(4)
      buffer.writeUInt32BE(numbers.shift() ?? 0)
      return buffer
    }
  it('gives each group the same chance', () => {
    expect([0, 1, 2, 3].map((number) => drawGroup(partition, bytes(number)).id)).toEqual([0, 1, 2, 0])
    expect(drawGroup(partition, bytes(2 ** 32 - 1, 1)).id).toBe(1)
  })
  it('gives up on a source of numbers that are none', () => {
    expect(() => drawGroup(partition, () => Buffer.alloc(4, 255))).toThrow('partition_error')
  })
  it('needs a group', () => {
    expect(() => drawGroup({ ...partition, groups: [] }, bytes())).toThrow('partition_error')
  })
})

onEachStore('e-mail opt-in', (open) => {
  it('is chosen by the person and trusted code, read by staff too', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    expect(await users.tags.getEmailOptIn(ada, null, 'OrgX')).toBeNull()
    expect(await users.tags.updateEmailOptIn(ada, null, { org: 'OrgX', opt_in: true })).toEqual({ opt_in: true })
    await users.tags.updateEmailOptIn(ada, null, { org: 'OrgX', opt_in: true })
    expect(await users.tags.getEmailOptIn(staff, 'ada', 'OrgX')).toBe(true)
    expect((await drain(users)).map(({ name, payload }) => [name, payload])).toEqual([
      ['email_opt_in.changed', { org: 'OrgX', opt_in: true }],
    ])
    await users.tags.updateEmailOptIn(system, 'ada', { course_id: 'course-v1:OrgX+C+R', email_opt_in: 'no' })
    expect(await users.tags.getEmailOptIn(ada, null, 'OrgX')).toBe(false)
    for (const actor of [bob, staff]) {
      await expect(users.tags.updateEmailOptIn(actor, 'ada', { org: 'OrgX', opt_in: true })).rejects.toMatchObject({
        code: 'not_authorized',
      })
    }
    await expect(users.tags.getEmailOptIn(bob, 'ada', 'OrgX')).rejects.toMatchObject({ code: 'not_authorized' })
  })

  it('is not for children, and needs a profile only where the site says so', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository, clock: () => new Date('2024-06-15') })
    const child = await addUser(store.repository, 'child', { year_of_birth: 2011 })
    expect(await users.tags.updateEmailOptIn({ username: 'child' }, null, { org: 'OrgX', opt_in: true })).toEqual({
      opt_in: false,
    })
    await store.repository.commit([
      { delete: 'profiles', where: { user_id: child } },
      { delete: 'org_tags', where: {} },
    ])
    const settings = { email_optin_needs_profile: true }
    const strict = createUserCore({ repository: store.repository, settings })
    const choice = { org: 'OrgX', opt_in: true }
    const update = strict.tags.updateEmailOptIn({ username: 'child' }, null, choice)
    await expect(update).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await store.repository.select('org_tags', {})).toEqual([])
    expect(await users.tags.updateEmailOptIn({ username: 'child' }, null, choice)).toEqual({ opt_in: true })
  })

  it.each([
    { org: '', opt_in: true },
    { org: 'x'.repeat(256), opt_in: true },
    { org: 'OrgX', opt_in: 'true' },
    { course_id: 'course-v1:OrgX+C+R' },
    { course_id: 'nonsense', email_opt_in: 'true' },
    {},
  ])('is not %j', async (choice) => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await expect(users.tags.updateEmailOptIn(ada, null, choice as never)).rejects.toMatchObject({ code: 'bad_request' })
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

  it('is CSV with one header, whose cells no spreadsheet runs', async () => {
    await using store = await open()
    const enrolled: Enrollment[] = []
    const users = createUserCore({ repository: store.repository, enrollments: courses(enrolled, { open: 0 }) })
    for (const [index, name] of ['=1+1', 'plain "quoted"', '@x'].entries()) {
      const user_id = await addUser(store.repository, `user${index}`, { name })
      enrolled.push({ user_id, course_id: 'course-v1:OrgX+C+R' })
    }
    await users.tags.updateEmailOptIn({ username: 'user1' }, null, { org: 'orgx', opt_in: false })
    const parts: string[] = []
    for await (const part of users.tags.exportEmailOptInsAsCsv(staff, { orgs: ['ORGX'] })) parts.push(part)
    const lines = parts.join('').trimEnd().split('\n')
    expect(lines[0]).toBe('user_id,username,email,full_name,course_id,is_opted_in_for_email,preference_set_datetime')
    expect(lines).toHaveLength(4)
    expect(lines[1]).toMatch(/,'=1\+1,course-v1:OrgX\+C\+R,True,2014-12-01T00:00:00Z$/)
    expect(lines[2]).toMatch(/,"plain ""quoted""",course-v1:OrgX\+C\+R,False,/)
    expect(lines[3]).toContain(",'@x,")
  })

  it('holds one batch at a time, and lets go of the source when nobody reads on', async () => {
    await using store = await open()
    const batches = { open: 0 }
    const user_id = await addUser(store.repository, 'user')
    const enrolled = Array.from({ length: 100 }, () => ({ user_id, course_id: 'course-v1:OrgX+C+R' }))
    const users = createUserCore({ repository: store.repository, enrollments: courses(enrolled, batches) })
    for await (const rows of users.tags.exportEmailOptIns(system, { orgs: ['OrgX'] })) {
      expect(rows).toHaveLength(2)
      expect(batches.open).toBe(1)
      break
    }
    expect(batches.open).toBe(-1)
    batches.open = 0
    for await (const text of users.tags.exportEmailOptInsAsCsv(system, { orgs: ['OrgX'] })) {
      expect(text).toMatch(/^user_id,/)
      break
    }
    expect(batches.open).toBe(-1)
  })

  it('passes over people who are unknown, and is for staff of sites that know courses', async () => {
    await using store = await open()
    const rowsOf = async (
      users: ReturnType<typeof createUserCore>,
      actor: typeof staff,
      orgs: string[],
      wanted?: string[],
    ) => {
      const rows: unknown[] = []
      for await (const batch of users.tags.exportEmailOptIns(actor, { orgs, ...(wanted ? { courses: wanted } : {}) }))
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

onEachStore('bulk opt-out', (open) => {
  it('opts out in batches, counts, and can only look', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const [adaId, bobId] = (await store.repository.select('users', {}))
      .sort((a, b) => (a.username < b.username ? -1 : 1))
      .map(({ id }) => id) as [number, number]
    await users.tags.updateEmailOptIn(bob, null, { org: 'OrgX', opt_in: true })
    await users.tags.updateEmailOptIn(bob, null, { org: 'OrgY', opt_in: false })
    await drain(users)
    const rows = [
      { user_id: adaId, org: 'OrgX' },
      { user_id: bobId, org: 'OrgX' },
      { user_id: bobId, org: 'OrgY' },
      { user_id: 999, org: 'OrgX' },
      { user_id: String(adaId), org: 'OrgX' },
    ]
    expect(await users.tags.bulkEmailOptOut(staff, rows, { dryRun: true })).toEqual({
      opted_out: 2,
      unchanged: 1,
      unknown: 1,
    })
    expect(await users.tags.getEmailOptIn(bob, null, 'OrgX')).toBe(true)
    const progress: number[] = []
    async function* source() {
      yield* rows
    }
    const result = await users.tags.bulkEmailOptOut(staff, source(), {
      batchSize: 2,
      onProgress: (counts) => void progress.push(counts.opted_out),
    })
    expect(result).toEqual({ opted_out: 2, unchanged: 2, unknown: 1 })
    expect(progress).toEqual([2, 2, 2])
    expect(await users.tags.getEmailOptIn(bob, null, 'OrgX')).toBe(false)
    expect(await users.tags.getEmailOptIn(ada, null, 'OrgX')).toBe(false)
    expect(await drain(users)).toHaveLength(2)
    await expect(users.tags.bulkEmailOptOut(ada, rows)).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.tags.bulkEmailOptOut(staff, rows, { batchSize: 0 })).rejects.toMatchObject({
      code: 'bad_request',
    })
  })
})

onEachStore('course tags and groups', (open) => {
  const course = 'course-v1:OrgX+C+R'
  const partition = {
    id: 12,
    name: 'colours',
    scheme: 'random',
    groups: [
      { id: 0, name: 'red' },
      { id: 1, name: 'blue' },
    ],
  }

  it('tags are set and read', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.tags.setCourseTag(ada, null, { course_id: course, key: 'welcome message', value: 'seen' })
    await users.tags.setCourseTag(system, 'ada', { course_id: course, key: 'b', value: '' })
    expect(await users.tags.getCourseTags(ada, null, course)).toEqual({ 'welcome message': 'seen', b: '' })
    expect(await users.tags.getCourseTag(staff, 'ada', course, 'welcome message')).toBe('seen')
    expect(await users.tags.getCourseTag(ada, null, 'another', 'b')).toBeNull()
    for (const name of ['constructor', '__proto__'])
      expect(await users.tags.getCourseTag(ada, null, course, name)).toBeNull()
    await expect(users.tags.getCourseTag(bob, 'ada', course, 'b')).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(
      users.tags.setCourseTag(staff, 'ada', { course_id: course, key: 'b', value: 'x' }),
    ).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.tags.getCourseTags({ username: 'nobody' }, null, course)).rejects.toMatchObject({
      code: 'user_not_found',
    })
    for (const tag of [
      { course_id: '', key: 'a', value: '' },
      { course_id: course, key: 'a\0', value: '' },
      { course_id: course, key: 'a', value: 5 },
      { course_id: course, key: 'a', value: 'x'.repeat(70_000) },
    ]) {
      await expect(users.tags.setCourseTag(ada, null, tag as never)).rejects.toMatchObject({ code: 'bad_request' })
    }
  })

  it('a group is drawn once, even by first calls at once, and told once', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    const groups = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? one : two).tags.assignGroup(ada, null, course, partition),
      ),
    )
    expect(new Set(groups.map((group) => group?.group_id)).size).toBe(1)
    const told = await drain(one)
    expect(told.map(({ name }) => name)).toEqual(['partition.assigned'])
    expect(told[0]?.payload).toMatchObject({
      group_id: groups[0]?.group_id,
      partition_id: 12,
      partition_name: 'colours',
    })
  })

  it('a group is drawn anew only when the stored one is gone', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { random: (bytes) => new Uint8Array(bytes) })
    expect(await users.tags.assignGroup(ada, null, course, partition, { assign: false })).toBeNull()
    expect(await users.tags.assignGroup(ada, null, course, partition)).toEqual({ group_id: 0 })
    const renamed = {
      ...partition,
      groups: [
        { id: 1, name: 'azure' },
        { id: 0, name: 'crimson' },
      ],
    }
    expect(await users.tags.assignGroup(ada, null, course, renamed)).toEqual({ group_id: 0 })
    const without = { ...partition, groups: [{ id: 7, name: 'green' }] }
    expect(await users.tags.assignGroup(ada, null, course, without)).toEqual({ group_id: 7 })
    expect(await users.tags.getCourseTag(ada, null, course, 'xblock.partition_service.partition_12')).toBe('7')
    await users.tags.setCourseTag(ada, null, {
      course_id: course,
      key: 'xblock.partition_service.partition_12',
      value: 'abc',
    })
    expect(await users.tags.assignGroup(ada, null, course, without)).toEqual({ group_id: 7 })
  })

  it('guests get a group for the moment', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { random: (bytes) => new Uint8Array(bytes) })
    expect(await users.tags.assignGroup(anonymous, null, course, partition)).toEqual({ group_id: 0 })
    expect(await users.tags.assignGroup(anonymous, null, course, partition, { assign: false })).toBeNull()
    expect(await store.repository.select('course_tags', {})).toEqual([])
    expect(await drain(users)).toEqual([])
  })

  it('there is no group without groups, and no other scheme', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const wrong of [
      { ...partition, groups: [] },
      { ...partition, scheme: 'cohort' },
    ]) {
      await expect(users.tags.assignGroup(ada, null, course, wrong)).rejects.toMatchObject({ code: 'partition_error' })
    }
  })
})
