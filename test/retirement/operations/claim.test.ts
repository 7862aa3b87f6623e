import { expect, it } from 'vitest'
import { onEachStore } from '../../support/stores.ts'
import { bringTo, chief, move, openSite, support, worker } from '../site.ts'

const other = { username: 'other', staff: true, permissions: ['request_retirement'] } as const

onEachStore('a claim that is given back', (open) => {
  it.each(['PENDING', 'RETIRING_FORUMS'])('lets another worker claim the retirement at once in %s', async (state) => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'PENDING')
    const { retirement } = site.users
    const [claim] = await retirement.claim(worker)
    if (claim === undefined) throw new Error('nothing was claimed')
    if (state !== 'PENDING') await retirement.move(worker, claim, { state })
    expect(await retirement.claim(other)).toEqual([])
    await retirement.release(worker, claim)
    const [next] = await retirement.claim(other)
    expect(next?.retirement.current_state.state_name).toBe(state)
    const stale = { code: 'conflict', params: { reason: 'lease' } }
    await expect(retirement.release(worker, claim)).rejects.toMatchObject(stale)
    await expect(retirement.move(worker, claim, { state: 'FORUMS_COMPLETE' })).rejects.toMatchObject(stale)
    expect(await retirement.claim(worker)).toEqual([])
  })
})

onEachStore('the history of a retirement', (open) => {
  it('lists the request and each move in their order, with the actor', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { retirement } = site.users
    await bringTo(site, 'ada', 'PENDING')
    await move(site.users, 'ada', 'RETIRING_FORUMS')
    await retirement.move(chief, 'ada', { state: 'PENDING', note: 'again', force: true })
    const moved = { generation: 1, changed_by: null, changed_at: '2024-06-30T12:00:00Z' }
    expect(await retirement.history(worker, 'ada')).toEqual([
      { ...moved, from_state: null, to_state: 'PENDING', forced: false, note: '', changed_at: '2024-06-15T12:00:00Z' },
      { ...moved, from_state: 'PENDING', to_state: 'RETIRING_FORUMS', forced: false, note: '' },
      { ...moved, from_state: 'RETIRING_FORUMS', to_state: 'PENDING', forced: true, note: 'again' },
    ])
    expect(await retirement.history(worker, 'bob')).toEqual([])
  })

  it('is read only by actors with the right to retire people', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'PENDING')
    for (const actor of [{ username: 'ada' }, { username: 'bob' }, support]) {
      await expect(site.users.retirement.history(actor, 'ada')).rejects.toMatchObject({ code: 'not_authorized' })
    }
  })
})
