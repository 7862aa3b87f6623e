import { expect, it } from 'vitest'
import { system } from '../../../src/site/actor.ts'
import { onEachStore } from '../../support/stores.ts'
import { bringTo, days, move, openSite, support, worker } from '../site.ts'

onEachStore('retirement.find', (open) => {
  it('finds a retirement by the original and by the retired names, at every stage', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    const { id } = await users.accounts.me({ username: 'ada' })
    const found = async (name: string) => {
      const [first, ...others] = await users.retirement.find(worker, name)
      expect(others).toEqual([])
      return first
    }
    expect(await found('ada')).toBeUndefined()
    await bringTo(site, 'ada', 'PENDING')
    const document = await users.retirement.get(worker, 'ada')
    const names = ['ada', ' ADA', 'Ada@Example.com', document.retired_username, document.retired_email]
    const waiting = { user_id: id, requested: document.created, is_started: false, retirement: document }
    for (const name of names.filter((name) => name !== document.retired_username))
      expect(await found(name)).toEqual(waiting)
    await move(users, 'ada', 'RETIRING_LMS')
    await users.retirement.runStep(system, 'ada', 'account')
    const erased = { ...waiting, is_started: true, retirement: await users.retirement.get(worker, { id }) }
    for (const name of names) expect(await found(name)).toEqual(erased)
    await move(users, 'ada', 'LMS_COMPLETE')
    await move(users, 'ada', 'COMPLETE')
    site.clock.advance(days(1))
    await users.retirement.cleanUp(worker, [{ id }])
    for (const name of names) expect(await found(name)).toEqual({ ...erased, retirement: null })
    for (const name of ['bob', 'bob@example.com', 'nobody', '', 'a'.repeat(1_000_000)])
      expect(await found(name)).toBeUndefined()
  })

  it('needs the right to retire people', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    for (const actor of [{ username: 'ada' }, { username: 'sue', staff: true }, support])
      await expect(users.retirement.find(actor, 'ada')).rejects.toMatchObject({ params: { right: 'retire_user' } })
  })
})
