import { expect, it } from 'vitest'
import { definePipeline } from '../../../src/retirement/pipeline.ts'
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

onEachStore('the states of a claim', (open) => {
  const steps = ['forums', 'crm'].map((step) => ({
    step,
    working: `RETIRING_${step.toUpperCase()}`,
    done: `${step.toUpperCase()}_COMPLETE`,
  }))

  it('are those that another process has set since the last claim', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const elsewhere = site.another(store.repository).retirement
    expect(await site.users.retirement.claim(worker)).toEqual([])
    await bringTo(site, 'ada', 'PENDING')
    const claimed = async () => {
      const [claim] = await site.users.retirement.claim(worker)
      if (claim !== undefined) await site.users.retirement.release(worker, claim)
      return claim?.retirement.current_state
    }
    expect(await claimed()).toMatchObject({ state_name: 'PENDING' })
    await elsewhere.setPipeline(chief, definePipeline(steps))
    await elsewhere.move(worker, 'ada', { state: 'RETIRING_CRM' })
    await elsewhere.move(worker, 'ada', { state: 'CRM_COMPLETE' })
    expect(await claimed()).toMatchObject({ state_name: 'CRM_COMPLETE', state_execution_order: 41 })
  })

  it('do not hide the work of a driver in a state that was idle when the claim before was made', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const elsewhere = site.another(store.repository).retirement
    const swapped = steps.map(({ step, working, done }) => ({ step, working: done, done: working }))
    await elsewhere.setPipeline(chief, definePipeline(swapped))
    expect(await site.users.retirement.claim(worker)).toEqual([])
    await elsewhere.setPipeline(chief, definePipeline(steps))
    await bringTo(site, 'ada', 'PENDING')
    await elsewhere.move(worker, 'ada', { state: 'RETIRING_FORUMS' })
    expect(await site.users.retirement.claim(worker)).toEqual([])
  })

  it('are no longer taken for set once they are gone', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    expect(await site.users.retirement.claim(worker)).toEqual([])
    const { repository } = store
    const states = (await repository.select('retirement_states', {})).map(({ state_name }) => state_name)
    await repository.commit([{ delete: 'retirement_states', where: { state_name: states } }])
    await expect(site.users.retirement.claim(worker)).rejects.toMatchObject({
      code: 'retirement_state_error',
      params: { reason: 'states_not_populated' },
    })
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
