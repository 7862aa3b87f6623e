import assert from 'node:assert/strict'
import type { OrgTagRecord } from '../../port/org-tag-record.ts'
import type { OrgTagSelector } from '../../port/repository.ts'
import type { OrgTagRow, UserId } from '../../port/tables.ts'
import { addUser } from '../rows.ts'
import type { Group } from './store.ts'
import { chosenId } from './support.ts'

const moments = { created_at: '2024-06-15T12:00:00.000000Z', modified_at: '2024-06-15T12:00:00.000001Z' }

/** Returns a tag whose value is the name of its organisation. */
function tagRow(user_id: UserId, org: string, key: string): OrgTagRow {
  return { user_id, org, key, value: org, version: 1, ...moments }
}

const values = (records: readonly OrgTagRecord[]) => records.flatMap(({ value }) => value ?? []).sort()

/** `findOrgTags`. */
export const orgTags: Group = {
  async 'each person is found with the tags that were asked for, and without them too'({ repository }) {
    const ada = await addUser(repository, 'ada', { name: 'Ada L.' })
    const bob = await addUser(repository, 'bob')
    const cy = await addUser(repository, 'cy', { name: '' })
    const rows = [tagRow(ada, 'x', 'a'), tagRow(ada, 'y', 'a'), tagRow(ada, 'z', 'a'), tagRow(ada, 'x', 'b')]
    await repository.commit([
      { put: 'org_tags', rows: [...rows, tagRow(bob, 'x', 'b')] },
      { delete: 'profiles', where: { user_id: bob } },
    ])
    const find = async (request: OrgTagSelector) =>
      (await repository.findOrgTags(request)).toSorted((a, b) => (a.username < b.username ? -1 : 1))
    const named = (user_id: UserId, username: string) => ({ user_id, username, email: `${username}@example.com` })
    const noTag = { value: null, modified_at: null }
    const withoutProfile = { ...named(bob, 'bob'), profile_name: null, ...noTag }
    const others = [withoutProfile, { ...named(cy, 'cy'), profile_name: '', ...noTag }]
    assert.deepEqual(await find({ ids: [ada, bob, cy, ada], orgs: ['x', 'none', 'x'], key: 'a' }), [
      { ...named(ada, 'ada'), profile_name: 'Ada L.', value: 'x', modified_at: moments.modified_at },
      ...others,
    ])
    assert.deepEqual(values(await find({ ids: [ada], orgs: ['z', 'x'], key: 'a' })), ['x', 'z'])
    assert.deepEqual(await find({ ids: [bob, cy], orgs: [], key: 'b' }), others)
    const unknown = chosenId(repository, 1)
    assert.deepEqual(await find({ ids: [bob, unknown], orgs: ['y'], key: 'b' }), [withoutProfile])
    assert.deepEqual(await find({ ids: [], orgs: ['x'], key: 'a' }), [])
  },

  async 'a tag that is deleted has no value'({ repository }) {
    const user_id = await addUser(repository, 'ada')
    await repository.commit([{ put: 'org_tags', rows: [{ ...tagRow(user_id, 'x', 'a'), value: null }] }])
    const [found] = await repository.findOrgTags({ ids: [user_id], orgs: ['x'], key: 'a' })
    assert.deepEqual([found?.value, found?.modified_at], [null, moments.modified_at])
  },

  async 'organisations and keys are told apart letter by letter'({ repository }) {
    const user_id = await addUser(repository, 'ada')
    await repository.commit([{ put: 'org_tags', rows: [tagRow(user_id, 'OrgX', 'k')] }])
    const orgs = ['orgx', 'OrgX ', 'ÓrgX']
    const asked = [...orgs.map((org) => ({ orgs: [org], key: 'k' })), { orgs: ['OrgX'], key: 'K' }]
    for (const request of [...asked, { orgs: ['OrgX'], key: 'k ' }, { orgs, key: 'k' }]) {
      const found = await repository.findOrgTags({ ids: [user_id], ...request })
      assert.deepEqual([found.length, values(found)], [1, []])
    }
  },
}
