import { expect, it } from 'vitest'
import type { UserCore } from '../../../src/create-user-core.ts'
import { memoryPersonalData } from '../../../src/memory/index.ts'
import { definePersonalData } from '../../../src/port/define-personal-data.ts'
import type { PersonalDataStore } from '../../../src/port/personal-data-store.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { definePipeline } from '../../../src/retirement/pipeline.ts'
import { system } from '../../../src/site/actor.ts'
import { onEveryStore } from '../../support/stores.ts'
import { bringTo, chief, days, dump, move, openSite, outcomes, overtaken, type Site, worker } from '../site.ts'

const keeper = { username: 'kay', permissions: ['hold_data'] } as const
const court = { reason: 'court_order' }
const held = 'retirement_state_error held'

const kindsOf = async (users: UserCore<unknown>, id: number | string) =>
  (await users.retirement.receiptsOf(worker, { id })).map(({ kind }) => kind).sort()
const idOf = async (repository: Repository, username: string) =>
  (await repository.select('users', { username }))[0]?.id ?? 0
const begin = (users: UserCore<unknown>, name: string) => move(users, name, 'RETIRING_FORUMS')

/** Does what is left of a retirement. */
async function finish({ users }: Site, name: string): Promise<void> {
  await move(users, name, 'RETIRING_LMS')
  await users.retirement.runStep(worker, name, 'account')
  await move(users, name, 'COMPLETE')
  await users.retirement.cleanUp(worker, [name])
}

onEveryStore('a hold on a person', (open) => {
  it('lets no step begin, forced or not, leaves one receipt, and keeps workers away until it is released', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    const id = await idOf(store.repository, 'ada')
    await bringTo(site, 'ada', 'PENDING')
    const { id: hold } = await users.retirement.hold(keeper, 'ada', court)
    const force = () => users.retirement.move(chief, 'ada', { state: 'COMPLETE', force: true })
    expect(await outcomes([begin(users, 'ada'), force(), begin(users, 'ada')])).toEqual([held, held, held])
    const day = '2024-06-15'
    const many = { from: day, to: day, state: 'PENDING', newState: 'RETIRING_LMS' } as const
    expect(await users.retirement.moveMany(chief, many)).toEqual({ moved: [], failed: [id] })
    expect(await users.retirement.claim(worker)).toEqual([])
    expect(await kindsOf(users, id)).toEqual(['refused'])
    const [receipt] = await users.retirement.receiptsOf(worker, { id })
    expect(receipt?.body).toMatchObject({ hold, reason: 'court_order', until: null })
    // Other people go on.
    await bringTo(site, 'bob', 'RETIRING_FORUMS')

    await users.retirement.releaseHold(keeper, hold)
    await users.retirement.releaseHold(keeper, hold)
    expect((await users.retirement.claim(worker)).map((claim) => claim.retirement.original_username)).toEqual(['ada'])
    site.clock.advance(days(1))
    await finish(site, 'ada')
    expect(await kindsOf(users, id)).toEqual(['erasure', 'refused', 'released'])
    const { items } = await users.retirement.holds(keeper)
    expect(items).toMatchObject([{ id: hold, user_id: id, sources: null, reason: 'court_order', until: null }])
    expect(items[0]?.closed_at).not.toBeNull()
  })

  it('ends by itself at its moment, of the account whatever its name is, and before a request too', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users, clock } = site
    const id = await idOf(store.repository, 'ada')
    const until = new Date(clock.now().getTime() + days(30))
    await users.retirement.hold(keeper, 'ada', { ...court, until })
    if (store.repository.usernames !== 'ids')
      await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'lady' }])
    const [{ username = '' } = {}] = await store.repository.select('users', { id })
    await bringTo(site, username, 'PENDING')
    expect(await outcomes([begin(users, username)])).toEqual([held])
    expect(await users.retirement.claim(worker)).toEqual([])
    expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 0 })
    clock.advance(days(16))
    expect(await users.retirement.claim(worker)).toHaveLength(1)
    expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 1 })
    expect(await kindsOf(users, id)).toEqual(['refused', 'released'])
    clock.advance(days(1))
    await begin(users, username)
  })

  it('stands until the last of several has ended, and does not hinder a cancellation', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    await bringTo(site, 'ada', 'PENDING')
    const holds = [
      await users.retirement.hold(keeper, 'ada', court),
      await users.retirement.hold(keeper, 'ada', { reason: 'audit' }),
    ]
    for (const { id } of holds) {
      expect(await outcomes([begin(users, 'ada')])).toEqual([held])
      expect(await users.retirement.claim(worker)).toEqual([])
      await users.retirement.releaseHold(keeper, id)
    }
    const [claim] = await users.retirement.claim(worker)
    expect(claim?.retirement.original_username).toBe('ada')
    await users.retirement.hold(keeper, 'ada', court)
    // The worker that had the person is overtaken.
    expect(await outcomes([users.retirement.move(worker, claim ?? 'ada', { state: 'RETIRING_LMS' })])).toEqual([
      'conflict lease',
    ])
    await users.retirement.cancel(system, { username: 'ada' })
    expect((await users.accounts.get(system, 'ada')).email).toBe('ada@example.com')
  })

  it('and the first step: exactly one of them wins', async () => {
    await using store = await open()
    const names = Array.from({ length: 8 }, (_, index) => `user${index}`)
    const site = await openSite(store.repository, names)
    const second = site.another(store.second)
    for (const name of names) await site.users.retirement.request(system, name)
    site.clock.advance(days(15))
    const hold = (users: typeof second, name: string) => users.retirement.hold(keeper, name, court)
    for (const [index, name] of names.entries()) {
      const late = (rival: (users: typeof second, name: string) => Promise<unknown>) =>
        site.another(overtaken(store.repository, () => rival(second, name)))
      const results =
        index === 0
          ? [...(await outcomes([hold(late(begin), name)])), 'ok']
          : index === 1
            ? ['ok', ...(await outcomes([begin(late(hold), name)]))]
            : await outcomes([hold(second, name), begin(site.users, name)])
      const [row] = await store.repository.select('retirements', { original_username: name })
      const isHeld = results[0] === 'ok'
      expect(results).toEqual(isHeld ? ['ok', held] : ['retirement_state_error not_pending', 'ok'])
      expect(row?.current_state).toBe(isHeld ? 'PENDING' : 'RETIRING_FORUMS')
    }
  })

  it('and a request: whichever comes first, the person is held', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users } = site
    const second = site.another(store.second)
    const request = () => second.retirement.request(system, 'ada')
    await site.another(overtaken(store.repository, request)).retirement.hold(keeper, 'ada', court)
    const hold = () => second.retirement.hold(keeper, 'bob', court)
    await site.another(overtaken(store.repository, hold)).retirement.request(system, 'bob')
    site.clock.advance(days(15))
    expect(await outcomes([begin(users, 'ada'), begin(users, 'bob')])).toEqual([held, held])
    await bringTo(await openSite(store.repository, ['cy']), 'cy', 'RETIRING_LMS')
    await users.retirement.runStep(worker, 'cy', 'account')
    await move(users, 'cy', 'COMPLETE')
    const late = () => users.retirement.hold(keeper, 'cy', { ...court, sources: ['usercore_preferences'] })
    expect(await outcomes([late()])).toEqual(['retirement_state_error already_erased'])
    expect(await outcomes([users.retirement.hold(keeper, 'cyril', court)])).toEqual(['user_not_found'])
  })
})

const orders = definePersonalData({
  source: 'orders',
  table: 'orders',
  subject: { email: 'email' },
  columns: { id: 'key', email: 'identifier', note: 'free_text' },
  treatment: { erase: 'rows', redacted: { note: '' } },
})
const items = definePersonalData({
  source: 'items',
  table: 'items',
  subject: { through: 'orders', column: 'order_id', references: 'id' },
  columns: { id: 'key', order_id: 'key', wish: 'free_text' },
  treatment: { erase: 'columns', emptied: { wish: '' } },
})
const visits = definePersonalData({
  source: 'visits',
  table: 'visits',
  subject: { user_id: 'user_id' },
  columns: { id: 'key', user_id: 'key', page: 'personal' },
  treatment: { erase: 'rows', redacted: { page: '' } },
})
const hostPipeline = definePipeline([
  { step: 'sources', working: 'ERASING', done: 'ERASED', action: 'sources' },
  { step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' },
])

/** Makes a site with three tables of the host, in which Ada has a row each. */
async function openHost(repository: Repository) {
  const site = await openSite(repository)
  const user_id = await idOf(repository, 'ada')
  const rows = {
    orders: [{ id: 1, email: 'ada@example.com', note: 'secret note' }],
    items: [{ id: 1, order_id: 1, wish: 'secret wish' }],
    visits: [{ id: 1, user_id, page: 'secret page' }],
  }
  const personalData = memoryPersonalData({ sources: [orders, items, visits], tables: rows }) as PersonalDataStore
  const users = site.another(repository, { personalData })
  await users.retirement.setPipeline(system, hostPipeline)
  return { site: { ...site, users }, users, user_id, rows }
}

/** Does the steps of the pipeline of the host. */
async function complete(site: Site): Promise<void> {
  const { users } = site
  await bringTo(site, 'ada', 'ERASING')
  await users.retirement.runStep(worker, 'ada', 'sources')
  await move(users, 'ada', 'RETIRING_LMS')
  await users.retirement.runStep(worker, 'ada', 'account')
  await move(users, 'ada', 'COMPLETE')
}

const bio = { bio: 'secret bio', extended_profile: { motto: 'secret motto' } }

/** Stores a value of Ada in the profile, the extended profile and a preference. */
async function talk({ users }: Site): Promise<void> {
  const ada = { username: 'ada' }
  await users.accounts.update(ada, 'ada', bio)
  await users.preferences.set(ada, 'ada', 'theme', 'secret theme')
}

onEveryStore('a hold on sources', (open) => {
  it.each(['released', 'ended'])('keeps their rows alone, which are erased once it is %s', async (way) => {
    await using store = await open()
    const site = await openSite(store.repository)
    const { users, clock } = site
    await talk(site)
    const id = await idOf(store.repository, 'ada')
    const until = new Date(clock.now().getTime() + days(60))
    const sources = ['usercore_preferences']
    const { id: hold } = await users.retirement.hold(keeper, 'ada', { ...court, sources, until })
    await users.retirement.hold(keeper, 'bob', { ...court, sources })
    await bringTo(site, 'ada', 'PENDING')
    await finish(site, 'ada')
    const kept = await dump(store.repository)
    expect(kept).toContain('secret theme')
    expect(kept).not.toMatch(/secret (bio|motto)/)
    const [erasure] = await users.retirement.receiptsOf(worker, { id })
    expect(erasure?.body.retained).toEqual([
      { source: 'usercore_preferences', column: null, why: 'court_order', until: '2024-08-14T12:00:00.000000Z' },
    ])
    expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 0 })
    if (way === 'released') await users.retirement.releaseHold(keeper, hold)
    else clock.advance(days(50))
    expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 1 })
    expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 0 })
    expect(await dump(store.repository)).not.toContain('secret')
    expect(await kindsOf(users, id)).toEqual(['erasure', 'released'])
  })

  it('keeps tables of the host with the rows that own theirs, and names until they are found no more', async () => {
    await using store = await open()
    const { site, users, user_id, rows } = await openHost(store.repository)
    const { id } = await users.retirement.hold(keeper, 'ada', { ...court, sources: ['items'] })
    await complete(site)
    expect(JSON.stringify(rows)).toMatch(/secret note.*secret wish/)
    expect(rows.visits).toEqual([])
    expect(await outcomes([users.retirement.cleanUp(worker, ['ada'])])).toEqual([held])
    await users.retirement.releaseHold(keeper, id)
    expect(await outcomes([users.retirement.cleanUp(worker, ['ada'])])).toEqual([held])
    expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 1 })
    expect(rows).toEqual({ orders: [], items: [{ id: 1, order_id: 1, wish: '' }], visits: [] })
    await users.retirement.cleanUp(worker, ['ada'])
    expect(await kindsOf(users, user_id)).toEqual(['erasure', 'released'])
    expect(await dump(store.repository)).not.toContain('ada@')
  })

  it('keeps tables of the host by the id of the person beyond the clean-up, and while another hold stands', async () => {
    await using store = await open()
    const { site, users, user_id, rows } = await openHost(store.repository)
    const sources = ['visits']
    const first = await users.retirement.hold(keeper, 'ada', { ...court, sources })
    const second = await users.retirement.hold(keeper, 'ada', { reason: 'audit', sources })
    await complete(site)
    expect(rows.orders).toEqual([])
    await users.retirement.cleanUp(worker, ['ada'])
    for (const [hold, kept] of [
      [first, 1],
      [second, 0],
    ] as const) {
      expect(rows.visits).toHaveLength(1)
      await users.retirement.releaseHold(keeper, hold.id)
      expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 1 })
      expect(rows.visits).toHaveLength(kept)
    }
    expect(await kindsOf(users, user_id)).toEqual(['erasure', 'released', 'released'])
  })

  it('of a retirement that failed is closed once it has come to an end', async () => {
    await using store = await open()
    const { site, users, rows } = await openHost(store.repository)
    const { id } = await users.retirement.hold(keeper, 'ada', { ...court, sources: ['visits'] })
    await bringTo(site, 'ada', 'ERASING')
    await users.retirement.runStep(worker, 'ada', 'sources')
    await move(users, 'ada', 'ERRORED')
    await users.retirement.releaseHold(keeper, id)
    expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 0 })
    expect(rows.visits).toHaveLength(1)
    await users.retirement.move(chief, 'ada', { state: 'RETIRING_LMS', force: true })
    expect(await users.retirement.closeHolds(worker)).toEqual({ closed: 1 })
    expect(rows.visits).toEqual([])
  })

  it('that was released before the erasure keeps nothing', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await talk(site)
    const sources = ['usercore_preferences', 'usercore_extended_profiles']
    const { id } = await site.users.retirement.hold(keeper, 'ada', { ...court, sources })
    await bringTo(site, 'ada', 'PENDING')
    await site.users.retirement.releaseHold(keeper, id)
    expect(await site.users.retirement.closeHolds(worker)).toEqual({ closed: 1 })
    expect(await dump(store.repository)).toContain('secret theme')
    await finish(site, 'ada')
    expect(await dump(store.repository)).not.toContain('secret')
  })

  it('is refused for sources that the library does not erase, and for reasons and moments that are none', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const place = (request: object) => users.retirement.hold(keeper, 'ada', { ...court, ...request })
    const wrong = [
      { reason: 'Ada owes money' },
      { reason: '' },
      { until: '2024-06-15T12:00:00Z' },
      { until: 'soon' },
      { sources: [] },
      { sources: ['usercore_users'] },
      { sources: ['usercore_preferences', 'orders'] },
    ]
    expect(await outcomes(wrong.map(place))).toEqual(wrong.map(() => 'bad_request'))
    expect((await users.retirement.holds(keeper)).items).toEqual([])
    expect(await outcomes([users.retirement.holds(worker), users.retirement.hold(worker, 'ada', court)])).toEqual([
      'not_authorized',
      'not_authorized',
    ])
  })

  it('are listed page by page', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    for (const reason of ['r1', 'r2', 'r3']) await users.retirement.hold(keeper, 'ada', { reason })
    const first = await users.retirement.holds(keeper, { limit: 2 })
    const rest = await users.retirement.holds(keeper, { limit: 2, ...(first.next && { after: first.next }) })
    expect([...first.items, ...rest.items].map(({ reason }) => reason)).toEqual(['r1', 'r2', 'r3'])
  })
})
