import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { StorageError } from '../../../src/port/repository.ts'
import { anonymous, system } from '../../../src/site/actor.ts'
import { withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }
const staff = { username: 'eve', staff: true }
const superuser = { username: 'eve', superuser: true }

onEachStore('accounts.get', (open) => {
  it('returns accounts by the keys that were asked, in the order of the call, without unknown ones', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const { id } = await users.accounts.me(ada)
    const asked = ['bob', 'nobody', 'ADA', 'bob', { id }, { id: 4711 }]
    const accounts = [...(await users.accounts.getMany(ada, asked))]
    expect(accounts.map(([whom]) => whom)).toEqual(['bob', 'ADA', { id }])
    expect(accounts.map(([, account]) => account.username)).toEqual(['bob', 'ada', 'ada'])
    expect(accounts.map(([, account]) => account.email)).toEqual([undefined, 'ada@example.com', 'ada@example.com'])
    expect(await users.accounts.getMany(ada, [])).toEqual(new Map())
  })

  it('reads a thousand people at a time, and none when one of the ids is of another type', async () => {
    await using store = await open()
    const asked: number[] = []
    const users = await withPeople({
      ...store.repository,
      findAccounts(by) {
        asked.push(Object.values(by)[0]?.length ?? 0)
        return store.repository.findAccounts(by)
      },
    })
    const { id } = await users.accounts.me(ada)
    const names = [{ id }, ...Array.from({ length: 2100 }, (_, index) => `name${index}`), 'bob', 'ada']
    asked.length = 0
    const accounts = await users.accounts.getMany(ada, names)
    expect([...accounts.keys()]).toEqual([{ id }, 'bob', 'ada'])
    expect([...accounts.values()].map(({ username }) => username)).toEqual(['ada', 'bob', 'ada'])
    // Two loads are under way at once.
    expect(asked.toSorted((a, b) => a - b)).toEqual([1, 103, 999, 1000])
    const wrongId = { id: 'text' }
    const refused = { code: 'bad_request', params: { argument: 'whom' } }
    await expect(users.accounts.getMany(ada, [...names, wrongId])).rejects.toMatchObject(refused)
    expect(asked).toHaveLength(4)
  })

  it('takes an actor as the person, and refuses a missing person', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    expect((await users.accounts.get(ada, ada)).username).toBe('ada')
    for (const whom of [undefined, null, [], {}, system]) {
      const refused = { code: 'bad_request', params: { argument: 'whom' } }
      await expect(users.accounts.get(ada, whom as never)).rejects.toMatchObject(refused)
    }
    await expect(users.accounts.get({ username: 'nobody' }, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
    await expect(users.accounts.get(ada, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await users.accounts.me(ada)).toEqual({ id: expect.anything(), username: 'ada' })
    await expect(users.accounts.me(anonymous)).rejects.toThrow('not_authenticated')
  })

  it('needs an actor who is logged in', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const actor of [anonymous, { anonymous: true, username: 'ada' } as never]) {
      await expect(users.accounts.get(actor, 'ada')).rejects.toMatchObject({ code: 'not_authenticated' })
      await expect(users.accounts.getByEmail(actor, 'ada@example.com')).rejects.toMatchObject({
        code: 'not_authenticated',
      })
      await expect(users.accounts.update(actor, 'ada', {})).rejects.toMatchObject({ code: 'not_authenticated' })
    }
  })

  it('asks the host for derived fields once for all accounts', async () => {
    await using store = await open()
    let calls = 0
    const users = await withPeople(store.repository, {
      derivedFields: async (people) => {
        calls++
        return new Map(people.map(({ id, username }) => [id, { verified_name: `verified ${username}` }]))
      },
    })
    const accounts = await users.accounts.getMany(staff, ['ada', 'bob'])
    expect([...accounts.values()].map((account) => account.verified_name)).toEqual(['verified ada', 'verified bob'])
    expect(calls).toBe(1)
  })

  it('reports failing storage as internal error, without the names that were asked', async () => {
    await using store = await open()
    const findAccounts = async () => Promise.reject(new StorageError('find accounts', 'SQLITE_CORRUPT'))
    const users = createUserCore({ repository: { ...store.repository, findAccounts } })
    const error: Error = await users.accounts.get(ada, 'secret-name').catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'internal_error', cause: { driver_code: 'SQLITE_CORRUPT' } })
    expect(`${error.stack}${(error.cause as Error).stack}`).not.toContain('secret-name')
  })
})

onEachStore('looking accounts up', (open) => {
  it('by e-mail address is for staff and superusers, each with the fields that the actor may see', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await expect(users.accounts.getByEmail(ada, 'bob@example.com')).rejects.toMatchObject({ code: 'not_authorized' })
    expect(Object.keys(await users.accounts.getByEmail(staff, 'Bob@example.com'))).toHaveLength(28)
    expect(Object.keys(await users.accounts.getByEmail(superuser, 'bob@example.com'))).toHaveLength(11)
    await expect(users.accounts.getByEmail(staff, 'x@example.com')).rejects.toMatchObject({ code: 'user_not_found' })
  })

  it('by id takes text that is a whole number', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const [{ id } = { id: 0 }] = await store.repository.select('users', { username: 'bob' })
    for (const asked of [id, ` ${id} `]) expect((await users.accounts.get(staff, { id: asked })).username).toBe('bob')
    for (const asked of ['abc', '2f', '1.0', '2/8', '', Number.NaN]) {
      await expect(users.accounts.get(staff, { id: asked })).rejects.toMatchObject({ code: 'bad_request' })
    }
    await expect(users.accounts.get(staff, { id: 999_999 })).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await users.accounts.get(ada, { id })).not.toHaveProperty('email')
  })

  it('by many addresses is for staff alone, and keeps their order', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const found = await users.accounts.searchByEmail(staff, [
      'bob@example.com',
      'x@example.com',
      'ADA@example.com',
      'bob@example.com',
    ])
    expect(found.map(({ username, email }) => [username, email])).toEqual([
      ['bob', 'bob@example.com'],
      ['ada', 'ada@example.com'],
    ])
    for (const actor of [ada, superuser])
      await expect(users.accounts.searchByEmail(actor, [])).rejects.toMatchObject({ code: 'not_authorized' })
    for (const emails of [undefined, [5], [['ada@example.com']]])
      await expect(users.accounts.searchByEmail(staff, emails as never)).rejects.toMatchObject({ code: 'bad_request' })
  })
})

onEachStore('an image', (open) => {
  it('is set and cleared by its owner, staff and trusted code; its files are named for removal', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings: { profile_image_sizes: { small: 10 } } })
    await users.accounts.setProfileImage(ada, 'ada', { uploaded: true, uploadedAt: '2002-01-09T15:43:01Z' })
    expect((await users.accounts.get(ada, ada)).profile_image?.image_url_small).toMatch(/_10\.jpg\?v=1010590981$/)
    await expect(users.accounts.setProfileImage({ username: 'bob' }, 'ada', { uploaded: false })).rejects.toMatchObject(
      { code: 'not_authorized' },
    )
    await expect(users.accounts.setProfileImage(ada, 'ada', { uploaded: true, uploadedAt: 'x' })).rejects.toMatchObject(
      { code: 'bad_request' },
    )
    await expect(users.accounts.setProfileImage(system, 'nobody', { uploaded: true })).rejects.toMatchObject({
      code: 'user_not_found',
    })
    await users.accounts.setProfileImage(staff, 'ada', { uploaded: false })
    const told: unknown[] = []
    await users.outbox.deliver((message) => void (message.kind === 'notification' && told.push(message.payload)))
    expect(told).toEqual([{ names: Object.values(await users.accounts.profileImageNames(system, 'ada')) }])
    expect((await users.accounts.get(ada, ada)).profile_image?.has_image).toBe(false)
  })
})
