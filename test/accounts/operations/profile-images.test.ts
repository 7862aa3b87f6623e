import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { createUserCore, type UserCore, type UserCoreOptions } from '../../../src/create-user-core.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { type Actor, anonymous, system } from '../../../src/site/actor.ts'
import type { SettingsInput } from '../../../src/site/settings.ts'
import { bringTo, keys, openSite, worker } from '../../retirement/site.ts'
import { drain } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

type Users = UserCore<unknown>

const ada: Actor = { username: 'ada' }
const uploaded = { uploaded: true } as const
const md5 = (seed: string, username: string) =>
  createHash('md5')
    .update(seed + username)
    .digest('hex')

async function site(
  repository: Repository,
  settings: SettingsInput = {},
  options: Partial<UserCoreOptions<unknown>> = {},
) {
  const users = createUserCore({
    repository,
    settings: { profile_image_sizes: { small: 10, full: 50 }, ...settings },
    ...options,
  })
  const person = { username: 'ada', email: 'ada@example.com', name: 'Ada', profile: { year_of_birth: 1990 } }
  await users.accounts.create(system, person, { active: true })
  return users
}

const files = async (users: Users, username: string) =>
  Object.values(await users.accounts.profileImageNames(system, username))
const shown = async (users: Users, username: string) =>
  Object.values((await users.accounts.get(system, username)).profile_image ?? {})
    .filter((url) => typeof url === 'string')
    .map((url) => url.replace(/^.*\/|\?.*$/g, ''))
const removed = async (users: Users) =>
  (await drain(users)).filter(({ name }) => name === 'profile_image.removed').flatMap(({ payload }) => payload.names)

/** A profile as data of Open edX has it: with an image, and no name for it. */
async function withoutName(repository: Repository): Promise<void> {
  await repository.commit([
    { delete: 'profile_images', where: {} },
    { update: 'profiles', set: { profile_image_uploaded_at: '2024-01-01T00:00:00.000000Z' }, where: {} },
  ])
}

onEachStore('names of profile images', (open) => {
  it('are drawn for each person, need no seed, and stay the same until the end', async () => {
    await using store = await open()
    const users = await site(store.repository)
    await users.accounts.create(system, { username: 'bob', email: 'bob@example.com', name: 'Bob' })
    const names = await files(users, 'ada')
    expect(names).toEqual([
      expect.stringMatching(/^[0-9a-f]{40}_10\.jpg$/),
      expect.stringMatching(/^[0-9a-f]{40}_50\.jpg$/),
    ])
    expect(await files(users, 'bob')).not.toEqual(names)
    await users.accounts.setProfileImage(ada, 'ada', uploaded)
    await users.accounts.setProfileImage(ada, 'ada', uploaded)
    expect(await files(users, 'ADA')).toEqual(names)
    expect((await shown(users, 'ada')).sort()).toEqual(names)
    await users.accounts.setProfileImage(ada, 'ada', { uploaded: false })
    expect(await removed(users)).toEqual(names)
    expect(await files(users, 'ada')).toEqual(names)
    await expect(users.accounts.profileImageNames(system, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
  })

  it('are the same for all calls at once', async () => {
    await using store = await open()
    const [one, two] = [await site(store.repository), createUserCore({ repository: store.second })]
    const asked = await Promise.all(
      [one, two, one, two].map((users) => users.accounts.profileImageNames(system, 'ada')),
    )
    expect(new Set(asked.flatMap((names) => Object.values(names).map((name) => name.slice(0, 40)))).size).toBe(1)
  })

  it.each([{}, { profile_image_naming: 'username', profile_image_hash_seed: 'seed' }] as SettingsInput[])(
    'are not lost by a rename, and no message tells of it: %j',
    async (settings) => {
      await using store = await open()
      const users = await site(store.repository, settings)
      await users.accounts.setProfileImage(ada, 'ada', uploaded)
      const names = await files(users, 'ada')
      await drain(users)
      await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
      expect((await shown(users, 'grace')).sort()).toEqual(names)
      expect(await files(users, 'grace')).toEqual(names)
      // Ids are random, and some of them spell a name.
      const told = (await drain(users)).map(({ name, payload }) => ({ name, payload }))
      expect(JSON.stringify(told)).not.toMatch(/ada|grace|jpg/)
    },
  )

  it('are those that data from elsewhere has, also after a rename, and fresh ones after a removal', async () => {
    await using store = await open()
    const users = await site(store.repository, { profile_image_hash_seed: 'seed' })
    await withoutName(store.repository)
    const old = [10, 50].map((pixels) => `${md5('seed', 'ada')}_${pixels}.jpg`)
    expect((await shown(users, 'ada')).sort()).toEqual(old)
    await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
    expect((await shown(users, 'grace')).sort()).toEqual(old)
    // Without the seed too: the name is known by now.
    const bare = createUserCore({ repository: store.repository })
    expect(await shown(bare, 'grace')).toContain(`${md5('seed', 'ada')}_500.jpg`)
    await users.accounts.setProfileImage(system, 'grace', { uploaded: false })
    expect(await removed(users)).toEqual(expect.arrayContaining(old))
    expect((await files(users, 'grace'))[0]).toMatch(/^[0-9a-f]{40}_/)
  })

  it('that need a seed throw `config_error` where there is none', async () => {
    await using store = await open()
    const users = await site(store.repository)
    await withoutName(store.repository)
    const refused = { code: 'config_error', params: { settings: 'profile_image_hash_seed' } }
    await expect(users.accounts.profileImageNames(system, 'ada')).rejects.toMatchObject(refused)
    await expect(users.accounts.get(ada, ada)).rejects.toMatchObject(refused)
    await expect(users.accounts.setProfileImage(ada, 'ada', { uploaded: false })).rejects.toMatchObject(refused)
    const settings = { profile_image_naming: 'username' } as const
    expect(() => createUserCore({ repository: store.repository, settings })).toThrow(expect.objectContaining(refused))
    expect(() => createUserCore({ repository: store.repository, settings: { profile_image_hash_seed: '' } })).toThrow(
      expect.objectContaining(refused),
    )
  })

  it('are told on erasure, every one that was ever told before', async () => {
    await using store = await open()
    const sizes = { ...{ profile_image_sizes: { small: 10 } }, retired_identifier_keys: keys }
    const before = await site(store.repository, sizes)
    const told = await files(before, 'ada')
    await before.accounts.setProfileImage(ada, 'ada', uploaded)
    const other = await openSite(store.repository, [], { settings: { profile_image_sizes: { large: 70 } } })
    told.push(...(await files(other.users, 'ada')))
    await other.users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
    await drain(other.users)
    await bringTo(other, 'grace', 'RETIRING_LMS')
    await other.users.retirement.runStep(worker, 'grace', 'account')
    const names = await removed(other.users)
    expect(names.toSorted()).toEqual(told.toSorted())
    expect(await store.repository.select('profile_images', {})).toEqual([])
  })

  it('are told on erasure for an image that is not shown, or was not said to be there', async () => {
    await using store = await open()
    const other = await openSite(store.repository, ['ada'])
    const told = await files(other.users, 'ada')
    await bringTo(other, 'ada', 'RETIRING_LMS')
    await other.users.retirement.runStep(worker, 'ada', 'account')
    expect(await removed(other.users)).toEqual(told)
  })

  it('are told by the clean-up for an image that came while the account was erased', async () => {
    await using store = await open()
    const other = await openSite(store.repository, ['ada'])
    await bringTo(other, 'ada', 'RETIRING_LMS')
    await other.users.retirement.runStep(worker, 'ada', 'account')
    await drain(other.users)
    const [user] = await store.repository.select('users', {})
    const late = { user_id: user?.id ?? 0, name: 'late', sizes: '30 50' }
    await store.repository.commit([{ insert: 'profile_images', rows: [late] }])
    await other.users.retirement.move(worker, 'ada', { state: 'COMPLETE', note: '' })
    await other.users.retirement.cleanUp(worker, ['ada'])
    expect(await removed(other.users)).toEqual(['late_30.jpg', 'late_50.jpg', 'late_120.jpg', 'late_500.jpg'])
  })

  it('cannot be computed for a picture that is hidden', async () => {
    await using store = await open()
    const users = await site(store.repository)
    await users.accounts.create(anonymous, {
      username: 'kid',
      email: 'k@example.com',
      name: 'Kid',
      profile: { year_of_birth: new Date().getFullYear() - 5 },
    })
    await users.accounts.setProfileImage({ username: 'kid' }, 'kid', uploaded)
    const seen = await users.accounts.get({ username: 'ada' }, 'kid')
    expect(seen?.profile_image?.has_image).toBe(false)
    const own = await users.accounts.get({ username: 'kid' }, 'kid')
    const name = String(own?.profile_image?.image_url_small)
    const [kid] = await store.repository.select('users', { username: 'kid' })
    for (const secret of ['secret', ''])
      for (const text of ['kid', String(kid?.id)]) expect(name).not.toContain(md5(secret, text))
  })
})
