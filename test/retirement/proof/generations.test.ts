import { expect, it } from 'vitest'
import { system } from '../../../src/site/actor.ts'
import { onEveryStore } from '../../support/stores.ts'
import { bringTo, chief, days, dump, move, openSite, outcomes, support, worker } from '../site.ts'
import { adaOf, revive } from './sealed-calls.ts'

const ada = { username: 'ada' }

/** Makes a site in which Ada was retired, cleaned up, and brought back by hand with a text of hers. */
async function revived(repository: Parameters<typeof openSite>[0]) {
  const site = await openSite(repository)
  await bringTo(site, 'ada', 'RETIRING_LMS')
  await finish(site)
  await revive(repository)
  return site
}

/** Erases Ada, whose retirement is in the state of the step, and cleans up. */
async function finish({ users }: Awaited<ReturnType<typeof openSite>>): Promise<void> {
  await users.retirement.runStep(worker, 'ada', 'account')
  await move(users, 'ada', 'COMPLETE')
  await users.retirement.cleanUp(worker, ['ada'])
}

onEveryStore('a person who was brought back by hand', (open) => {
  it('stays sealed, and cannot be retired anew by asking as the first time', async () => {
    await using store = await open()
    const { users } = await revived(store.repository)
    const ask = (actor: object) => users.retirement.request(actor as typeof ada, 'ada', { password: 'x', again: true })
    expect(
      await outcomes([
        users.accounts.update(system, 'ada', { bio: 'secret' }),
        users.accounts.update(ada, 'ada', { bio: 'secret' }),
        users.retirement.request(system, 'ada'),
        ask(ada),
        ask({ username: 'sue', staff: true }),
      ]),
    ).toEqual([
      'not_authorized sealed',
      'user_not_found',
      'retirement_state_error already_requested',
      'not_authorized',
      'not_authorized',
    ])
    expect(await dump(store.repository)).not.toContain('secret')
  })

  it('is retired once more by those who may force it, and evidence and history stay', async () => {
    await using store = await open()
    const site = await revived(store.repository)
    const { users, clock } = site
    const { id } = await adaOf(store.repository)
    const [evidence] = await store.repository.select('retirement_requests', {})
    expect(evidence).toMatchObject({ user_id: id, is_started: true, generation: 1 })
    clock.advance(days(1))

    await users.retirement.request(chief, 'ada', { again: true })
    expect(await outcomes([users.retirement.request(chief, 'ada', { again: true })])).toEqual([
      'retirement_state_error already_requested',
    ])
    const [again] = await store.repository.select('retirement_requests', {})
    expect(again).toEqual({ ...evidence, is_started: false, generation: 2 })
    expect(await users.retirement.get(worker, 'ada')).toMatchObject({ generation: 2, original_username: 'ada' })
    expect((await users.retirement.list(worker)).items).toMatchObject([{ generation: 2 }])

    clock.advance(days(15))
    const [claim] = await users.retirement.claim(worker)
    expect(claim?.retirement).toMatchObject({ generation: 2, user: { id } })
    await users.retirement.move(worker, claim ?? 'ada', { state: 'RETIRING_LMS' })
    await users.retirement.runStep(worker, claim ?? 'ada', 'account')
    await users.retirement.move(worker, claim ?? 'ada', { state: 'COMPLETE' })
    await users.retirement.cleanUp(worker, [{ id }])
    expect(await users.retired.isRetired(system, 'username', 'ada')).toBe(true)
    expect(await dump(store.repository)).not.toMatch(/\bada\b/i)
    const history = await users.retirement.history(worker, { id })
    expect(history.map(({ to_state, generation }) => [to_state, generation])).toEqual(
      [1, 2].flatMap((generation) => [
        ['PENDING', generation],
        ['RETIRING_LMS', generation],
        ['COMPLETE', generation],
      ]),
    )
  })

  it('is sealed again once that request is cancelled', async () => {
    await using store = await open()
    const { users } = await revived(store.repository)
    const { id } = await adaOf(store.repository)
    await users.retirement.request(chief, { id }, { again: true })
    await users.retirement.cancel(support, ada)
    const [evidence] = await store.repository.select('retirement_requests', {})
    expect(evidence).toMatchObject({ is_started: true, generation: 1 })
    expect(await outcomes([users.preferences.set(system, 'ada', 'k', 'v')])).toEqual(['not_authorized sealed'])
    await users.retirement.request(chief, 'ada', { again: true })
    const history = await users.retirement.history(worker, { id })
    expect(history.slice(3).map(({ to_state, generation }) => [to_state, generation])).toEqual([
      ['PENDING', 2],
      [null, 2],
      ['PENDING', 2],
    ])
  })
})

onEveryStore('a person whose retirement was cancelled', (open) => {
  it('is not sealed, and asks as the first time', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    for (const generation of [1, 1]) {
      await users.retirement.request(system, 'ada')
      const [evidence] = await store.repository.select('retirement_requests', {})
      expect(evidence).toMatchObject({ is_started: false, generation })
      await users.retirement.cancel(support, ada)
      await users.accounts.update(system, 'ada', { bio: `text ${generation}` })
    }
    expect((await users.retirement.history(worker, 'ada')).map(({ generation }) => generation)).toEqual([1, 1, 1, 1])
  })
})
