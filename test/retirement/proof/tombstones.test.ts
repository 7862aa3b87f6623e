import { expect, it } from 'vitest'
import type { UserCore } from '../../../src/create-user-core.ts'
import type { Repository } from '../../../src/port/repository.ts'
import type { UserId } from '../../../src/port/tables.ts'
import { system } from '../../../src/site/actor.ts'
import { drain } from '../../support/host.ts'
import { onEveryStore } from '../../support/stores.ts'
import { bringTo, chief, keys, move, nextKey, openSite, type Site, worker } from '../site.ts'

/** Erases a person, and deletes the row that is left of them, as some hosts do. */
async function eraseAndDelete(
  site: Site,
  repository: Repository,
  username: string,
  isCleanedUp: boolean,
): Promise<void> {
  const { users } = site
  const { user } = await retire(site, username)
  if (isCleanedUp) {
    await move(users, username, 'COMPLETE')
    await users.retirement.cleanUp(worker, [username])
  }
  await deleteRow(repository, user.id)
}

/** Deletes the row of a person. Open edX has tables that keep it from that: there all of the row is replaced. */
async function deleteRow(repository: Repository, id: UserId): Promise<void> {
  if (await repository.commit([{ delete: 'users', where: { id }, guarded: true }])) return
  const gone = {
    username: `gone${id}`,
    username_key: `gone${id}`,
    email: `gone${id}@x.org`,
    email_key: `gone${id}@x.org`,
  }
  expect(await repository.commit([{ update: 'users', set: gone, where: { id }, guarded: true }])).toBe(true)
}

async function retire(site: Site, username: string) {
  await bringTo(site, username, 'RETIRING_LMS')
  await site.users.retirement.runStep(worker, username, 'account')
  return site.users.retirement.get(worker, username)
}

/** Returns the fields for which an account with this username and address is refused. */
async function refused(users: UserCore<unknown>, username: string, email: string): Promise<string[]> {
  const account = { username, email, name: 'Mallory' }
  const error = await users.accounts.create(system, account).catch((error: unknown) => error)
  const fields = Object(error).field_errors ?? {}
  return Object.entries<{ code: string }>(fields).map(([field, { code }]) => `${field} ${code}`)
}

const both = ['username conflict', 'email conflict']

onEveryStore('names of people who were erased', (open) => {
  it.each([true, false])(
    'stay taken when the host deletes the row of the person (cleaned up: %s)',
    async (isCleanedUp) => {
      await using store = await open()
      const site = await openSite(store.repository)
      const { users } = site
      await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'lady' }])
      await eraseAndDelete(site, store.repository, 'lady', isCleanedUp)
      expect(await refused(users, 'LADY', 'ada@EXAMPLE.com')).toEqual(both)
      expect(await refused(users, 'ada', 'other@example.com')).toEqual(['username conflict'])
      expect(await users.accounts.validate({ username: 'lady', email: 'ada@example.com' })).toMatchObject({
        username: { valid: false },
        email: { valid: false },
      })
      await users.accounts.replaceUsernames(system, [{ whom: 'bob', username: 'ada' }])
      const [bob] = (await store.repository.select('users', {})).filter((user) => user.email === 'bob@example.com')
      expect(bob?.username).not.toBe('ada')
      await drain(users)
      await users.accounts.update({ id: bob?.id ?? 0 }, { id: bob?.id ?? 0 }, { email: 'ada@example.com' })
      expect((await drain(users)).map(({ name }) => name)).toContain('retired_email_wanted')
      for (const [kind, value, retired] of [
        ['username', 'lady', true],
        ['username', 'ada', true],
        ['email', 'ada@example.com', true],
        ['email', 'bob@example.com', false],
      ] as const) {
        expect(await users.retired.isRetired(worker, kind, value)).toBe(retired)
      }
      // Keyed hashes alone are stored.
      const rows = await store.repository.select('retired_identifiers', {})
      expect(rows).toHaveLength(3)
      for (const { form } of rows) expect(form).toMatch(/^retired__user_h1_k1_[0-9a-f]{40}(@retired\.invalid)?$/)
    },
  )

  it('stay taken under later keys, also once they are wrapped by the current one', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await eraseAndDelete(site, store.repository, 'ada', true)
    const retired_identifier_keys = [...keys, nextKey]
    const users = site.another(store.repository, { settings: { retired_identifier_keys } })
    expect(await refused(users, 'ada', 'ada@example.com')).toEqual(both)
    await users.retired.rewrap(worker, { dryRun: true })
    const before = await store.repository.select('retired_identifiers', {})
    for (const { form } of before) expect(form).not.toContain('_k2_')
    for (let times = 0; times < 2; times++) {
      await users.retired.rewrap(worker)
      const rows = await store.repository.select('retired_identifiers', {})
      expect(rows).toHaveLength(2)
      for (const { form } of rows) expect(form).toContain('h1_k1_k2_')
      expect(new Set(rows.map((row) => row.retired_at))).toEqual(new Set(before.map((row) => row.retired_at)))
    }
    expect(await refused(users, 'ada', 'ada@example.com')).toEqual(both)
  })

  it('get the form of the current key while the originals are known', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await retire(site, 'ada')
    const users = site.another(store.repository, { settings: { retired_identifier_keys: [...keys, nextKey] } })
    for (const kind of ['username', 'email'] as const) await users.retired.rehash(worker, kind)
    const rows = await store.repository.select('retired_identifiers', {})
    expect(rows).toHaveLength(2)
    for (const { form } of rows) expect(form).toContain('h1_k2_')
  })

  it('are free again where the address was released, and before the step account', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    const { user } = await retire(site, 'ada')
    await move(users, 'ada', 'COMPLETE')
    await users.retired.releaseEmail(chief, { id: user.id })
    await users.retirement.cleanUp(worker, ['ada'])
    await deleteRow(store.repository, user.id)
    expect(await refused(users, 'ada', 'ada@example.com')).toEqual(['username conflict'])

    await users.retirement.request(system, 'bob')
    await users.retirement.cancel(system, { username: 'bob' })
    const [bob] = await store.repository.select('users', { username: 'bob' })
    await deleteRow(store.repository, bob?.id ?? 0)
    expect(await refused(users, 'bob', 'bob@example.com')).toEqual([])
  })
})
