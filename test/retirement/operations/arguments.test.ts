import { expect, it } from 'vitest'
import { onEachStore } from '../../support/stores.ts'
import { chief as actor, openSite, support } from '../site.ts'

onEachStore('operations on retirements', (open) => {
  it('refuse an argument of another type, and name it', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { retirement, retired } = site.users
    await retirement.request({ system: true }, 'ada')
    const bad = (value: unknown) => value as never
    const cursor = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url')
    const claim = { lease: 'l', retirement: await retirement.get(actor, 'ada') }
    const calls: [string, () => Promise<unknown>][] = [
      ['pipeline', () => retirement.setPipeline(actor, bad(['X']))],
      ['whom', () => retirement.request({ system: true }, bad(undefined))],
      ['input', () => retirement.requestByOperator(actor, bad(null))],
      ['csv', () => retirement.requestByOperator(actor, { csv: 'ada' })],
      ['whom', () => retirement.requestMany(actor, bad('ada'))],
      ['target', () => retirement.cancel(support, bad(undefined))],
      ['target', () => retirement.cancel(support, bad({}))],
      ['target', () => retirement.cancel(support, bad({ id: 1, username: 'ada' }))],
      ['id', () => retirement.cancel(support, { id: 'x' })],
      ['options', () => retirement.list(actor, bad(null))],
      ['after', () => retirement.list(actor, { after: 'x' })],
      ...[[], ['x', 1], ['2024-06-15T12:00:00Z'], ['2024-06-15T12:00:00Z', 'x'], ['2024-06-15T12:00:00Z', 1, 2]].map(
        (place): [string, () => Promise<unknown>] => ['after', () => retirement.list(actor, { after: cursor(place) })],
      ),
      ['from', () => retirement.list(actor, { from: 'x' })],
      ['request', () => retirement.move(actor, 'ada', bad(undefined))],
      ['target', () => retirement.move(actor, bad({ lease: 'l' }), { state: 'ABORTED' })],
      ['target', () => retirement.move(actor, bad({ lease: 'l', id: 1 }), { state: 'ABORTED' })],
      ['target', () => retirement.move(actor, bad({ lease: 'l', retirement: {} }), { state: 'ABORTED' })],
      ['target', () => retirement.runStep(actor, bad({ lease: 'l', retirement: { user: { id: 'x' } } }), 'account')],
      ['target', () => retirement.runStep(actor, bad({ ...claim, lease: 7 }), 'account')],
      ['step', () => retirement.runStep(actor, 'ada', bad('toString'))],
      ['claim', () => retirement.release(actor, bad('ada'))],
      ['target', () => retirement.release(actor, bad({ lease: 'l', retirement: { user: {} } }))],
      ['request', () => retirement.moveMany(actor, bad(undefined))],
      ['limit', () => retirement.claim(actor, { limit: 0 })],
      ['leaseSeconds', () => retirement.claim(actor, { leaseSeconds: Number.NaN })],
      ['whom', () => retirement.cleanUp(actor, bad([5]))],
      ['after', () => retirement.retiredUsers(actor, { after: 'x' })],
      ['limit', () => retirement.partnerReports.take(actor, { limit: -1 })],
      ['whom', () => retirement.partnerReports.finish(actor, bad([null]))],
      ['kind', () => retired.current(actor, bad('external_key'), 'x')],
      ['kind', () => retired.isRetired(actor, bad('toString'), 'x')],
      ['value', () => retired.isRetired(actor, 'email', bad(undefined))],
      ['username', () => retired.findUser(actor, bad(undefined))],
      ['kind', () => retired.rehash(actor, bad('external_key'))],
      ['whom', () => retired.releaseEmail(actor, { id: 'x' })],
    ]
    for (const [argument, call] of calls) {
      const outcome = await call().catch((error) => error)
      expect(outcome, call.toString()).toMatchObject({ code: 'bad_request', params: { argument } })
    }
  })

  it('do nothing for an empty list of people', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    await users.retirement.cleanUp(actor, [])
    await users.retirement.requestByOperator(actor, { users: [] })
    expect(await store.repository.select('outbox', {})).toEqual([])
  })
})
