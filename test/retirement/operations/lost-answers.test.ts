import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { memoryRepository } from '../../../src/memory/index.ts'
import type { Claim } from '../../../src/retirement/operations/load-retirement.ts'
import { system } from '../../../src/site/actor.ts'
import { drain } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'
import { bringTo, chief, dump, move, openSite, outcomes, pipeline, type Site, support, worker } from '../site.ts'

/** A call whose answer can be lost on the way. */
interface Call {
  readonly name: string
  /** Brings Ada into the state that the call needs. */
  readonly before: (site: Site) => Promise<unknown>
  readonly call: (site: Site) => Promise<unknown>
  /** The outcome of the same call once more: an error tells by its code and reason that the work was done before. */
  readonly again: string
  /** True when the call does its work again: the host gets the messages twice, as when they are delivered twice. */
  readonly repeatsWork?: boolean
}

const inState = (state: string) => (site: Site) => bringTo(site, 'ada', state)
const candidate = { username: 'ada', email: 'ada@example.com' }
const period = { from: '2024-06-01', to: '2024-06-29' }

const calls: readonly Call[] = [
  {
    name: 'setPipeline',
    before: async () => {},
    call: ({ users }) => users.retirement.setPipeline(system, pipeline),
    again: 'ok',
  },
  {
    name: 'request',
    before: async () => {},
    call: ({ users }) => users.retirement.request(system, 'ada'),
    again: 'retirement_state_error already_requested',
  },
  {
    name: 'requestByOperator',
    before: async () => {},
    call: ({ users }) => users.retirement.requestByOperator(worker, { users: [candidate] }),
    again: 'retirement_state_error already_requested',
  },
  {
    name: 'requestMany',
    before: async () => {},
    call: async ({ users }) => (await users.retirement.requestMany(worker, ['ada'])).failed,
    again: 'ok',
  },
  {
    name: 'cancel',
    before: inState('PENDING'),
    call: ({ users }) => users.retirement.cancel(support, { username: 'ada' }),
    again: 'not_found',
  },
  ...['RETIRING_FORUMS', 'ERRORED', 'ABORTED', 'COMPLETE'].map((state) => ({
    name: `move into ${state}`,
    before: inState('PENDING'),
    call: ({ users }: Site) => move(users, 'ada', state),
    again: 'ok',
  })),
  {
    name: 'move by force',
    before: inState('ERRORED'),
    call: ({ users }) => users.retirement.move(chief, 'ada', { state: 'RETIRING_LMS', note: '', force: true }),
    again: 'ok',
    repeatsWork: true,
  },
  {
    name: 'moveMany',
    before: inState('ERRORED'),
    call: ({ users }) => users.retirement.moveMany(chief, { ...period, state: 'ERRORED', newState: 'PENDING' }),
    again: 'ok',
  },
  {
    name: 'runStep misc',
    before: inState('RETIRING_LMS_MISC'),
    call: ({ users }) => users.retirement.runStep(worker, 'ada', 'misc'),
    again: 'ok',
    repeatsWork: true,
  },
  {
    name: 'runStep account',
    before: inState('RETIRING_LMS'),
    call: ({ users }) => users.retirement.runStep(worker, 'ada', 'account'),
    again: 'ok',
    repeatsWork: true,
  },
  {
    name: 'runStep partner_report',
    before: inState('ADDING_TO_PARTNER_QUEUE'),
    call: ({ users }) => users.retirement.runStep(worker, 'ada', 'partner_report'),
    again: 'ok',
  },
  {
    name: 'partnerReports.take',
    before: reported,
    call: ({ users }) => users.retirement.partnerReports.take(worker, { batchId: 'mine' }),
    again: 'ok',
  },
  {
    name: 'partnerReports.finish',
    before: async (site) => {
      await reported(site)
      await site.users.retirement.partnerReports.take(worker, { batchId: 'mine' })
    },
    call: ({ users }) => users.retirement.partnerReports.finish(worker, ['ada'], { batchId: 'mine' }),
    again: 'bad_request',
  },
  {
    name: 'release',
    before: inState('PENDING'),
    call: async ({ users }) => users.retirement.release(worker, await claimOfAda(users)),
    again: 'conflict lease',
  },
  {
    name: 'heartbeat',
    before: inState('PENDING'),
    call: async ({ users }) => users.retirement.heartbeat(worker, [await claimOfAda(users)]),
    again: 'ok',
  },
  {
    name: 'reopen',
    before: inState('ERRORED'),
    call: ({ users }) => users.retirement.reopen(chief, ['ada']),
    again: 'ok',
  },
  {
    name: 'hold',
    before: inState('PENDING'),
    call: ({ users }) => users.retirement.hold(system, 'ada', { reason: 'audit' }),
    again: 'ok',
  },
  {
    name: 'releaseHold',
    before: async ({ users }) => void (await users.retirement.hold(system, 'ada', { reason: 'audit' })),
    call: async ({ users }) => {
      const { items } = await users.retirement.holds(system)
      await users.retirement.releaseHold(system, items[0]?.id ?? '')
    },
    again: 'ok',
  },
  {
    name: 'closeHolds',
    before: async ({ users, clock }) => {
      const until = new Date(clock.now().getTime() + 1000)
      await users.retirement.hold(system, 'ada', { reason: 'audit', until })
      clock.advance(1000)
    },
    call: ({ users }) => users.retirement.closeHolds(worker),
    again: 'ok',
  },
  {
    name: 'sealReceipts',
    before: async (site) => {
      await inState('COMPLETE')(site)
      await site.users.retirement.cleanUp(worker, ['ada'])
    },
    call: ({ users }) => users.retirement.sealReceipts(worker),
    again: 'ok',
  },
  {
    name: 'cleanUp',
    before: inState('COMPLETE'),
    call: ({ users }) => users.retirement.cleanUp(worker, ['ada']),
    again: 'bad_request',
  },
]

/** The claim on Ada's retirement, by site: each call gets the same one. */
const claims = new WeakMap<Site['users'], Claim>()
async function claimOfAda(users: Site['users']): Promise<Claim> {
  const [claim = claims.get(users)] = await (claims.has(users) ? [] : users.retirement.claim(worker))
  if (claim === undefined) throw new Error('ada was not claimed')
  claims.set(users, claim)
  return claim
}

async function reported(site: Site): Promise<void> {
  await bringTo(site, 'ada', 'ADDING_TO_PARTNER_QUEUE')
  await site.users.retirement.runStep(worker, 'ada', 'partner_report')
}

/**
 * Operations that write nothing; `claim`, whose next call gives the claims of the lost answer once their leases are over;
 * `advance` and `work`, which go on with the next piece; `replay`, which tells that the erasure is there.
 */
const others = [
  'getPipeline',
  'plan',
  'get',
  'history',
  'list',
  'claim',
  'archive',
  'retiredUsers',
  'stats',
  'advance',
  'verify',
  'work',
  'holds',
  'receiptsOf',
  'find',
  'verifyReceipts',
  'replay',
]

it('the table of lost answers has every operation that writes', () => {
  const { partnerReports, ...retirement } = createUserCore({ repository: memoryRepository() }).retirement
  const reports = Object.keys(partnerReports).filter((name) => name !== 'overdue')
  const writing = Object.keys(retirement).filter((name) => !others.includes(name))
  const names = [...writing, ...reports.map((name) => `partnerReports.${name}`)]
  expect(new Set(calls.map(({ name }) => name.split(' ')[0]))).toEqual(new Set(names))
})

onEachStore('an answer that is lost', (open) => {
  it.each(calls)('can be asked for again without harm: $name', async ({ before, call, again, repeatsWork = false }) => {
    await using store = await open()
    const site = await openSite(store.repository)
    site.enrolled.push({ user_id: 1, course_id: 'course-v1:OrgX+C+R' })
    await before(site)
    await call(site)
    await drain(site.users)
    const [left, passwords] = [await dump(store.repository), [...site.passwords]]
    expect(await outcomes([call(site)])).toEqual([again])
    expect([...site.passwords]).toEqual(passwords)
    if (!repeatsWork) expect(await dump(store.repository)).toBe(left)
  })

  it('can be asked for again by a worker whose lease ended with the move', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'PENDING')
    const { retirement } = site.users
    const [claim] = await retirement.claim(worker)
    if (claim === undefined) throw new Error('ada was not claimed')
    const end = { state: 'COMPLETE', note: { step: 'last' } }
    await retirement.move(worker, claim, end)
    const left = await dump(store.repository)
    await retirement.move(worker, claim, end)
    expect(await dump(store.repository)).toBe(left)
    expect(
      await outcomes([
        retirement.move(worker, claim, { ...end, note: { step: 'other' } }),
        retirement.move(system, 'ada', { state: 'COMPLETE', note: { step: 'first' } }),
      ]),
    ).toEqual(['conflict lease', 'retirement_state_error dead_end'])
  })
})

onEachStore('the look-up by a retired address', (open) => {
  it('promises a cancellation exactly when cancel does it', async () => {
    for (const state of pipeline.states.map(({ state_name }) => state_name)) {
      await using store = await open()
      const site = await openSite(store.repository, ['ada'], { settings: { minimum_cool_off_days: 0 } })
      const { users, clock } = site
      await users.retirement.request(system, 'ada')
      clock.advance(1000)
      if (state !== 'PENDING') await move(users, 'ada', state)
      const { params } = await users.accounts.getByEmail(system, 'ada@example.com').then(
        () => ({ params: {} }),
        (error) => error,
      )
      const isKept = (await outcomes([users.retirement.cancel(support, { email: 'ada@example.com' })]))[0] === 'ok'
      expect([state, params]).toEqual([state, { can_cancel_retirement: isKept, retirement_id: isKept ? 1 : null }])
      expect(isKept).toBe(state === 'PENDING')
    }
  })
})
