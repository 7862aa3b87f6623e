import { expect, it } from 'vitest'
import { system } from '../../../src/site/actor.ts'
import { onEveryStore } from '../../support/stores.ts'
import { bringTo, move, openSite, outcomes } from '../site.ts'

const minute = 60_000

onEveryStore('a clean-up', (open) => {
  it.each([
    ['ten minutes', {}, 10],
    ['as many minutes as the site says', { settle_minutes: 90 }, 90],
  ])('waits %s after the move into COMPLETE, for all people or none', async (_, settings, minutes) => {
    await using store = await open()
    const site = await openSite(store.repository)
    const users = site.another(store.repository, { settings: { settle_minutes: 10, ...settings } })
    const cleanUp = (...names: string[]) => outcomes([users.retirement.cleanUp(system, names)])
    for (const name of ['ada', 'bob']) {
      await bringTo(site, name, 'RETIRING_LMS')
      await users.retirement.runStep(system, name, 'account')
      await move(users, name, 'COMPLETE')
      site.clock.advance(1)
    }
    site.clock.advance(minutes * minute - 2)
    expect(await cleanUp('bob')).toEqual(['retirement_state_error not_settled'])
    expect(await cleanUp('ada', 'bob')).toEqual(['retirement_state_error not_settled'])
    expect(await store.repository.select('retirements', {})).toHaveLength(2)
    site.clock.advance(1)
    expect(await cleanUp('ada', 'bob')).toEqual(['ok'])
    expect(await store.repository.select('retirements', {})).toEqual([])
  })
})
