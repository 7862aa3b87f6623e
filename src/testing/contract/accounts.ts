import assert from 'node:assert/strict'
import type { Write } from '../../port/write.ts'
import { addUser, profileRow, userRow } from '../rows.ts'
import { addRetired, retirementsOf } from './retired-people.ts'
import type { Group } from './store.ts'
import { commitAtLast, connectionOf, nextVersion } from './support.ts'

/** `findAccounts`. */
export const accounts: Group = {
  async 'every part of each account is there, lists sorted, and unknown names are left out'({ repository }) {
    const id = await addUser(repository, 'ada', { bio: 'Hello' })
    await addUser(repository, 'bob')
    const lonely = await repository.insertUser(userRow('cy'), () => [])
    const languages = ['fr', 'en'].map((code) => ({ user_id: id, code }))
    const links = ['x', 'facebook'].map((platform) => ({ user_id: id, platform, social_link: `${platform}.com/ada` }))
    const extended = { user_id: id, owner: 'user', document: '{"a":1}', schema_version: 1 }
    const preference = (key: string, value: string | null) => ({ user_id: id, key, value, version: 1 })
    const recovery = { user_id: id, secondary_email: 'A@b.co', secondary_email_key: 'a@b.co', is_active: true }
    const requested_at = '2024-06-15T12:00:00.000000Z'
    const image = { user_id: id, name: 'a1', sizes: '50 120' }
    const rename = { user_id: id, request_id: 'r', new_name: 'Ada L', rationale: '', requested_at }
    const deciding = [preference('account_privacy', 'all_users'), preference('visibility.bio', null)]
    await repository.commit([
      { insert: 'language_proficiencies', rows: languages },
      { insert: 'social_links', rows: links },
      { insert: 'extended_profiles', rows: [extended] },
      { put: 'preferences', rows: [...deciding, preference('theme', 'dark'), preference('visibilityxbio', 'x')] },
      { insert: 'account_recoveries', rows: [recovery] },
      { insert: 'profile_images', rows: [image] },
      { insert: 'pending_name_changes', rows: [rename] },
    ])
    const found = await repository.findAccounts({ username_keys: ['unknown', 'ada', 'cy'] })
    assert.equal(found.length, 2)
    const ada = found.find((record) => record.user.id === id)
    assert.deepEqual(
      { ...ada, preferences: ada?.preferences.toSorted((a, b) => (a.key < b.key ? -1 : 1)) },
      {
        user: { ...userRow('ada'), id },
        profile: profileRow(id, { bio: 'Hello' }),
        profile_image: image,
        language_proficiencies: languages.toReversed(),
        social_links: links.toReversed(),
        extended_profiles: [extended],
        preferences: deciding,
        account_recovery: recovery,
        pending_name_change: rename,
        retirement: 'none',
      },
    )
    assert.deepEqual(
      found.find((record) => record.user.id === lonely),
      {
        user: { ...userRow('cy'), id: lonely },
        profile: undefined,
        profile_image: undefined,
        language_proficiencies: [],
        social_links: [],
        extended_profiles: [],
        preferences: [],
        account_recovery: undefined,
        pending_name_change: undefined,
        retirement: 'none',
      },
    )
  },

  async 'each comes with its retirement: none, one that was asked for, one that has left its first state'({
    repository,
  }) {
    const retired = await addRetired(repository)
    const found = await repository.findAccounts({ ids: [...retired.keys()] })
    assert.deepEqual(retirementsOf(found), retired)
  },

  async 'a name given twice is one account, and no names are none'({ repository }) {
    const id = await addUser(repository, 'ada')
    assert.equal((await repository.findAccounts({ username_keys: ['ada', 'bob', 'ada'] })).length, 1)
    assert.equal((await repository.findAccounts({ ids: [id, id, id] })).length, 1)
    assert.deepEqual(await repository.findAccounts({ username_keys: [] }), [])
    assert.deepEqual(await repository.findAccounts({ email_keys: [] }), [])
    assert.deepEqual(await repository.findAccounts({ ids: [] }), [])
  },

  async 'each call returns row objects of its own, which no later change touches'({ repository }) {
    const user_id = await addUser(repository, 'ada')
    const row = { user_id, owner: 'user', document: '{"a":1}', schema_version: 1 }
    await repository.commit([{ insert: 'extended_profiles', rows: [row] }])
    const [before] = await repository.findAccounts({ ids: [user_id] })
    const [same] = await repository.findAccounts({ ids: [user_id] })
    await repository.commit([{ upsert: 'extended_profiles', rows: [{ ...row, document: '{"a":2}' }] }])
    const [after] = await repository.findAccounts({ ids: [user_id] })
    assert.deepEqual(before?.extended_profiles, [row])
    assert.deepEqual(after?.extended_profiles, [{ ...row, document: '{"a":2}' }])
    assert.notEqual(before?.extended_profiles[0], same?.extended_profiles[0])
  },

  async 'names are found as they are spelt, letter by letter'({ repository }) {
    for (const key of ['a_a', 'e\u0301ve']) {
      const user = userRow(key, { username_key: key, email_key: key })
      assert.notEqual(await repository.insertUser(user, () => []), undefined)
      assert.equal((await repository.findAccounts({ username_keys: [key] })).length, 1)
      assert.equal((await repository.findAccounts({ email_keys: [key] })).length, 1)
    }
    for (const other of ['A_A', 'a_a ', ' a_a', 'aba', 'a%', 'éve', 'eve']) {
      assert.deepEqual(await repository.findAccounts({ username_keys: [other] }), [], other)
      assert.deepEqual(await repository.findAccounts({ email_keys: [other] }), [], other)
    }
  },

  async 'no reader sees half of a unit'(store) {
    const [reader, writer] = [connectionOf(store, 0), connectionOf(store, 1)]
    const id = await addUser(writer, 'ada', { bio: '1' })
    await writer.commit([{ insert: 'social_links', rows: [{ user_id: id, platform: 'x', social_link: '1' }] }])
    let isWriting = true
    const writes = (async () => {
      for (let version = 1; version <= 50; version++) {
        const bio = String(version + 1)
        const link = { user_id: id, platform: 'x', social_link: bio }
        const unit: Write[] = [...nextVersion(id, version, bio), { upsert: 'social_links', rows: [link] }]
        await commitAtLast(writer, async () => unit)
      }
    })().finally(() => {
      isWriting = false
    })
    while (isWriting) {
      const [record] = await reader.findAccounts({ ids: [id] })
      assert.equal(record?.profile?.bio, record?.social_links[0]?.social_link)
      assert.equal(record?.profile?.bio, String(record?.profile?.version))
      await new Promise(setImmediate)
    }
    await writes
  },
}
