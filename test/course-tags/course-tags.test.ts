import { describe, expect, it } from 'vitest'
import { drawGroup } from '../../src/course-tags/random-partition.ts'
import { createUserCore } from '../../src/create-user-core.ts'
import { anonymous, system } from '../../src/site/actor.ts'
import { drain, withPeople } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }
const staff = { username: 'eve', staff: true }

describe('drawGroup', () => {
  const partition = { id: 1, name: 'p', scheme: 'random', groups: [0, 1, 2].map((id) => ({ id, name: `g${id}` })) }
  const bytes =
    (...numbers: number[]) =>
    () => {
      const buffer = Buffer.alloc(4)
      buffer.writeUInt32BE(numbers.shift() ?? 0)
      return buffer
    }
  it('draws each group with the same chance', () => {
    expect([0, 1, 2, 3].map((number) => drawGroup(partition, bytes(number)).id)).toEqual([0, 1, 2, 0])
    expect(drawGroup(partition, bytes(2 ** 32 - 1, 1)).id).toBe(1)
  })
  it('throws when the source of random bytes gives only the highest number', () => {
    expect(() => drawGroup(partition, () => Buffer.alloc(4, 255))).toThrow('partition_error')
  })
  it('needs a group, and the scheme random', () => {
    expect(() => drawGroup({ ...partition, groups: [] }, bytes())).toThrow('partition_error')
    expect(() => drawGroup({ ...partition, scheme: 'cohort' }, bytes(0))).toThrow('partition_error')
  })
})

onEachStore('course tags and partitions:', (open) => {
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

  it('tags are set by the holder and trusted code, and read by staff too', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.courseTags.set(ada, 'ada', course, 'welcome message', 'seen')
    await users.courseTags.set(system, 'ada', course, 'b', '')
    expect(await users.courseTags.getAll(ada, 'ada', course)).toEqual({ 'welcome message': 'seen', b: '' })
    expect(await users.courseTags.get(staff, 'ada', course, 'welcome message')).toBe('seen')
    expect(await users.courseTags.get(ada, 'ada', 'another', 'b')).toBeNull()
    for (const name of ['constructor', '__proto__'])
      expect(await users.courseTags.get(ada, 'ada', course, name)).toBeNull()
    await expect(users.courseTags.get(bob, 'ada', course, 'b')).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.courseTags.set(staff, 'ada', course, 'b', 'x')).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.courseTags.getAll({ username: 'unknown' }, 'unknown', course)).rejects.toMatchObject({
      code: 'user_not_found',
    })
    for (const [courseId, key, value] of [
      ['', 'a', ''],
      [course, 'a\0', ''],
      [course, 'a', 5],
      [course, 'a', 'x'.repeat(70_000)],
    ] as [string, string, never][]) {
      await expect(users.courseTags.set(ada, 'ada', courseId, key, value)).rejects.toMatchObject({
        code: 'bad_request',
      })
    }
  })

  it('a group is drawn once, also by parallel first calls, and told once', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    const groups = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? one : two).partitions.assign(ada, 'ada', course, partition),
      ),
    )
    expect(new Set(groups.map((group) => group?.groupId)).size).toBe(1)
    const told = await drain(one)
    expect(told.map(({ name }) => name)).toEqual(['partition.assigned'])
    expect(told[0]?.payload).toMatchObject({
      group_id: groups[0]?.groupId,
      partition_id: 12,
      partition_name: 'colours',
    })
  })

  it('a group is drawn anew only when the partition no longer has the stored one', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { random: (bytes) => new Uint8Array(bytes) })
    expect(await users.partitions.assign(ada, 'ada', course, partition, { assign: false })).toBeNull()
    expect(await users.partitions.assign(ada, 'ada', course, partition)).toEqual({ groupId: 0 })
    const renamed = {
      ...partition,
      groups: [
        { id: 1, name: 'azure' },
        { id: 0, name: 'crimson' },
      ],
    }
    expect(await users.partitions.assign(ada, 'ada', course, renamed)).toEqual({ groupId: 0 })
    const without = { ...partition, groups: [{ id: 7, name: 'green' }] }
    expect(await users.partitions.assign(ada, 'ada', course, without)).toEqual({ groupId: 7 })
    expect(await users.courseTags.get(ada, 'ada', course, 'xblock.partition_service.partition_12')).toBe('7')
    await users.courseTags.set(ada, 'ada', course, 'xblock.partition_service.partition_12', 'abc')
    expect(await users.partitions.assign(ada, 'ada', course, without)).toEqual({ groupId: 7 })
  })

  it('a guest gets no group, and none is stored', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const assign of [true, false]) {
      const group = users.partitions.assign(anonymous, 'ada', course, partition, { assign })
      await expect(group).rejects.toMatchObject({ code: 'not_authenticated' })
    }
    expect(await store.repository.select('course_tags', {})).toEqual([])
  })

  it('a partition without groups or of another scheme is refused', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const wrong of [
      { ...partition, groups: [] },
      { ...partition, scheme: 'cohort' },
    ]) {
      await expect(users.partitions.assign(ada, 'ada', course, wrong)).rejects.toMatchObject({
        code: 'partition_error',
      })
    }
  })
})
