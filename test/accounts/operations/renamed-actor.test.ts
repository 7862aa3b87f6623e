import { expect, it } from 'vitest'
import { system } from '../../../src/site/actor.ts'
import { withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

onEachStore('a session that was begun before its person was renamed', (open) => {
  it('reaches the next holder of the name when it holds a username, and its own person alone when it holds an id', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const { id } = await users.accounts.me({ username: 'ada' })
    const [byName, byId, byBoth] = [{ username: 'ada' }, { id }, { id, username: 'ada' }]
    await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
    await users.accounts.releaseUsername(system, 'ada')
    const taker = { username: 'ada', email: 'taker@example.com', name: 'Taker', profile: { year_of_birth: 1990 } }
    await users.accounts.create(system, taker, { active: true })

    await users.accounts.update(byName, byName, { bio: 'by name' })
    await users.accounts.update(byId, byId, { bio: 'by id' })
    await expect(users.accounts.update(byId, 'ada', { bio: 'x' })).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(users.accounts.update(byBoth, byId, { bio: 'x' })).rejects.toMatchObject({ code: 'not_authenticated' })
    expect((await users.accounts.get(system, 'ada')).bio).toBe('by name')
    expect((await users.accounts.get(system, 'grace')).bio).toBe('by id')
    expect(await users.accounts.me(byId)).toEqual({ id, username: 'grace' })
  })
})
