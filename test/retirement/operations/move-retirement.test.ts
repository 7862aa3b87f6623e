import { expect, it } from 'vitest'
import { system } from '../../../src/site/actor.ts'
import { drain } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'
import { bringTo, chief, days, move, openSite, outcomes, worker } from '../site.ts'

onEachStore('retirement.move', (open) => {
  it('records both states, the actor and the cleaned note of every move', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada', worker.username])
    await bringTo(site, 'ada', 'PENDING')
    await drain(site.users)
    const { move } = site.users.retirement
    await move(worker, 'ada', { state: 'RETIRING_FORUMS', note: { user: 'ada', status: 404 } })
    await move(system, 'ada', { state: 'ERRORED', note: 'E_TIMEOUT' })
    const history = (await store.repository.select('retirement_history', {})).sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(history.slice(1)).toMatchObject([
      {
        from_state: 'PENDING',
        to_state: 'RETIRING_FORUMS',
        forced: false,
        note: '{"user":"[removed]","status":404}',
        changed_by: 2,
      },
      { from_state: 'RETIRING_FORUMS', to_state: 'ERRORED', note: 'E_TIMEOUT', changed_by: null },
    ])
    expect(await drain(site.users)).toMatchObject([
      { name: 'retirement.moved', user_id: 1, payload: { from: 'PENDING', to: 'RETIRING_FORUMS', forced: false } },
      { name: 'retirement.moved', user_id: 1, payload: { from: 'RETIRING_FORUMS', to: 'ERRORED', forced: false } },
    ])
  })

  it('refuses a request with missing, unknown or wrong members', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'PENDING')
    const say = (request: unknown, username: unknown = 'ada') =>
      site.users.retirement.move(chief, username as string, request as never)
    const good = { state: 'RETIRING_FORUMS', note: null }
    expect(
      await outcomes([
        say(good, 'nobody'),
        say(good, ''),
        say(good, 5),
        say({ note: '' }),
        say({ state: 7 }),
        say({ ...good, colour: 'red' }),
        say({ ...good, force: 'false' }),
        say({ ...good, state: 'NOWHERE' }),
        say({ ...good, state: 'NOWHERE', force: true }),
      ]),
    ).toEqual([
      ...Array(2).fill('not_found'),
      ...Array(5).fill('bad_request'),
      ...Array(2).fill('retirement_state_error unknown_state'),
    ])
    await say(good)
  })

  it('makes and records one of several moves at once over two connections', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const second = site.another(store.second)
    await bringTo(site, 'ada', 'PENDING')
    const begin = (users: typeof second, note: string) =>
      users.retirement.move(worker, 'ada', { state: 'RETIRING_FORUMS', note })
    const results = await outcomes([begin(site.users, 'one'), begin(second, 'two'), begin(site.users, 'three')])
    expect(results.sort()).toEqual(['ok', 'retirement_state_error not_later', 'retirement_state_error not_later'])
    expect(await store.repository.select('retirement_history', { to_state: 'RETIRING_FORUMS' })).toHaveLength(1)
  })
})

onEachStore('retirement.moveMany', (open) => {
  it('moves failed retirements back for another try of their step, and returns those that it could not move', async () => {
    await using store = await open()
    const people = ['ada', 'bob', 'cy', 'di']
    const site = await openSite(store.repository, people)
    const { retirement } = site.users
    await retirement.requestMany(system, people)
    site.clock.advance(days(15))
    await move(site.users, 'ada', 'RETIRING_FORUMS')
    await move(site.users, 'bob', 'RETIRING_LMS_MISC')
    for (const name of ['ada', 'bob', 'cy']) await move(site.users, name, 'ERRORED')
    // A worker holds a claim on Cy's retirement.
    const lease = { lease: 'x', leased_until: '2099-01-01T00:00:00.000000Z' }
    await store.repository.commit([{ update: 'retirements', set: lease, where: { original_username: 'cy' } }])
    const request = { from: '2024-06-01', to: '2024-06-30', state: 'ERRORED' } as const
    expect(await retirement.moveMany(chief, { ...request, rewind: true })).toEqual({
      moved: [1, 2],
      failed: [3],
    })
    const stateOf = async (name: string) => (await retirement.get(worker, name)).current_state.state_name
    expect(await Promise.all(people.map(stateOf))).toEqual(['PENDING', 'PARTNER_QUEUE_COMPLETE', 'ERRORED', 'PENDING'])
    expect(await retirement.moveMany(chief, { ...request, state: 'PENDING', newState: 'ABORTED' })).toEqual({
      moved: [1, 4],
      failed: [],
    })
  })

  it('needs the right to force, and known states', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const { moveMany } = users.retirement
    const request = { from: '2024-06-01', to: '2024-06-15', state: 'ERRORED', newState: 'PENDING' }
    expect(
      await outcomes([
        moveMany(worker, request),
        moveMany(chief, { ...request, state: 'NOWHERE' }),
        moveMany(chief, { ...request, newState: 'NOWHERE' }),
        moveMany(chief, { ...request, to: '2024-06-16' }),
        moveMany(chief, request),
      ]),
    ).toEqual([
      'not_authorized',
      'retirement_state_error unknown_state',
      'retirement_state_error unknown_state',
      'bad_request',
      'ok',
    ])
  })
})

onEachStore('retirement.setPipeline', (open) => {
  it('sets all states at once; the same list again changes nothing, and neither does a dry run', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const names = ['PENDING', 'A', 'A_COMPLETE', 'ERRORED', 'ABORTED', 'COMPLETE']
    const before = await store.repository.select('retirement_states', {})
    const plan = await users.retirement.setPipeline(system, names, { dryRun: true })
    expect(plan).toMatchObject({
      created: ['A', 'A_COMPLETE'],
      remaining: ['PENDING', 'ERRORED', 'ABORTED', 'COMPLETE'],
    })
    expect(plan.removed).toHaveLength(8)
    expect(await store.repository.select('retirement_states', {})).toEqual(before)
    expect(await users.retirement.setPipeline(system, names)).toEqual(plan)
    expect(await users.retirement.setPipeline(system, names)).toMatchObject({ created: [], removed: [] })
    expect(
      (await users.retirement.getPipeline(worker)).states.map(({ state_name, kind }) => [state_name, kind]),
    ).toEqual([
      ['PENDING', 'start'],
      ['A', 'working'],
      ['A_COMPLETE', 'done'],
      ['ERRORED', 'end'],
      ['ABORTED', 'end'],
      ['COMPLETE', 'end'],
    ])
  })

  it('is refused while a retirement is between its first state and an end, or was in a state that would go', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const populate = () => outcomes([site.users.retirement.setPipeline(system)])
    await bringTo(site, 'ada', 'RETIRING_FORUMS')
    expect(await populate()).toEqual(['retirement_state_error users_in_progress'])
    await move(site.users, 'ada', 'PARTNER_QUEUE_COMPLETE')
    expect(await populate()).toEqual(['retirement_state_error users_in_progress'])
    await move(site.users, 'ada', 'COMPLETE')
    expect(await populate()).toEqual(['retirement_state_error in_use'])
    await site.users.retirement.cleanUp(worker, ['ada'])
    expect(await populate()).toEqual(['ok'])
  })
})
