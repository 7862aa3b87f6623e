import { expect, it } from 'vitest'
import type { UserId, UserRow } from '../../../src/port/tables.ts'
import { system } from '../../../src/site/actor.ts'
import { drain } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'
import { bringTo, chief, days, move, openSite, outcomes, support, worker } from '../site.ts'

onEachStore('retirement.cancel', (open) => {
  it('gives the address back exactly as it was, by id, address or username', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    await store.repository.commit([{ update: 'users', set: { email: 'Ada.L@Example.com' }, where: { id: 1 } }])
    await store.repository.commit([{ update: 'users', set: { email_key: 'ada.l@example.com' }, where: { id: 1 } }])
    const stored = () => store.repository.select('users', {})
    const before: UserRow[] = await stored()
    const targets = [
      (id: UserId) => ({ id: id }),
      (id: UserId) => ({ id: ` ${id}` }),
      () => ({ email: 'ADA.L@example.com' }),
      () => ({ username: 'Ada' }),
    ]
    for (const targetOf of targets) {
      await users.retirement.request(system, 'ada')
      expect(await stored()).not.toEqual(before)
      const [{ id } = { id: 0 }] = await store.repository.select('retirements', {})
      await users.retirement.cancel(support, targetOf(id))
      expect(await stored()).toEqual(before)
      expect(await store.repository.select('retirements', {})).toEqual([])
      expect(await store.repository.select('retirement_requests', {})).toEqual([])
    }
    const history = (await store.repository.select('retirement_history', {})).sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(history.slice(0, 2)).toMatchObject([
      { from_state: null, to_state: 'PENDING' },
      { from_state: 'PENDING', to_state: null },
    ])
  })

  it('gives the account a password that no person knows, so that it can be reset', async () => {
    await using store = await open()
    const { users, passwords } = await openSite(store.repository)
    await users.retirement.request(system, 'ada')
    expect(passwords.has(1)).toBe(false)
    await users.retirement.cancel(support, { username: 'ada' })
    expect(passwords.get(1)).toMatch(/^[\w-]{32}$/)
  })

  it('keeps an active account active without a mail, and sends an inactive one another link', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    await users.accounts.create(system, { username: 'eve', email: 'eve@example.com', name: 'Eve' })
    for (const username of ['ada', 'eve']) {
      await users.retirement.request(system, username)
      await drain(users)
      await users.retirement.cancel(support, { username })
      const told = await drain(users)
      expect(told.filter(({ kind }) => kind === 'event')).toMatchObject([{ name: 'retirement.cancelled', payload: {} }])
      const mails = told.filter(({ kind }) => kind === 'mail')
      expect(mails.map(({ name }) => name)).toEqual(username === 'eve' ? ['activation'] : [])
      for (const { payload } of mails) await users.accounts.activate(system, String(payload.key))
    }
    expect(await store.repository.select('users', { is_active: true })).toHaveLength(3)
  })

  it('needs the right, and a retirement that is there', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    await users.retirement.request(system, 'ada')
    const { cancel } = users.retirement
    expect(
      await outcomes([
        cancel({ username: 'ada' }, { username: 'ada' }),
        cancel(worker, { username: 'ada' }),
        cancel(support, {} as never),
        cancel(support, null as never),
        cancel(support, { id: 'x' }),
        cancel(support, { id: 7 }),
        cancel(support, { email: 'bob@example.com' }),
        cancel(support, { username: 'bob' }),
      ]),
    ).toEqual([
      'not_authorized',
      'not_authorized',
      'bad_request',
      'bad_request',
      'bad_request',
      'not_found',
      'not_found',
      'not_found',
    ])
  })

  it('is refused once a step was begun, and after an erasure for good', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const cancel = () => outcomes([site.users.retirement.cancel(support, { username: 'ada' })])
    await bringTo(site, 'ada', 'RETIRING_LMS')
    expect(await cancel()).toEqual(['retirement_state_error not_pending'])
    await site.users.retirement.runStep(worker, 'ada', 'account')
    const back = { state: 'PENDING', note: '', force: true }
    await site.users.retirement.move(chief, 'ada', back)
    expect(await cancel()).toEqual(['retirement_state_error already_erased'])
  })

  it('cancels the retirement that waits, where an address was released and retired once more', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'ada', 'account')
    await move(site.users, 'ada', 'COMPLETE')
    await site.users.retired.releaseEmail(chief, { id: 1 })
    const again = { username: 'ada2', email: 'ada@example.com', name: 'Ada' }
    await site.users.accounts.create(system, again, { active: true })
    await site.users.retirement.request(system, 'ada2')
    site.clock.advance(days(1))
    await site.users.retirement.cancel(support, { email: 'ada@example.com' })
    expect(await store.repository.select('users', { email: 'ada@example.com' })).toMatchObject([{ username: 'ada2' }])
  })
})
