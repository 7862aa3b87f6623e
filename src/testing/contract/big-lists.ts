import assert from 'node:assert/strict'
import { addUser, userRow } from '../rows.ts'
import type { Group } from './store.ts'
import { manyUsers, names } from './support.ts'

const count = 10_000

/** Lists and rows beyond what a database takes in one statement. */
export const bigLists: Group = {
  async 'ten thousand people are one unit, and ten thousand names one call'({ repository }) {
    const usernames = names(count)
    assert.equal(await repository.commit(manyUsers(repository, usernames)), true)
    const by = { username_keys: usernames }
    const emails = usernames.map((name) => userRow(name).email_key)
    const accounts = await repository.findAccounts(by)
    assert.equal(accounts.length, count)
    assert.ok(accounts.every(({ user, profile }) => profile?.user_id === user.id))
    const ids = accounts.map(({ user }) => user.id)
    assert.equal(new Set(ids).size, count)
    assert.equal((await repository.findPreferences({ by: { ids }, keys: ['a', 'b'], org: 'o' })).length, count)
    assert.equal((await repository.findPreferences({ by: { ids: ids.slice(0, 2) }, keys: usernames })).length, 2)
    assert.equal((await repository.findOrgTags({ ids, orgs: usernames, key: 'a' })).length, count)
    assert.equal((await repository.findClaims({ ...by, email_keys: emails })).length, 2 * count)
    assert.equal((await repository.select('users', { email_key: emails })).length, count)
    assert.equal((await repository.pageUsers('profiles', { user_id: ids }, { limit: count })).length, count)
  },

  async 'ten thousand rows of one table are one write, of each kind'({ repository }) {
    const user_id = await addUser(repository, 'ada')
    const keys = names(count)
    const rows = (version: number) => keys.map((key) => ({ user_id, key, value: key, version }))
    for (const version of [1, 2]) {
      assert.equal(await repository.commit([{ put: 'preferences', rows: rows(version) }]), true)
    }
    const [record] = await repository.findPreferences({ by: { ids: [user_id] }, keys })
    assert.equal(record?.preferences.length, count)
    const late = rows(3).with(count - 1, { user_id, key: keys[count - 1] ?? '', value: '', version: 2 })
    assert.equal(await repository.commit([{ put: 'preferences', rows: late }]), false, 'one of them is too late')
    assert.equal((await repository.select('preferences', { version: 2 })).length, count)
    assert.equal(await repository.commit([{ upsert: 'preferences', rows: rows(4) }]), true)
    const where = { key: keys.slice(1) }
    const unit = [
      { update: 'preferences', set: { value: 'x' }, where },
      { delete: 'preferences', where: { ...where, value: 'x' } },
    ] as const
    assert.equal(await repository.commit(unit), true)
    const left = await repository.select('preferences', {})
    assert.deepEqual(
      left.map(({ key, value, version }) => [key, value, version]),
      [['user0', 'user0', 4]],
    )
  },
}
