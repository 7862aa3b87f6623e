import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { memoryRepository } from '../../../src/memory/index.ts'
import { type Repository, StorageError } from '../../../src/port/repository.ts'
import { system } from '../../../src/site/actor.ts'
import { addUser } from '../../../src/testing/rows.ts'
import { drain, withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }

onEachStore('accounts.update', (open) => {
  it('returns the account with its changes, and the next read shows the same', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const result = await users.accounts.update(ada, 'ada', {
      bio: 'Hello',
      country: 'IT',
      language_proficiencies: [{ code: 'it' }],
      social_links: [{ platform: 'x', social_link: 'ada' }],
      extended_profile: [{ field_name: 'a', field_value: [1] }],
      account_privacy: 'custom',
    })
    expect(result.changes.map((change) => change.setting)).toEqual([
      'bio',
      'country',
      'language_proficiencies',
      'social_links',
      'extended_profile.a',
      'account_privacy',
    ])
    expect(result.unconfigured).toEqual(['a'])
    const read = await users.accounts.getVersioned(ada, ada)
    expect(read).toEqual({ account: result.account, version: result.version })
  })

  it('takes the requests of the stock account and profile pages', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, {
      settings: { extended_profile_fields: ['work_experience', 'department'] },
    })
    // The account page sends one field at a time, as the text of its form.
    const fields = [
      { year_of_birth: '1987' },
      { country: 'ES' },
      { state: '' },
      { level_of_education: 'm' },
      { level_of_education: '' },
      { gender: 'f' },
      { language_proficiencies: [{ code: 'es' }] },
      { social_links: [{ platform: 'facebook', social_link: '' }] },
      { social_links: [{ platform: 'xTwitter', social_link: 'https://x.com/ana' }] },
      { social_links: [{ platform: 'linkedin', social_link: 'https://www.linkedin.com/in/ana' }] },
    ] as const
    for (const field of fields) await users.accounts.update(ada, 'ada', field)
    // The account page sends the whole list back with one field changed, empty ones included.
    const loaded = await users.accounts.get(ada, ada)
    const list = loaded?.extended_profile?.map(({ field_name, field_value }) => ({
      field_name,
      field_value: field_name === 'work_experience' ? '3' : field_value,
    }))
    // The profile page sends all values of its editor.
    const { account } = await users.accounts.update(ada, 'ada', {
      bio: 'Hello',
      name: 'Ana',
      ...(list === undefined ? {} : { extended_profile: list }),
    })
    expect(account).toMatchObject({
      year_of_birth: 1987,
      country: 'ES',
      state: null,
      level_of_education: null,
      gender: 'f',
      bio: 'Hello',
      name: 'Ana',
      language_proficiencies: [{ code: 'es' }],
      social_links: [
        { platform: 'linkedin', social_link: 'https://www.linkedin.com/in/ana' },
        { platform: 'x', social_link: 'https://www.x.com/ana' },
      ],
      extended_profile: [
        { field_name: 'work_experience', field_value: '3' },
        { field_name: 'department', field_value: '' },
      ],
    })
  })

  it('writes nothing, and tells nothing, when nothing changes', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.accounts.update(ada, 'ada', { bio: 'Hello' })
    await drain(users)
    const again = await users.accounts.update(ada, 'ada', { bio: 'Hello' })
    expect(again.changes).toEqual([])
    expect((await users.accounts.update(ada, 'ada', {})).version).toBe(again.version)
    expect(await drain(users)).toEqual([])
  })

  it('records the event with the change, with values only where the site tells them', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings: { extended_profile_fields: ['a'] } })
    const extended_profile = [
      { field_name: 'a', field_value: 1 },
      { field_name: 'my secret illness', field_value: 1 },
    ]
    await users.accounts.update(ada, 'ada', { bio: 'private thoughts', country: 'IT', extended_profile })
    const [event] = await drain(users)
    expect(event).toMatchObject({
      kind: 'event',
      name: 'account.changed',
      payload: {
        changes: [
          { setting: 'bio', redacted: true },
          { setting: 'country', old: null, new: 'IT' },
          { setting: 'extended_profile.a', redacted: true },
          { setting: 'extended_profile', redacted: true },
        ],
      },
    })
    expect(JSON.stringify(event)).not.toMatch(/private thoughts|illness/)
  })

  it('is refused to all actors but the holder and trusted code, before the result tells of the account', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const actor of [{ username: 'bob' }, { username: 'bob', staff: true }, { username: 'bob', superuser: true }]) {
      for (const target of ['ada', 'nobody']) {
        await expect(users.accounts.update(actor, target, { bio: 'x' })).rejects.toMatchObject({
          code: 'not_authorized',
        })
      }
    }
    await expect(users.accounts.update({ username: 'nobody' }, 'nobody', {})).rejects.toMatchObject({
      code: 'user_not_found',
    })
    expect((await users.accounts.update(system, 'ada', { bio: 'x' })).account.bio).toBe('x')
    expect((await users.accounts.update({ username: 'ADA' }, 'Ada', { bio: 'y' })).account.bio).toBe('y')
  })

  it('keeps parallel changes of different fields and lists, over two connections', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    await Promise.all([
      one.accounts.update(ada, 'ada', { bio: 'b' }),
      two.accounts.update(ada, 'ada', { goals: 'g' }),
      one.accounts.update(ada, 'ada', { city: 'c' }),
      two.accounts.update(ada, 'ada', { language_proficiencies: [{ code: 'en' }] }),
      one.accounts.update(ada, 'ada', { social_links: [{ platform: 'x', social_link: 'a' }] }),
      two.accounts.update(ada, 'ada', { social_links: [{ platform: 'facebook', social_link: 'a' }] }),
      one.accounts.update(ada, 'ada', { account_privacy: 'custom' }),
    ])
    const { account, version } = await one.accounts.getVersioned(ada, ada)
    expect(account).toMatchObject({
      bio: 'b',
      goals: 'g',
      account_privacy: 'custom',
      language_proficiencies: [{ code: 'en' }],
    })
    expect(account.social_links?.map((link) => link.platform)).toEqual(['facebook', 'x'])
    expect((await store.repository.select('profiles', { version }))[0]?.city).toBe('c')
    expect(version).toBe(1 + 7)
  })

  it('keeps every one of 64 parallel writers of different names in the extended profile, over two connections', async () => {
    await using store = await open()
    const names = Array.from({ length: 64 }, (_, index) => `field${index}`)
    const settings = { extended_profile_fields: names }
    const one = await withPeople(store.repository, { settings })
    const two = createUserCore({ repository: store.second, settings })
    await Promise.all(
      names.map((field_name, index) =>
        (index % 2 === 0 ? one : two).accounts.update(ada, 'ada', {
          extended_profile: [{ field_name, field_value: index }],
        }),
      ),
    )
    const account = await one.accounts.get(ada, ada)
    expect(account?.extended_profile?.map((field) => field.field_value)).toEqual(names.map((_, index) => index))
  })

  it('with an expected version lets exactly one of several writers through', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? one : two).accounts.update(ada, 'ada', { bio: `${index}` }, { expectedVersion: 1 }),
      ),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'conflict', params: { version: 2 } })
    }
  })

  it('keeps changes that others made meanwhile', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    // Another caller changes the rows between load and save.
    let disturbed = false
    const repository: Repository = {
      ...store.repository,
      async commit(writes, inside) {
        if (!disturbed) {
          disturbed = true
          await users.accounts.update(ada, 'ada', { goals: 'theirs' })
          await store.repository.commit([{ update: 'users', set: { is_active: false }, where: { username: 'ada' } }])
        }
        return store.repository.commit(writes, inside)
      },
    }
    const { account } = await createUserCore({ repository }).accounts.update(ada, 'ada', { bio: 'mine' })
    expect(account).toMatchObject({ bio: 'mine', goals: 'theirs', is_active: false })
  })

  it('stores all or nothing, after a failure of any write', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await drain(users)
    const before = await users.accounts.getVersioned(ada, ada)
    const patch = {
      name: 'New Name',
      email: 'new@example.com',
      language_proficiencies: [{ code: 'it' }],
      social_links: [{ platform: 'x', social_link: 'ada' }],
      extended_profile: [{ field_name: 'a', field_value: 1 }],
      account_privacy: 'private' as const,
    }
    let writesOfUnit = 1
    const settings = { email_change_rate_limit: '' }
    for (let written = 0; written <= writesOfUnit; written++) {
      const repository: Repository = {
        ...store.repository,
        commit(writes) {
          writesOfUnit = writes.length
          // Storage fails after so many writes.
          const fail = async () => Promise.reject(new StorageError('unit of work', 'injected'))
          return store.repository.commit(writes.slice(0, written), fail)
        },
      }
      const update = createUserCore({ repository, settings }).accounts.update(ada, 'ada', patch)
      await expect(update).rejects.toMatchObject({ code: 'account_update_error' })
      expect(await users.accounts.getVersioned(ada, ada)).toEqual(before)
      expect(await drain(users)).toEqual([])
      expect(await store.repository.select('account_history', {})).toEqual([])
      expect(await store.repository.select('pending_email_changes', {})).toEqual([])
    }
    expect(writesOfUnit).toBeGreaterThan(7)
  })

  it('reports a failure of storage without the values that were to be stored', async () => {
    await using store = await open()
    await withPeople(store.repository)
    const repository: Repository = {
      ...store.repository,
      commit: async () => Promise.reject(new StorageError('unit of work', 'SQLITE_FULL')),
    }
    const update = createUserCore({ repository }).accounts.update(ada, 'ada', { bio: 'private thoughts' })
    const error = await update.catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'account_update_error', cause: { driver_code: 'SQLITE_FULL' } })
    expect(`${(error as Error).stack} ${(error as Error).cause}`).not.toContain('private thoughts')
  })

  it('works inside a transaction of the host, and is rolled back with it', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await drain(users)
    const rollback = new Error('rollback')
    const work = store.transaction(async (transaction) => {
      const inside = users.with(transaction)
      await inside.accounts.update(ada, 'ada', { bio: 'inside' })
      expect((await inside.accounts.get(ada, ada)).bio).toBe('inside')
      await expect(inside.accounts.update(ada, 'ada', { bio: 5 as never, gender: 'x' as never })).rejects.toThrow(
        'gender',
      )
      throw rollback
    })
    await expect(work).rejects.toBe(rollback)
    expect((await users.accounts.get(ada, ada)).bio).toBeNull()
    expect(await drain(users)).toEqual([])
    await store.transaction(async (transaction) => {
      await users.with(transaction).accounts.update(ada, 'ada', { bio: 'kept' })
    })
    expect((await users.accounts.get(ada, ada)).bio).toBe('kept')
    expect(await drain(users)).toHaveLength(1)
  })

  it('asks the hooks of the host', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, {
      isReadOnly: (_actor, { username }, field) => username === 'ada' && field === 'bio',
      isCountryRestricted: async (country) => country === 'XX',
      nameNeedsVerification: ({ old_name, new_name, changed_at }) => {
        expect(old_name).toBe('ada example')
        expect(changed_at).toEqual([])
        return new_name !== 'ada examples'
      },
      translate: ({ code }) => (code === 'name_needs_verification' ? 'verification, bitte' : undefined),
    })
    const refused = users.accounts.update(ada, 'ada', { bio: 'x', country: 'XX', name: ' Someone Else ' })
    await expect(refused).rejects.toMatchObject({
      field_errors: {
        bio: { code: 'read_only' },
        country: { code: 'country_restricted' },
        name: { code: 'name_needs_verification', user_message: 'verification, bitte' },
      },
    })
    expect((await users.accounts.update(ada, 'ada', { name: 'ada examples' })).account.name).toBe('ada examples')
  })

  it('records earlier names, with the actor of each change', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const [{ id } = { id: 0 }] = await store.repository.select('users', { username: 'ada' })
    await users.accounts.update(ada, 'ada', { name: 'Second' })
    await users.accounts.update(ada, 'ada', { name: ' Second ' })
    await users.accounts.update(system, 'ada', { name: 'Third' })
    const history = await store.repository.select('account_history', { user_id: id })
    expect(history.sort((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject([
      { field: 'name', old_value: 'ada example', changed_by: id },
      { field: 'name', old_value: 'Second', changed_by: null },
    ])
  })

  it('gives a person without a profile one with the first change, and not before', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository })
    const id = await addUser(store.repository, 'cy')
    await store.repository.commit([{ delete: 'profiles', where: { user_id: id } }])
    const cy = { username: 'cy' }
    await users.accounts.update(cy, 'cy', {})
    await expect(users.accounts.update(cy, 'cy', { bio: 7n as never })).rejects.toThrow()
    expect((await users.accounts.getVersioned(cy, cy)).version).toBe(0)
    expect((await users.accounts.update(cy, 'cy', { language_proficiencies: [{ code: 'en' }] })).version).toBe(1)
    expect((await users.accounts.get(cy, cy)).language_proficiencies).toEqual([{ code: 'en' }])
  })
})

it('a refused update names all fields at once, and asks for nothing that a refused change does not need', async () => {
  const repository = memoryRepository()
  const free = await withPeople(repository)
  const asked: string[] = []
  const users = createUserCore({
    repository,
    // Requests of the person end while the call runs: of a change that is refused anyway that is not told.
    isCountryRestricted: async () => {
      await free.accounts.dropPendingChanges(system, 'ada')
      return true
    },
    derivedFields: async () => {
      asked.push('derivedFields')
      return new Map()
    },
  })
  const patch = { bio: 'x'.repeat(301), country: 'IT', email: 'new@example.com' }
  await expect(users.accounts.update(ada, 'ada', patch)).rejects.toMatchObject({
    code: 'account_validation_error',
    field_errors: { bio: { code: 'too_long' }, country: { code: 'country_restricted' } },
  })
  expect(asked).toEqual([])
  const right = { country: 'IT', email: 'new@example.com' }
  const late = createUserCore({
    repository,
    isCountryRestricted: async () => {
      await free.accounts.dropPendingChanges(system, 'ada')
      return false
    },
  })
  await expect(late.accounts.update(ada, 'ada', right)).rejects.toMatchObject({ params: { reason: 'ended_meanwhile' } })
})
