import assert from 'node:assert/strict'
import type { Repository } from '../../port/repository.ts'
import type { UserId } from '../../port/tables.ts'
import type { JsonObject } from '../../values/json.ts'
import { addUser, outboxRow, profileRow, userRow } from '../rows.ts'
import type { Group } from './store.ts'
import { chosenId } from './support.ts'

const texts = [
  '',
  ' ',
  ' leading and trailing  ',
  'é',
  'e\u0301',
  '\u212b \u00c5 A\u030a',
  'ﬁ Ⅳ ½',
  '你好',
  '👩‍🚀',
  '𝒳',
  '\u{10FFFF}',
  'byte order \ufeffmark',
  'שלום \u200f',
  '\'"\\%_`$1 :a ?',
  'line\nbreak\r\n\ttab\u0001',
  '{"a":1}',
  'null',
  '0',
  '2024-06-15T12:00:00.000000Z',
]

const moments = [
  '1000-01-01T00:00:00.000000Z',
  '1815-12-10T00:00:00.000000Z',
  '1969-12-31T23:59:59.999999Z',
  '1970-01-01T00:00:00.000000Z',
  '2024-02-29T12:00:00.000001Z',
  '2024-03-31T01:30:00.500000Z',
  '2024-10-27T01:30:00.000000Z',
  '2038-01-19T03:14:08.000000Z',
  '9999-12-31T23:59:59.999999Z',
]

const json: JsonObject = {
  nothing: null,
  yes: true,
  no: false,
  empty: { object: {}, array: [], text: '' },
  numbers: [0, -1, 0.1, 1e21, -1.5e-7, 2 ** 53 - 1, -(2 ** 53 - 1), Number.MAX_VALUE, Number.MIN_VALUE],
  nested: [[[[{ deep: [null, [true], { x: 'y' }] }]]], []],
  looks_like: ['2024-06-15T12:00:00.000Z', '12', 'true', 'null', '{"a":1}', ' 1 '],
  '': 'no name',
  ' name ': 'blanks',
  'käy.$[0]"\\': 'signs',
  '🔑': texts,
}

/** Values come out as they went in, through every method that reads. */
export const roundTrip: Group = {
  async texts({ repository }) {
    const ids: UserId[] = []
    for (const [index, text] of texts.entries()) {
      const id = await repository.insertUser(userRow(`user${index}`, { first_name: text, last_name: text }), (id) => [
        { insert: 'profiles', rows: [profileRow(id, { name: text, goals: text, country: text })] },
        { insert: 'social_links', rows: [{ user_id: id, platform: text, social_link: text }] },
        { insert: 'extended_profiles', rows: [{ user_id: id, owner: text, document: text, schema_version: 1 }] },
        { put: 'preferences', rows: [{ user_id: id, key: text, value: text, version: 1 }] },
      ])
      assert.ok(id !== undefined, text)
      ids.push(id)
    }
    const found = await repository.findAccounts({ ids })
    assert.equal(found.length, texts.length)
    for (const account of found) {
      const text = texts[ids.indexOf(account.user.id)] ?? ''
      assert.deepEqual([account.user.first_name, account.user.last_name], [text, text])
      assert.deepEqual([account.profile?.name, account.profile?.goals, account.profile?.country], [text, text, text])
      const [link, part] = [account.social_links[0], account.extended_profiles[0]]
      assert.deepEqual([link?.platform, link?.social_link], [text, text])
      assert.deepEqual([part?.owner, part?.document], [text, text])
    }
    const by = { ids }
    for (const record of await repository.findPreferences({ by, keys: texts })) {
      const text = texts[ids.indexOf(record.user.id)]
      assert.deepEqual(
        record.preferences.map(({ key, value }) => [key, value]),
        [[text, text]],
      )
    }
    for (const [index, text] of texts.entries()) {
      const rows = await repository.select('preferences', { key: text, value: [text] })
      assert.deepEqual(
        rows.map((row) => row.user_id),
        [ids[index]],
        JSON.stringify(text),
      )
      assert.equal((await repository.select('profiles', { goals: text }))[0]?.user_id, ids[index])
    }
  },

  async 'keys that differ in a trailing blank, a letter case or an accent are different keys'({ repository }) {
    const id = await addUser(repository, 'ada')
    const keys = ['key', 'key ', ' key', 'Key', 'këy', 'ke\u0308y', 'kéy', 'ｋey', '🔑', '🗝', 'ß', 'ss']
    const rows = keys.map((key) => ({ user_id: id, key, value: key, version: 1 }))
    assert.equal(await repository.commit([{ put: 'preferences', rows }]), true)
    for (const key of keys) {
      assert.deepEqual(
        (await repository.select('preferences', { key })).map((row) => row.value),
        [key],
      )
    }
    assert.equal(await repository.commit([{ delete: 'preferences', where: { key: 'key' }, guarded: true }]), true)
    assert.equal((await repository.select('preferences', { key: keys })).length, keys.length - 1)
  },

  async 'keys of 255 characters, and long texts of 64 KiB and of 2 MiB'({ repository }) {
    const id = await addUser(repository, 'ada')
    const key = '𝒳'.repeat(255)
    const lengths = [65_535, 65_536, 65_537]
    const [a = '', b = '', c = ''] = lengths.map((length) => `${'x'.repeat(length - 1)}.`)
    const wide = `${'🔑'.repeat(65_536)}.`
    const document = JSON.stringify({ text: 'é'.repeat(1_100_000) })
    const stored = await repository.commit([
      { update: 'profiles', set: { bio: a, goals: b, city: c, location: wide }, where: { user_id: id }, guarded: true },
      { insert: 'extended_profiles', rows: [{ user_id: id, owner: key, document, schema_version: 1 }] },
      { insert: 'course_tags', rows: [{ user_id: id, course_id: key, key, value: wide, version: 1 }] },
    ])
    assert.equal(stored, true)
    const [account] = await repository.findAccounts({ ids: [id] })
    const { bio, goals, city, location } = account?.profile ?? {}
    // Not `deepEqual`: it would print megabytes.
    assert.ok(bio === a && goals === b && city === c && location === wide)
    const [part] = account?.extended_profiles ?? []
    assert.ok(part?.owner === key && part.document === document)
    const [record] = await repository.findPreferences({ by: { ids: [id] }, keys: [key], course_id: key })
    assert.ok(record?.course_tags[0]?.value === wide && record.course_tags[0].key === key)
  },

  async 'moments: before 1970, with microseconds, up to the year 9999'({ repository }) {
    const ids: UserId[] = []
    for (const [index, moment] of moments.entries()) {
      const row = userRow(`user${index}`, { date_joined: moment, last_login: index === 0 ? null : moment })
      const id = await repository.insertUser(row, (id) => [
        { insert: 'profiles', rows: [profileRow(id, { profile_image_uploaded_at: moment })] },
        {
          put: 'org_tags',
          rows: [{ user_id: id, org: 'o', key: 'k', value: '', version: 1, created_at: moment, modified_at: moment }],
        },
      ])
      assert.ok(id !== undefined)
      ids.push(id)
    }
    for (const { user, profile } of await repository.findAccounts({ ids })) {
      const moment = moments[ids.indexOf(user.id)]
      assert.deepEqual([user.date_joined, profile?.profile_image_uploaded_at], [moment, moment])
      assert.equal(user.last_login, user.id === ids[0] ? null : moment)
    }
    for (const { user, org_tags } of await repository.findPreferences({ by: { ids }, org: 'o' })) {
      const moment = moments[ids.indexOf(user.id)]
      assert.deepEqual([org_tags[0]?.created_at, org_tags[0]?.modified_at], [moment, moment])
    }
    for (const { user_id, modified_at } of await repository.findOrgTags({ ids, orgs: ['o'], key: 'k' })) {
      assert.equal(modified_at, moments[ids.indexOf(user_id)])
    }
    for (const [index, moment] of moments.entries()) {
      assert.deepEqual(
        (await repository.select('users', { date_joined: moment })).map((row) => row.id),
        [ids[index]],
      )
    }
  },

  async 'JSON of every shape, and none'({ repository }) {
    const id = await addUser(repository, 'ada')
    const history = (name: string, old_value: JsonObject | null, new_value: JsonObject | null) => ({
      id: name,
      user_id: id,
      owner: 'user',
      field_name: 'a',
      old_value,
      new_value,
      changed_by: null,
      changed_at: '2024-06-15T12:00:00.000000Z',
    })
    const rows = [history('one', null, json), history('two', { value: null }, {})]
    assert.equal(await repository.commit([{ insert: 'extended_profile_history', rows }]), true)
    const stored = await repository.select('extended_profile_history', {})
    assert.deepEqual(
      stored.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      rows,
    )
    assert.equal((await repository.select('extended_profile_history', { old_value: null })).length, 1)
    await repository.commit([{ insert: 'outbox', rows: [outboxRow('m1', id, { payload: json })] }])
    const [message] = await repository.leaseOutbox({
      now: '2024-06-15T12:00:00.000000Z',
      leased_until: '2024-06-15T12:01:00.000000Z',
      lease: 'one',
      limit: 1,
    })
    assert.deepEqual(message?.payload, json)
  },

  async 'integers, both truth values, and everything that can be null'({ repository }) {
    const id = await addUser(repository, 'ada')
    const full = profileRow(id, { version: 2 ** 31 - 1, year_of_birth: -(2 ** 31), gender: 'f', state: 'x' })
    for (const profile of [full, profileRow(id), { ...full, year_of_birth: 0, version: 1 }]) {
      const { user_id: _, ...set } = profile
      await repository.commit([{ update: 'profiles', set, where: { user_id: id } }])
      assert.deepEqual(await repository.select('profiles', {}), [profile])
      assert.deepEqual((await repository.findAccounts({ ids: [id] }))[0]?.profile, profile)
    }
    for (const is_active of [false, true, false]) {
      const recovery = { user_id: id, secondary_email: 'a', secondary_email_key: 'a', is_active }
      await repository.commit([
        { upsert: 'account_recoveries', rows: [recovery] },
        { update: 'users', set: { is_active }, where: { id } },
      ])
      const [account] = await repository.findAccounts({ ids: [id] })
      assert.deepEqual([account?.user.is_active, account?.account_recovery?.is_active], [is_active, is_active])
    }
  },

  async 'ids that are greater than numbers can tell apart are text, in every result'({ repository }) {
    const ids = repository.idType === 'integer' ? greatIds : [chosenId(repository, 1), chosenId(repository, 2)]
    const rows = ids.map((id, index) => ({ ...userRow(`user${index}`), id }))
    const stored = await repository.commit([
      { insert: 'users', rows },
      { insert: 'profiles', rows: ids.map((user_id) => profileRow(user_id, { bio: String(user_id) })) },
      { put: 'preferences', rows: ids.map((user_id) => ({ user_id, key: 'account_privacy', value: 'x', version: 1 })) },
      { insert: 'outbox', rows: ids.map((id) => outboxRow(`m${id}`, id)) },
    ])
    assert.equal(stored, true)
    for (const [index, id] of ids.entries()) await comesBack(repository, id, `user${index}`)
    const both = await repository.findAccounts({ ids })
    assert.deepEqual(both.map(({ user }) => user.id).sort(), ids)
    assert.deepEqual((await repository.pageUsers('profiles', { user_id: ids }, { limit: 3 })).sort(), ids)
    const [update] = [
      { update: 'profiles', set: { bio: 'x' }, where: { user_id: ids[0] as UserId }, guarded: true },
    ] as const
    assert.equal(await repository.commit([update]), true)
    assert.equal((await repository.select('profiles', { bio: 'x' })).length, 1)
  },
}

/** The two integers behind 2^53, which are one and the same number. */
const greatIds: readonly UserId[] = ['9007199254740992', '9007199254740993']

async function comesBack(repository: Repository, id: UserId, username: string): Promise<void> {
  const [account] = await repository.findAccounts({ username_keys: [username] })
  assert.equal(account?.user.id, id)
  assert.equal(account?.profile?.user_id, id)
  assert.equal(account?.preferences[0]?.user_id, id)
  assert.equal((await repository.findAccounts({ ids: [id] }))[0]?.user.username, username)
  assert.equal((await repository.findPreferences({ by: { ids: [id] } }))[0]?.preferences[0]?.user_id, id)
  assert.equal((await repository.findOrgTags({ ids: [id], orgs: ['o'], key: 'k' }))[0]?.user_id, id)
  assert.deepEqual(await repository.findClaims({ username_keys: [username], email_keys: [] }), [
    { user_id: id, kind: 'username', key: username },
  ])
  assert.equal((await repository.select('profiles', { user_id: id }))[0]?.bio, String(id))
  assert.equal((await repository.select('outbox', { user_id: id }))[0]?.id, `m${id}`)
}
