import { expect, it } from 'vitest'
import * as z from 'zod'
import type { AccountListOptions } from '../../../src/accounts/account-list.ts'
import { createUserCore, type UserCore } from '../../../src/create-user-core.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { anonymous, system } from '../../../src/site/actor.ts'
import { defineExtendedProfile } from '../../../src/site/define-extended-profile.ts'
import { addUser } from '../../../src/testing/rows.ts'
import { bringTo, move, openSite } from '../../retirement/site.ts'
import { onEachStore } from '../../support/stores.ts'

const staff = { username: 'sue', staff: true }

const extendedProfile = defineExtendedProfile({
  team: { schema: z.string(), searchable: true },
  floor: z.number(),
})

/** Makes a site with people whose names differ in their beginnings. */
async function siteOf(repository: Repository) {
  const users = createUserCore({ repository, extendedProfile })
  const people = {
    Ada: { name: 'Ada Lovelace', country: 'GB', team: 'Red' },
    adam: { name: 'Smith, Adam', country: 'GB', team: 'Blue' },
    ben: { name: 'Ädam Ben', country: 'IT', team: 'red ' },
  }
  for (const [username, { name, country, team }] of Object.entries(people)) {
    const profile = { country, year_of_birth: 1990, extended_profile: { team, floor: 1 } }
    const account = { username, email: `${username}@example.com`, name, profile }
    await users.accounts.create(system, account, { active: username !== 'ben' })
  }
  return users
}

/** Returns the usernames of every page of a list. */
async function found(
  users: { readonly accounts: Pick<UserCore<unknown>['accounts'], 'list'> },
  where: AccountListOptions['where'],
  options: AccountListOptions = {},
): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = []
  let after: string | undefined
  do {
    const list = { ...options, ...(where && { where }), ...(after === undefined ? {} : { after }) }
    const page = await users.accounts.list(staff, list)
    names.push(...page.items.map(({ username }) => username))
    after = page.next
  } while (after !== undefined)
  return names
}

onEachStore('accounts.list', (open) => {
  it('finds people by each of its conditions, without regard to letter case', async () => {
    await using store = await open()
    const users = await siteOf(store.repository)
    expect((await found(users, undefined)).toSorted()).toEqual(['Ada', 'adam', 'ben'])
    expect(await found(users, { username: 'AD' })).toEqual(['Ada', 'adam'])
    expect(await found(users, { username: 'ad' }, { descending: true, limit: 1 })).toEqual(['adam', 'Ada'])
    expect(await found(users, { email: 'ada@EX' })).toEqual(['Ada'])
    expect(await found(users, { name: 'smith, A' })).toEqual(['adam'])
    expect(await found(users, { name: 'äDAM' })).toEqual(['ben'])
    expect(await found(users, { is_active: false })).toEqual(['ben'])
    expect((await found(users, { country: 'GB' }, { limit: 1 })).toSorted()).toEqual(['Ada', 'adam'])
    expect((await found(users, { extended_profile: { team: 'RED' } })).toSorted()).toEqual(['Ada', 'ben'])
    expect(await found(users, { extended_profile: { team: 'red' }, country: 'IT' })).toEqual(['ben'])
    expect(await found(users, { date_joined: { before: '2001-01-01T00:00:00Z' } })).toEqual([])
    expect(await found(users, undefined, { order: 'username', limit: 2 })).toEqual(['Ada', 'adam', 'ben'])
    expect(await found(users, undefined, { order: 'email', descending: true })).toEqual(['ben', 'adam', 'Ada'])
    const newest = await found(users, { date_joined: { from: new Date(0) } }, { limit: 1, descending: true })
    expect(newest).toEqual(['ben', 'adam', 'Ada'])
  })

  it('shows documents as staff see them, and a cursor that belongs to the list', async () => {
    await using store = await open()
    const users = await siteOf(store.repository)
    const list = { where: { username: 'ad' }, limit: 1 } as const
    const { items, next = '' } = await users.accounts.list(staff, list)
    expect(items).toEqual([await users.accounts.get(staff, 'ada')])
    const refused = { code: 'bad_request', params: { argument: 'after' } }
    for (const other of [{ where: { email: 'ad' } }, { descending: true }, { order: 'date_joined' }, {}] as const) {
      const where = 'order' in other || !('where' in other || 'descending' in other) ? {} : list.where
      const options = { where, ...other, after: next }
      await expect(users.accounts.list(staff, options)).rejects.toMatchObject(refused)
    }
    expect((await users.accounts.list(system, { ...list, after: next })).items).toHaveLength(1)
  })

  it('is for staff and trusted code alone', async () => {
    await using store = await open()
    const users = await siteOf(store.repository)
    await expect(users.accounts.list(anonymous)).rejects.toMatchObject({ code: 'not_authenticated' })
    for (const actor of [{ username: 'ada' }, { username: 'ada', superuser: true }])
      await expect(users.accounts.list(actor)).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.accounts.reindex(staff)).rejects.toMatchObject({ code: 'not_authorized' })
  })

  it('finds a person by what was stored last, with whichever call', async () => {
    await using store = await open()
    const users = await siteOf(store.repository)
    await users.accounts.update(system, 'ada', { name: 'Countess Ada', extended_profile: { team: 'Green' } })
    expect(await found(users, { name: 'ada' })).toEqual([])
    expect(await found(users, { name: 'countess' })).toEqual(['Ada'])
    expect(await found(users, { extended_profile: { team: 'green' } })).toEqual(['Ada'])
    await users.extendedProfile.update(system, 'ada', { team: null })
    expect(await found(users, { extended_profile: { team: 'green' } })).toEqual([])
    await users.extendedProfile.update(staff, 'ada', { team: 'Gold' })
    expect(await found(users, { extended_profile: { team: 'gold' } })).toEqual(['Ada'])
    await users.accounts.requestNameChange(system, 'ada', 'Ada King')
    await users.accounts.confirmNameChange(staff, 'ada')
    expect(await found(users, { name: 'ada k' })).toEqual(['Ada'])
    await users.accounts.updateAsOperator(system, 'ada', { email: 'king@example.com', is_active: false })
    expect(await found(users, { email: 'king' })).toEqual(['Ada'])
    expect(await found(users, { email: 'king', is_active: true })).toEqual([])
  })

  it('finds a person who is being retired, or was, by nothing that they had', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['bob'], { extendedProfile })
    const { users } = site
    const profile = { country: 'IT', extended_profile: { team: 'Red' } }
    await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada', profile })
    const questions: AccountListOptions['where'][] = [
      { username: 'ada' },
      { name: 'ada' },
      { country: 'IT' },
      { extended_profile: { team: 'red' } },
      { is_active: false },
    ]
    const all = async () => Promise.all(questions.map(async (where) => (await found(users, where)).length))
    expect(await all()).toEqual([1, 1, 1, 1, 1])
    await bringTo(site, 'ada', 'PENDING')
    expect(await all()).toEqual([1, 1, 1, 1, 1])
    expect(await found(users, { email: 'ada' })).toEqual([])
    await move(users, 'ada', 'RETIRING_FORUMS')
    expect(await all()).toEqual([0, 0, 0, 0, 0])
    await move(users, 'ada', 'RETIRING_LMS')
    await users.retirement.runStep(system, 'ada', 'account')
    expect(await all()).toEqual([0, 0, 0, 0, 0])
    expect(await found(users, { username: 'retired' })).toEqual([])
    const rows = await store.repository.select('search_values', {})
    expect(JSON.stringify(rows)).not.toMatch(/ada|red/)
  })
})

onEachStore('accounts.reindex', (open) => {
  it('stores what is missing and replaces what is wrong, batch by batch, and then finds nothing to do', async () => {
    await using store = await open()
    const { repository } = store
    const users = createUserCore({ repository, extendedProfile })
    for (const name of ['ada', 'bob', 'cy']) {
      const id = await addUser(repository, name, { name: `${name} the first` })
      const document = JSON.stringify({ team: `Team of ${name}` })
      const row = { user_id: id, owner: 'user', document, schema_version: 1 }
      expect(await repository.commit([{ insert: 'extended_profiles', rows: [row] }])).toBe(true)
      const wrong = { user_id: id, field: name === 'bob' ? 'name' : 'extended_profile.gone', value: 'wrong' }
      if (name !== 'cy') expect(await repository.commit([{ insert: 'search_values', rows: [wrong] }])).toBe(true)
    }
    const seen: number[] = []
    const onProgress = (progress: { readonly seen: number }) => void seen.push(progress.seen)
    expect(await users.accounts.reindex(system, { batchSize: 2, onProgress })).toMatchObject({ seen: 3, changed: 3 })
    expect(seen).toEqual([2, 3])
    expect(await found(users, { name: 'bob the' })).toEqual(['bob'])
    expect(await found(users, { extended_profile: { team: 'team of cy' } })).toEqual(['cy'])
    expect(await repository.select('search_values', { field: 'extended_profile.gone' })).toEqual([])
    const { after = '', ...counts } = await users.accounts.reindex(system)
    expect(counts).toEqual({ seen: 3, changed: 0 })
    expect(await users.accounts.reindex(system, { after })).toEqual({ seen: 0, changed: 0, after })
  })

  it('keeps what another call stores meanwhile', async () => {
    await using store = await open()
    const { repository } = store
    await addUser(repository, 'ada', { name: 'Ada' })
    const writer = createUserCore({ repository, extendedProfile })
    let isOver = false
    const overtaken = createUserCore({
      extendedProfile,
      repository: {
        ...repository,
        async commit(...given: Parameters<Repository['commit']>) {
          if (!isOver) {
            isOver = true
            await writer.accounts.update(system, 'ada', { name: 'Countess' })
          }
          return repository.commit(...given)
        },
      },
    })
    await overtaken.accounts.reindex(system)
    expect(isOver).toBe(true)
    expect(await found(writer, { name: 'countess' })).toEqual(['ada'])
    expect(await repository.select('search_values', { field: 'name' })).toHaveLength(1)
  })
})
