import { describe, expect, it } from 'vitest'
import { createUserCore, type UserCore } from '../../../src/create-user-core.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { anonymous, system } from '../../../src/site/actor.ts'
import { type ManualClock, manualClock } from '../../../src/testing/index.ts'
import { drain, mailedKey, passwords, withPeople } from '../../support/host.ts'
import { onEachStore, type TestStore } from '../../support/stores.ts'

type Users = UserCore<unknown>

const eve = { username: 'eve' }
const ada = { username: 'ada' }
const settings = {
  confirmation_key_hours: 24,
  email_change_rate_limit: '',
  retired_identifier_keys: [{ id: 'k1', secret: 'x'.repeat(32) }],
}

/** A site with ada, who is active, and eve, who waits for her activation. */
async function openSite(store: TestStore, limits: { [limit: `${string}_rate_limit`]: string } = {}) {
  const clock = manualClock('2024-06-15T12:00:00Z')
  const options = { settings: { ...settings, ...limits }, clock: clock.now, credentials: passwords() }
  const users = await withPeople(store.repository, options)
  await users.retirement.setPipeline(system)
  await users.accounts.create(system, { ...eve, email: 'eve@example.com', name: 'Eve' })
  /** Makes a core whose first write comes after `interruption`, and whose reads come before. */
  const interrupted = (interruption: (users: Users) => unknown) => {
    let isFirst = true
    const commit: Repository['commit'] = async (...unit) => {
      if (isFirst) {
        isFirst = false
        await interruption(users)
      }
      return store.second.commit(...unit)
    }
    return createUserCore({ ...options, repository: { ...store.second, commit } })
  }
  return { clock, users, second: createUserCore({ ...options, repository: store.second }), interrupted }
}

/** Returns the rows of all people, in the order of their ids. */
async function peopleIn({ repository }: TestStore) {
  const rows = await repository.select('users', {})
  return rows.sort((a, b) => Number(a.id) - Number(b.id))
}

interface Proof {
  /** The username of the person. */
  readonly username: string
  /** Makes the request. Returns the key that was mailed. */
  request(users: Users): Promise<string>
  use(users: Users, key: string): Promise<unknown>
}

/** The kinds of mailed keys, by what they prove. */
const proofs = {
  'an activation': {
    username: 'eve',
    async request(users) {
      await users.accounts.requestActivation(anonymous, 'eve@example.com')
      return mailedKey(users, 'activation')
    },
    use: (users, key) => users.accounts.activate(anonymous, key),
  },
  'another address': {
    username: 'ada',
    async request(users) {
      await users.accounts.update(ada, 'ada', { email: 'thief@example.net' })
      return mailedKey(users, 'email_change_confirmation')
    },
    use: (users, key) => users.accounts.confirmEmailChange(key),
  },
  'a second address': {
    username: 'ada',
    async request(users) {
      await users.accounts.update(ada, 'ada', { secondary_email: 'thief2@example.net' })
      return mailedKey(users, 'secondary_email_confirmation')
    },
    use: (users, key) => users.accounts.confirmSecondaryEmail(key),
  },
} satisfies Record<string, Proof>

/** The events that have to end every key of a person. */
const events: Record<string, (users: Users, username: string, clock: ManualClock) => unknown> = {
  'its expiry': (_users, _username, clock) => clock.advance(24 * 3_600_000),
  'an address that an operator sets': ({ accounts }, username) =>
    accounts.updateAsOperator(system, username, { email: 'other@example.com' }),
  'a password that an operator sets': ({ accounts }, username) =>
    accounts.updateAsOperator(system, username, { password: 'a phrase of some length' }),
  'is_active: false': ({ accounts }, username) => accounts.updateAsOperator(system, username, { is_active: false }),
  deactivate: ({ accounts }, username) => accounts.disableLogIn(system, username),
  'dropPendingChanges by the person': ({ accounts }, username) => accounts.dropPendingChanges({ username }, username),
  'dropPendingChanges by staff': ({ accounts }, username) =>
    accounts.dropPendingChanges({ username: 'grace', staff: true }, username),
  'a request for retirement': ({ retirement }, username) => retirement.request(system, username),
  'a retirement that was cancelled': async ({ retirement }, username) => {
    await retirement.request(system, username)
    await retirement.cancel(system, { username })
  },
}

/** Events that end some keys alone. */
const further: readonly (readonly [proof: keyof typeof proofs, event: string, (typeof events)[string]])[] = [
  [
    'an activation',
    'an address that the person confirmed',
    async (users) => {
      await users.accounts.update(eve, 'eve', { email: 'eves.new@example.com' })
      await users.accounts.confirmEmailChange(await mailedKey(users, 'email_change_confirmation'))
    },
  ],
  ['an activation', 'another key', (users) => proofs['an activation'].request(users)],
  ['another address', 'another key', (users) => users.accounts.update(ada, 'ada', { email: 'third@example.com' })],
  [
    'another address',
    'the present address, set by an operator',
    (users) => users.accounts.updateAsOperator(system, 'ada', { email: 'ada@example.com' }),
  ],
  [
    'a second address',
    'the present address, set by an operator',
    (users) => users.accounts.updateAsOperator(system, 'ada', { email: 'ada@example.com' }),
  ],
  [
    'a second address',
    'no second address, set by an operator',
    (users) => users.accounts.updateAsOperator(system, 'ada', { secondary_email: null }),
  ],
  [
    'a second address',
    'another key',
    (users) => users.accounts.update(ada, 'ada', { secondary_email: 'third@example.com' }),
  ],
]

const all = [
  ...Object.keys(proofs).flatMap((proof) =>
    Object.entries(events).map(([event, happen]) => [proof, event, happen] as const),
  ),
  ...further,
]

onEachStore('a mailed key', (open) => {
  it.each(all)('for %s ends with %s', async (kind, _event, happen) => {
    await using store = await open()
    const { clock, users } = await openSite(store)
    const proof: Proof = proofs[kind as keyof typeof proofs]
    const key = await proof.request(users)
    await happen(users, proof.username, clock)
    await drain(users)
    const before = await peopleIn(store)
    await expect(proof.use(users, key)).rejects.toMatchObject({ code: 'not_found' })
    expect(await peopleIn(store)).toEqual(before)
    expect(await store.repository.select('account_recoveries', {})).toEqual([])
    expect(await drain(users)).toEqual([])
  })

  it.each(Object.entries(proofs))('for %s works until it expires, and once', async (_kind, proof: Proof) => {
    await using store = await open()
    const { clock, users } = await openSite(store)
    const key = await proof.request(users)
    clock.advance(24 * 3_600_000 - 1)
    await proof.use(users, key)
    await drain(users)
    const again = await proof.use(users, key).then(
      (result) => result,
      (error) => error.code,
    )
    expect(again).toEqual(proof.username === 'eve' ? { outcome: 'already_active' } : 'not_found')
    expect(await drain(users)).toEqual([])
  })

  it.each(Object.entries(proofs))(
    'for %s is used or ended when both come at once over two connections',
    async (_kind, proof: Proof) => {
      for (const event of [
        'is_active: false',
        'deactivate',
        'dropPendingChanges by staff',
        'an address that an operator sets',
      ]) {
        await using store = await open()
        const { clock, users, second } = await openSite(store)
        const key = await proof.request(users)
        const [used] = await Promise.allSettled([proof.use(second, key), events[event]?.(users, proof.username, clock)])
        if (used.status === 'rejected') expect(used.reason).toMatchObject({ code: 'not_found' })
        const again = await proof.use(users, key).then(
          (result) => result,
          (error) => error.code,
        )
        const [user] = await store.repository.select('users', { username: proof.username })
        const isActivated = proof.username === 'eve' && user?.is_active === true
        // A lock-out that came second locks the activated account, too.
        if (event === 'is_active: false') expect(user?.is_active).toBe(false)
        expect(again).toEqual(isActivated && event !== 'deactivate' ? { outcome: 'already_active' } : 'not_found')
      }
    },
  )

  it.each(all.filter(([, event]) => event !== 'its expiry'))(
    'for %s is not used by a call that was under way: %s',
    async (kind, _event, happen) => {
      await using store = await open()
      const { clock, users, interrupted } = await openSite(store)
      const proof: Proof = proofs[kind as keyof typeof proofs]
      const key = await proof.request(users)
      let before: unknown
      const late = interrupted(async () => {
        await happen(users, proof.username, clock)
        before = await peopleIn(store)
      })
      await expect(proof.use(late, key)).rejects.toMatchObject({ code: 'not_found' })
      expect(await peopleIn(store)).toEqual(before)
    },
  )

  it.each(Object.entries(proofs))(
    'for %s that is used while another call ends it ends all the same',
    async (_kind, proof: Proof) => {
      for (const [event, happen] of Object.entries(events)) {
        if (event === 'its expiry') continue
        await using store = await open()
        const { clock, users, interrupted } = await openSite(store)
        const key = await proof.request(users)
        await happen(
          interrupted((first) => proof.use(first, key)),
          proof.username,
          clock,
        )
        const [user] = await store.repository.select('users', { username: proof.username })
        if (event === 'is_active: false') expect(user?.is_active).toBe(false)
        if (event === 'an address that an operator sets') expect(user?.email).toBe('other@example.com')
        const again = await proof.use(users, key).then(
          () => 'already active',
          (error) => error.code,
        )
        // A key that has activated an account has the outcome `already_active` while the account is active.
        if (proof.username !== 'eve' || user?.is_active !== true) expect(again, event).toBe('not_found')
      }
    },
  )

  it('that was used never activates an account again that was locked since, not even by the host itself', async () => {
    await using store = await open()
    const { users } = await openSite(store)
    const key = await proofs['an activation'].request(users)
    await users.accounts.activate(anonymous, key)
    await store.repository.commit([{ update: 'users', set: { is_active: false }, where: { username: 'eve' } }])
    await expect(users.accounts.activate(anonymous, key)).rejects.toMatchObject({ code: 'not_found' })
    await drain(users)
    await users.accounts.requestActivation(anonymous, 'eve@example.com')
    expect(await drain(users)).toEqual([])
  })

  it('for an activation ends when the host itself changes the address', async () => {
    await using store = await open()
    const { users } = await openSite(store)
    const key = await proofs['an activation'].request(users)
    const email = 'other@example.com'
    await store.repository.commit([{ update: 'users', set: { email, email_key: email }, where: { username: 'eve' } }])
    await expect(users.accounts.activate(anonymous, key)).rejects.toMatchObject({ code: 'not_found' })
  })
})

/** The calls by which a person asks for an address or a name, which then waits. */
const requests: Record<string, (users: Users) => Promise<unknown>> = {
  'another address': ({ accounts }) => accounts.update(ada, 'ada', { email: 'thief@example.net' }),
  'another address, by JSON Patch': ({ accounts }) =>
    accounts.patch(ada, 'ada', [{ op: 'replace', path: '/email', value: 'thief@example.net' }]),
  'another address, by trusted code': ({ accounts }) => accounts.update(system, 'ada', { email: 'thief@example.net' }),
  'an address that is taken': ({ accounts }) => accounts.update(ada, 'ada', { email: 'bob@example.com' }),
  'a second address': ({ accounts }) => accounts.update(ada, 'ada', { secondary_email: 'thief@example.net' }),
  'both addresses and more': ({ accounts }) =>
    accounts.update(ada, 'ada', { bio: 'x', email: 'thief@example.net', secondary_email: 'thief2@example.net' }),
  'a name': ({ accounts }) => accounts.requestNameChange(ada, ada, 'Mallory'),
}

/** The events that end requests. */
const ends = Object.entries<(typeof events)[string]>({
  ...events,
  'the present address, set by an operator': ({ accounts }, username) =>
    accounts.updateAsOperator(system, username, { email: `${username}@example.com` }),
}).filter(([event]) => event !== 'its expiry')

/** Tells whether an event leaves a name waiting that was asked for before. */
const leavesNames = (event: string) => /address|retirement/.test(event)

/** Returns the error of a call that was overtaken. A JSON Patch is counted between its reads of the account. */
function refusalAfter(event: string, wanted: string, limit: string) {
  const isCounted = limit !== '' && wanted.endsWith('JSON Patch')
  if (event !== 'a request for retirement' || isCounted)
    return { code: 'conflict', params: { reason: 'ended_meanwhile' } }
  if (wanted.endsWith('trusted code')) return { code: 'not_authorized', params: { reason: 'sealed' } }
  return { code: 'user_not_found' }
}

/** Returns the requests that wait. */
async function waitingIn({ repository }: TestStore) {
  return [
    ...(await repository.select('pending_email_changes', {})),
    ...(await repository.select('pending_name_changes', {})),
  ]
}

onEachStore('a call that asks', (open) => {
  it.each(
    Object.entries(requests).flatMap(([wanted, request]) =>
      ends.map(([event, happen]) => [wanted, event, request, happen] as const),
    ),
  )('for %s stores and mails nothing once it was overtaken: %s', async (wanted, event, request, happen) => {
    // Without a limit the first write is the request itself, with a limit it is the count.
    for (const limit of ['', '5/d']) {
      await using store = await open()
      const limits = { email_change_rate_limit: limit, secondary_email_rate_limit: limit }
      const { clock, users, interrupted } = await openSite(store, limits)
      await drain(users)
      const late = interrupted(() => happen(users, 'ada', clock))
      await expect(request(late)).rejects.toMatchObject(refusalAfter(event, wanted, limit))
      expect(await waitingIn(store)).toEqual([])
      expect((await drain(users)).filter(({ payload }) => 'key' in payload)).toEqual([])
      const { bio } = await users.accounts.get(system, 'ada')
      expect(bio).toBeNull()
    }
  })

  it.each(Object.entries(requests))(
    'for %s comes before or after the event that ends it when both come at once over two connections',
    async (wanted, request) => {
      for (const [event, happen] of ends) {
        if (wanted === 'a name' && leavesNames(event)) continue
        await using store = await open()
        const { clock, users, second } = await openSite(store, { secondary_email_rate_limit: '' })
        // A person who has asked before has a row that both calls change; another person has none.
        if (event.startsWith('d')) await request(users)
        const [asked] = await Promise.allSettled([request(second), happen(users, 'ada', clock)])
        const [guard] = await store.repository.select('request_guards', {})
        const isAfter = asked.status === 'fulfilled' && guard?.requests !== 0
        expect((await waitingIn(store)).length > 0, event).toBe(isAfter)
      }
    },
  )

  it('is served again after an event that ended it, and is not stopped by other changes or requests', async () => {
    await using store = await open()
    const { users, interrupted } = await openSite(store, { secondary_email_rate_limit: '' })
    await users.accounts.disableLogIn(system, 'ada')
    for (const [wanted, request] of Object.entries(requests)) {
      const other = wanted === 'a second address' ? 'another address' : 'a second address'
      const late = interrupted(async (first) => {
        await first.accounts.update(ada, 'ada', { bio: wanted })
        await requests[other]?.(first)
      })
      await request(late)
    }
    const waiting = await store.repository.select('pending_email_changes', {})
    expect(waiting.map(({ kind }) => kind).sort()).toEqual(['primary', 'secondary'])
    expect(await store.repository.select('pending_name_changes', {})).toHaveLength(1)
  })
})

onEachStore('another activation key', (open) => {
  it.each<[string, (users: Users) => Promise<unknown>]>([
    ['an operator sets', ({ accounts }) => accounts.updateAsOperator(system, 'eve', { email: 'eve@new.example' })],
    [
      'the person confirms',
      async (users) => {
        await users.accounts.update(eve, 'eve', { email: 'eve@new.example' })
        await users.accounts.confirmEmailChange(await mailedKey(users, 'email_change_confirmation'))
      },
    ],
  ])('goes to the address that %s, and activates', async (_who, change) => {
    await using store = await open()
    const { users } = await openSite(store)
    await drain(users)
    await change(users)
    const mail = (await drain(users)).find(({ name }) => name === 'activation')
    expect(mail?.payload.to).toBe('eve@new.example')
    expect(await users.accounts.activate(anonymous, String(mail?.payload.key))).toEqual({ outcome: 'activated' })
  })

  it.each([
    'its expiry',
    'a password that an operator sets',
    'dropPendingChanges by the person',
    'a retirement that was cancelled',
  ])('can be asked for after %s', async (event) => {
    await using store = await open()
    const { clock, users } = await openSite(store)
    await events[event]?.(users, 'eve', clock)
    await users.accounts.requestActivation(anonymous, ' EVE@example.com')
    const key = await mailedKey(users, 'activation')
    expect(await users.accounts.activate(anonymous, key)).toEqual({ outcome: 'activated' })
  })

  it.each(['is_active: false', 'deactivate', 'a request for retirement'])('is sent no more after %s', async (event) => {
    await using store = await open()
    const { clock, users } = await openSite(store)
    await events[event]?.(users, 'eve', clock)
    await drain(users)
    await users.accounts.requestActivation(anonymous, 'eve@example.com')
    expect((await drain(users)).filter(({ name }) => name === 'activation')).toEqual([])
  })

  it('is not sent to an account that was locked before a retirement that was cancelled', async () => {
    await using store = await open()
    const { users } = await openSite(store)
    await users.accounts.updateAsOperator(system, 'ada', { is_active: false })
    await users.retirement.request(system, 'ada')
    await drain(users)
    await users.retirement.cancel(system, { username: 'ada' })
    await users.accounts.requestActivation(anonymous, 'ada@example.com')
    expect((await drain(users)).filter(({ name }) => name === 'activation')).toEqual([])
  })

  it('is not needed once an operator says that the address counts as confirmed', async () => {
    await using store = await open()
    const { users } = await openSite(store)
    const key = await proofs['an activation'].request(users)
    await users.accounts.updateAsOperator(system, 'eve', { is_active: true })
    expect(await users.accounts.activate(anonymous, key)).toEqual({ outcome: 'already_active' })
  })

  it.each(['is_active: false', 'deactivate', 'a request for retirement', 'an address that an operator sets'])(
    'is not sent to the former address by a call that was under way: %s',
    async (event) => {
      await using store = await open()
      const { clock, users, interrupted } = await openSite(store)
      await drain(users)
      const late = interrupted(() => events[event]?.(users, 'eve', clock))
      await late.accounts.requestActivation(anonymous, 'eve@example.com')
      const mails = (await drain(users)).filter(({ name }) => name === 'activation')
      expect(mails.map(({ payload }) => payload.to)).toEqual(
        event === 'an address that an operator sets' ? ['other@example.com'] : [],
      )
    },
  )

  it('is sent to the stored address, as often as the site lets it, for every caller', async () => {
    await using store = await open()
    const { clock, users } = await openSite(store)
    await drain(users)
    for (let count = 0; count < 7; count++)
      expect(await users.accounts.requestActivation(anonymous, 'EVE@example.com')).toBeUndefined()
    for (const email of ['ada@example.com', 'nobody@example.com', 'no address', ''])
      expect(await users.accounts.requestActivation(anonymous, email)).toBeUndefined()
    const mails = await drain(users)
    expect(mails.map(({ name, payload }) => [name, payload.to])).toEqual(
      Array.from({ length: 5 }, () => ['activation', 'eve@example.com']),
    )
    clock.advance(24 * 3_600_000)
    await users.accounts.requestActivation(anonymous, 'eve@example.com')
    expect(await drain(users)).toHaveLength(1)
  })
})

onEachStore('accounts.dropPendingChanges', (open) => {
  it('ends a name that waits for approval as well, as do a password and a lock-out', async () => {
    await using store = await open()
    const { users } = await openSite(store)
    for (const event of [
      'dropPendingChanges by staff',
      'a password that an operator sets',
      'deactivate',
      'is_active: false',
    ]) {
      await users.accounts.requestNameChange(ada, ada, 'Mallory')
      await events[event]?.(users, 'ada', manualClock('2024-06-15T12:00:00Z'))
      const confirm = users.accounts.confirmNameChange(system, 'ada')
      await expect(confirm, event).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  it('is for the person, staff and trusted code, and works in a transaction of the host', async () => {
    await using store = await open()
    const { users } = await openSite(store)
    const drop = (actor: Parameters<Users['accounts']['dropPendingChanges']>[0], username = 'ada') =>
      users.accounts.dropPendingChanges(actor, username)
    await expect(drop(anonymous)).rejects.toMatchObject({ code: 'not_authenticated' })
    for (const actor of [{ username: 'bob' }, { username: 'bob', superuser: true }])
      await expect(drop(actor)).rejects.toMatchObject({ code: 'not_authorized' })
    await expect(drop(system, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
    const key = await proofs['another address'].request(users)
    await store.transaction(async (transaction) => users.with(transaction).accounts.dropPendingChanges(system, 'ada'))
    await expect(users.accounts.confirmEmailChange(key)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('the table of keys', () => {
  it('has every operation that uses a key', async () => {
    const { memoryRepository } = await import('../../../src/memory/index.ts')
    const users = createUserCore({ repository: memoryRepository() })
    const takers = Object.keys(users.accounts).filter((name) => /^(activate|confirm(?!NameChange))/.test(name))
    expect(takers.sort()).toEqual(['activate', 'confirmEmailChange', 'confirmSecondaryEmail'])
  })
})
