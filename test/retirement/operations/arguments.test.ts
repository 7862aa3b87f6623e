import { expect, it } from 'vitest'
import { onEachStore } from '../../support/stores.ts'
import { chief as actor, openSite, support } from '../site.ts'

onEachStore('operations on retirements', (open) => {
  it('refuse arguments that are not what their types say, and say which', async () => {
    await using store = await open()
    const { retirement, retired } = (await openSite(store.repository)).users
    await retirement.request({ system: true }, 'ada')
    const bad = (value: unknown) => value as never
    const page = { cool_off_days: 0, states: ['PENDING'] }
    const calls: [string, () => Promise<unknown>][] = [
      ['states', () => retirement.populateStates(actor, bad(['X']))],
      ['username', () => retirement.request({ system: true }, bad(5))],
      ['input', () => retirement.requestByOperator(actor, bad(null))],
      ['csv', () => retirement.requestByOperator(actor, { csv: 'ada' })],
      ['usernames', () => retirement.bulkRequest(actor, bad('ada'))],
      ['target', () => retirement.cancel(support, bad(undefined))],
      ['retirement_id', () => retirement.cancel(support, { retirement_id: 'x' })],
      ['request', () => retirement.queue(actor, bad(undefined))],
      ['after', () => retirement.queue(actor, { ...page, after: bad('x') })],
      ['after', () => retirement.queue(actor, { ...page, after: { created_at: 'x', user_id: 1 } })],
      [
        'after',
        () => retirement.queue(actor, { ...page, after: { created_at: '2024-06-15T12:00:00Z', user_id: 'x' } }),
      ],
      ['request', () => retirement.byStatusAndDate(actor, bad(null))],
      ['start_date', () => retirement.byStatusAndDate(actor, bad({ state: 'PENDING' }))],
      ['request', () => retirement.updateState(actor, 'ada', bad(undefined))],
      ['request', () => retirement.bulkUpdateState(actor, bad(undefined))],
      ['limit', () => retirement.claim(actor, { limit: 0 })],
      ['leaseSeconds', () => retirement.claim(actor, { leaseSeconds: Number.NaN })],
      ['usernames', () => retirement.cleanUp(actor, bad([5]))],
      ['after', () => retirement.retiredUsers(actor, { after: 'x' })],
      ['limit', () => retirement.partnerReports.take(actor, { limit: -1 })],
      ['original_usernames', () => retirement.partnerReports.finish(actor, bad([null]))],
      ['kind', () => retired.current(actor, bad('external_key'), 'x')],
      ['kind', () => retired.isRetired(actor, bad('toString'), 'x')],
      ['value', () => retired.isRetired(actor, 'email', bad(undefined))],
      ['username', () => retired.findUser(actor, bad(undefined))],
      ['kind', () => retired.rehash(actor, bad('external_key'))],
      ['user_id', () => retired.releaseEmail(actor, 'x')],
      ['value', async () => retired.hash('username', bad(undefined))],
      ['value', async () => retired.allHashes('username', bad(5))],
    ]
    for (const [argument, call] of calls) {
      const outcome = await call().catch((error) => error)
      expect(outcome, call.toString()).toMatchObject({ code: 'bad_request', params: { argument } })
    }
  })

  it('do nothing for nobody', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    await users.retirement.cleanUp(actor, [])
    await users.retirement.requestByOperator(actor, { users: [] })
    expect(await store.repository.select('outbox', {})).toEqual([])
  })
})
