import { expect, it } from 'vitest'
import { type Actor, system } from '../../../src/site/actor.ts'
import { bringTo, openSite, outcomes, overtaken, worker } from '../../retirement/site.ts'
import { drain } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const bob: Actor = { username: 'bob', permissions: ['deactivate_user'] }
const refused = { allowed: false, reason: 'deactivated' }
const allowed = { allowed: true, reason: null }

onEachStore('accounts.deactivate', (open) => {
  it('keeps a person from logging in until a moment, and is_active as it is', async () => {
    await using store = await open()
    const { users, clock } = await openSite(store.repository)
    await drain(users)
    const { accounts } = users
    const until = '2024-06-15T13:00:00Z'
    expect(await accounts.deactivate(bob, 'ada', { reason: 'spam', until })).toEqual({ outcome: 'deactivated' })
    expect(await drain(users)).toMatchObject([
      { kind: 'event', name: 'account.deactivated', payload: { reason: 'spam', until } },
    ])
    expect(await accounts.loginStatus(system, 'ada')).toEqual(refused)
    expect(await accounts.loginStatus(system, 'ada', { purpose: 'reset_password' })).toEqual(refused)
    expect(await accounts.loginStatus(system, 'bob')).toEqual(allowed)
    expect((await accounts.get(system, 'ada')).is_active).toBe(true)
    clock.advance(3_599_999)
    expect(await accounts.loginStatus(system, 'ada')).toEqual(refused)
    clock.advance(1)
    expect(await accounts.loginStatus(system, 'ada')).toEqual(allowed)
    expect(await accounts.reactivate(bob, 'ada', { reason: 'appeal' })).toEqual({ outcome: 'already_active' })
    expect(await drain(users)).toEqual([])
  })

  it('remembers each: reason, actor, end, and how it ended', async () => {
    await using store = await open()
    const { users, clock } = await openSite(store.repository)
    const { accounts } = users
    const [{ id: bobId } = { id: 0 }] = await store.repository.select('users', { username: 'bob' })
    await accounts.deactivate(bob, 'ada', { reason: 'spam', until: '2024-06-15T13:00:00Z' })
    clock.advance(1000)
    await accounts.deactivate(system, 'ada', { reason: 'abuse' })
    clock.advance(1000)
    expect(await accounts.reactivate(bob, 'ada', { reason: 'appeal' })).toEqual({ outcome: 'reactivated' })
    await accounts.deactivate(bob, 'ada', { reason: 'spam', until: new Date('2024-06-15T13:00:00Z') })
    clock.advance(3_600_000)
    const entry = { reason: 'spam', until: '2024-06-15T13:00:00Z', deactivatedBy: bobId }
    const items = [
      {
        ...entry,
        deactivatedAt: '2024-06-15T12:00:00Z',
        endedAt: '2024-06-15T12:00:01Z',
        endedBy: null,
        endReason: 'replaced',
      },
      {
        reason: 'abuse',
        until: null,
        deactivatedBy: null,
        deactivatedAt: '2024-06-15T12:00:01Z',
        endedAt: '2024-06-15T12:00:02Z',
        endedBy: bobId,
        endReason: 'appeal',
      },
      {
        ...entry,
        deactivatedAt: '2024-06-15T12:00:02Z',
        endedAt: '2024-06-15T13:00:00Z',
        endedBy: null,
        endReason: 'expired',
      },
    ]
    expect(await accounts.deactivations(system, 'ada')).toEqual({ items })
    const first = await accounts.deactivations(system, 'ada', { limit: 2 })
    expect(first.items).toEqual(items.slice(0, 2))
    expect(await accounts.deactivations(system, 'ada', { after: String(first.next) })).toEqual({ items: [items[2]] })
    // What time has ended is written down with the next one, as it was told before.
    await accounts.deactivate(system, 'ada', { reason: 'again' })
    expect((await accounts.deactivations(system, 'ada')).items.slice(0, 3)).toEqual(items)
    // The holder does not get to know by whom.
    const own = await accounts.deactivations({ username: 'ada' }, 'ada')
    expect(own.items.map(({ deactivatedBy, endedBy }) => [deactivatedBy, endedBy])).toEqual(Array(4).fill([null, null]))
    expect(await accounts.deactivations(system, 'bob')).toEqual({ items: [] })
    await expect(accounts.deactivations(bob, 'ada')).rejects.toMatchObject({ code: 'not_authorized' })
  })

  it('does nothing a second time, for a caller who lost the answer', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    await drain(users)
    for (const outcome of ['deactivated', 'already_deactivated'])
      expect(await users.accounts.deactivate(bob, 'ada', { reason: 'spam' })).toEqual({ outcome })
    expect((await users.accounts.deactivations(system, 'ada')).items).toHaveLength(1)
    expect(await drain(users)).toHaveLength(1)
  })

  it('is for those with the right, and for people who are not being retired', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { accounts } = site.users
    const request = { reason: 'spam' }
    for (const actor of [{ username: 'ada' }, { username: 'bob', staff: true }]) {
      await expect(accounts.deactivate(actor, 'ada', request)).rejects.toMatchObject({ code: 'not_authorized' })
      await expect(accounts.reactivate(actor, 'ada', request)).rejects.toMatchObject({ code: 'not_authorized' })
    }
    for (const reason of ['', 'Spam', 'sent spam to ada', 'x'.repeat(65)]) {
      await expect(accounts.deactivate(bob, 'ada', { reason })).rejects.toMatchObject({ code: 'bad_request' })
      await expect(accounts.reactivate(bob, 'ada', { reason })).rejects.toMatchObject({ code: 'bad_request' })
    }
    for (const until of ['2024-06-15T12:00:00Z', '2020-01-01', new Date(0)])
      await expect(accounts.deactivate(bob, 'ada', { reason: 'spam', until })).rejects.toMatchObject({
        code: 'bad_request',
      })
    await expect(accounts.deactivate(bob, 'nobody', request)).rejects.toMatchObject({ code: 'user_not_found' })
    await bringTo(site, 'ada', 'RETIRING_FORUMS')
    await expect(accounts.deactivate(bob, 'ada', request)).rejects.toMatchObject({ code: 'user_not_found' })
    expect(await store.repository.select('deactivations', {})).toEqual([])
  })

  it('of two operators at once keeps both, one after the other', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const rival = () => site.another(store.second).accounts.deactivate(system, 'ada', { reason: 'abuse' })
    const late = site.another(overtaken(store.repository, rival))
    expect(await late.accounts.deactivate(bob, 'ada', { reason: 'spam' })).toEqual({ outcome: 'deactivated' })
    const { items } = await site.users.accounts.deactivations(system, 'ada')
    expect(items.map(({ reason, endReason }) => [reason, endReason])).toEqual([
      ['abuse', 'replaced'],
      ['spam', null],
    ])
  })

  it('that was ended meanwhile is not ended twice, and one that came meanwhile is', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const other = site.another(store.second)
    await site.users.accounts.deactivate(bob, 'ada', { reason: 'spam' })
    const ended = () => other.accounts.reactivate(system, 'ada', { reason: 'first' })
    const late = site.another(overtaken(store.repository, ended))
    expect(await late.accounts.reactivate(bob, 'ada', { reason: 'second' })).toEqual({ outcome: 'already_active' })
    await site.users.accounts.deactivate(bob, 'ada', { reason: 'spam' })
    const replaced = () => other.accounts.deactivate(system, 'ada', { reason: 'abuse' })
    const later = site.another(overtaken(store.repository, replaced))
    expect(await later.accounts.reactivate(bob, 'ada', { reason: 'appeal' })).toEqual({ outcome: 'reactivated' })
    const { items } = await site.users.accounts.deactivations(system, 'ada')
    expect(items.map(({ reason, endReason }) => [reason, endReason])).toEqual([
      ['spam', 'first'],
      ['spam', 'replaced'],
      ['abuse', 'appeal'],
    ])
  })

  it('by many at once leaves one in force', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const cores = [site.users, site.another(store.second)]
    const results = await outcomes(
      Array.from({ length: 8 }, (_, index) =>
        cores[index % 2]?.accounts.deactivate(system, 'ada', { reason: `r${index}` }),
      ).map(async (call) => call),
    )
    expect(results).toEqual(Array(8).fill('ok'))
    const rows = await store.repository.select('deactivations', {})
    expect(rows.map(({ sequence }) => sequence).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(rows.filter(({ ended_at }) => ended_at === null)).toMatchObject([{ sequence: 8 }])
  })

  it('is erased with the person', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await site.users.accounts.deactivate(bob, 'ada', { reason: 'spam' })
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'ada', 'account')
    expect(await store.repository.select('deactivations', {})).toEqual([])
  })
})

onEachStore('accounts.disableLogIn and the question at log-in', (open) => {
  it('refuses until an operator lets the person in again', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const { accounts } = users
    await accounts.deactivate(system, 'ada', { reason: 'spam', until: '2024-07-01T00:00:00Z' })
    await accounts.disableLogIn(system, 'ada')
    await accounts.disableLogIn(system, 'ada')
    expect(await accounts.loginStatus(system, 'ada', { purpose: 'reset_password' })).toEqual(refused)
    const { items } = await accounts.deactivations(system, 'ada')
    expect(items.map(({ reason, until, endReason }) => [reason, until, endReason])).toEqual([
      ['spam', '2024-07-01T00:00:00Z', 'replaced'],
      ['log_in_disabled', null, null],
    ])
    await accounts.reactivate(system, 'ada', { reason: 'appeal' })
    expect(await accounts.loginStatus(system, 'ada')).toEqual(allowed)
  })
})
