import { expect, it } from 'vitest'
import { retiredForm } from '../../../src/accounts/retired-identifier.ts'
import { createUserCore } from '../../../src/create-user-core.ts'
import { anonymous, system } from '../../../src/site/actor.ts'
import { drain } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'
import { dump, keys, openSite, outcomes, pipeline, support, worker } from '../site.ts'

const ada = { username: 'ada' }
const password = 'password of ada'
const root = { username: 'root', superuser: true }

onEachStore('retirement.request', (open) => {
  it('locks the account and tells the person, and erases nothing else yet', async () => {
    await using store = await open()
    const { users, passwords } = await openSite(store.repository)
    await users.accounts.update(ada, 'ada', {
      bio: 'Hello',
      email: 'new@example.com',
      secondary_email: 's@example.com',
    })
    await store.repository.commit([
      {
        insert: 'registrations',
        rows: [{ user_id: 1, key_hash: 'x', proof_hash: 'y', expires_at: null, activated_at: null }],
      },
      {
        insert: 'account_recoveries',
        rows: [{ user_id: 1, secondary_email: 'a@x.org', secondary_email_key: 'a@x.org', is_active: true }],
      },
    ])
    await drain(users)
    await users.retirement.request(ada, 'ada', { password })
    const [user] = await store.repository.select('users', { id: 1 })
    expect(user).toMatchObject({
      username: 'ada',
      is_active: true,
      email: retiredForm('email', 'ada@example.com', users.settings),
    })
    expect(passwords.has(1)).toBe(false)
    for (const table of ['registrations', 'pending_email_changes', 'account_recoveries'] as const)
      expect(await store.repository.select(table, {}), table).toEqual([])
    expect(await store.repository.select('profiles', { user_id: 1 })).toMatchObject([
      { name: 'ada the first', bio: 'Hello' },
    ])
    expect(await users.retirement.get(worker, 'ada')).toEqual({
      id: 1,
      user: { id: 1, username: 'ada', email: user?.email, profile: { id: 1, name: 'ada the first' } },
      current_state: { id: 1, state_name: 'PENDING', state_execution_order: 1 },
      last_state: { id: 1, state_name: 'PENDING', state_execution_order: 1 },
      original_username: 'ada',
      original_email: 'ada@example.com',
      original_name: 'ada the first',
      retired_username: retiredForm('username', 'ada', users.settings),
      retired_email: user?.email,
      created: '2024-06-15T12:00:00Z',
      modified: '2024-06-15T12:00:00Z',
    })
    expect(await store.repository.select('retirement_history', {})).toMatchObject([
      { user_id: 1, from_state: null, to_state: 'PENDING', forced: false, note: '', changed_by: 1 },
    ])
    // Events name no person, and none tells the old address.
    expect(await drain(users)).toMatchObject([
      { kind: 'event', name: 'retirement.requested', user_id: 1, payload: {} },
      {
        kind: 'mail',
        name: 'retirement_requested',
        payload: { to: 'ada@example.com', username: 'ada', full_name: 'ada the first' },
      },
    ])
  })

  it('is open to the holder with their password, and to trusted code', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const before = await dump(store.repository)
    const { request } = users.retirement
    expect(
      await outcomes([
        request(anonymous, 'ada', { password }),
        request({ username: 'bob' }, 'ada', { password }),
        request(root, 'ada', { password }),
        request(ada, 'ada', { password: 'wrong' }),
        request(ada, 'ada'),
        request(system, 'nobody'),
        request(system, null as never),
      ]),
    ).toEqual([
      'not_authenticated',
      'not_authorized',
      'not_authorized',
      'not_authorized',
      'bad_request',
      'user_not_found',
      'bad_request',
    ])
    expect(await dump(store.repository)).toBe(before)
    await request(ada, ada, { password })
    await request(system, 'BOB')
    expect(await store.repository.select('retirements', {})).toHaveLength(2)
  })

  it('can be switched off for people, not for trusted code', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository, ['ada'], { settings: { enable_account_deletion: false } })
    const { request } = users.retirement
    expect(await outcomes([request(ada, 'ada', { password }), request(system, 'ada')])).toEqual([
      'not_authorized',
      'ok',
    ])
  })

  it('is stored as a whole or not at all, after a failure of any write', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const before = await dump(store.repository)
    const failing = site.another(store.repository, {
      credentials: {
        verify: async () => true,
        set: async () => {},
        disable: async () => {
          throw new Error('no connection')
        },
      },
    })
    expect(await outcomes([failing.retirement.request(ada, 'ada', { password })])).toEqual(['internal_error'])
    let count = 0
    for (let done = 0; done <= count; done++) {
      const broken = site.another({
        ...store.repository,
        commit(writes) {
          count = writes.length
          return store.repository.commit(writes.slice(0, done), async () => {
            throw new Error('power cut')
          })
        },
      })
      expect(await outcomes([broken.retirement.request(system, 'ada')])).toEqual(['internal_error'])
    }
    expect(count).toBeGreaterThan(8)
    expect(await dump(store.repository)).toBe(before)
  })

  it('needs a pipeline, and a key for retired names', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository })
    await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' })
    const { retirement } = users
    expect(await outcomes([retirement.request(system, 'ada')])).toEqual(['retirement_state_error states_not_populated'])
    await retirement.setPipeline(system, pipeline)
    expect(await outcomes([retirement.request(system, 'ada')])).toEqual(['config_error'])
    expect(await store.repository.select('retirement_requests', {})).toEqual([])
  })

  it('works inside a transaction of the host, and is rolled back with it', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const before = await dump(store.repository)
    await store
      .transaction(async (transaction) => {
        await users.with(transaction).retirement.request(system, 'ada')
        throw new Error('the host has changed its mind')
      })
      .catch(() => {})
    expect(await dump(store.repository)).toBe(before)
  })
})

onEachStore('retirement.requestByOperator', (open) => {
  it('takes people or CSV, counts a duplicate once, and sends no mail', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository, ['ada', 'bob', 'cy'])
    await drain(users)
    await users.retirement.requestByOperator(worker, {
      csv: '\ufeffUsername,user_email\r\n ada , "ADA@example.com"\r\n\r\nada,ada@example.com\r\n',
    })
    await users.retirement.requestByOperator(worker, {
      users: [
        { username: 'bob', email: 'bob@example.com' },
        { username: 'Cy', email: 'cy@example.com' },
      ],
    })
    expect(await store.repository.select('retirements', {})).toHaveLength(3)
    expect((await drain(users)).map(({ kind }) => kind)).toEqual(['event', 'event', 'event'])
  })

  it('retires no person when one line matches no account, and tells the line', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const { requestByOperator } = users.retirement
    const before = await dump(store.repository)
    const csv = 'ada,ada@example.com\nbob,ada@example.com\nnobody,x@example.com'
    await expect(requestByOperator(worker, { csv })).rejects.toMatchObject({
      code: 'user_not_found',
      params: { lines: '2, 3' },
    })
    const wrong = [
      { csv: 'ada' },
      { csv: 'ada,a,b' },
      { csv: '"ada' },
      { users: [null] },
      { users: 'ada' },
      {},
      undefined,
    ]
    expect(await outcomes(wrong.map((input) => requestByOperator(worker, input as never)))).toEqual(
      Array(wrong.length).fill('bad_request'),
    )
    expect(await outcomes([requestByOperator(ada, { csv })])).toEqual(['not_authorized'])
    expect(await dump(store.repository)).toBe(before)
  })

  it('retires no person when one of them is being retired already', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    await users.retirement.request(system, 'bob')
    const csv = 'ada,ada@example.com\nbob,bob@example.com'
    // Bob has another address by now: the pair matches no account.
    expect(await outcomes([users.retirement.requestByOperator(worker, { csv })])).toEqual(['user_not_found'])
    const email = retiredForm('email', 'bob@example.com', users.settings)
    const people = [
      { username: 'ada', email: 'ada@example.com' },
      { username: 'bob', email },
    ]
    expect(await outcomes([users.retirement.requestByOperator(worker, { users: people })])).toEqual([
      'retirement_state_error already_requested',
    ])
    expect(await store.repository.select('retirements', {})).toHaveLength(1)
  })
})

onEachStore('retirement.requestMany', (open) => {
  it('returns the result of each name; a repeated one counts once, also in another spelling', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository, ['ada', 'bob', 'cy'])
    await users.retirement.request(system, 'cy')
    const names = ['ada', 'nobody', 'ADA', 'bob', 'ada', 'cy']
    expect(await users.retirement.requestMany(worker, names)).toEqual({
      requested: ['ada', 'bob'],
      failed: [
        { whom: 'nobody', code: 'user_not_found' },
        { whom: 'cy', code: 'retirement_state_error' },
      ],
    })
    expect(await users.retirement.requestMany(worker, [])).toEqual({
      requested: [],
      failed: [],
    })
  })

  it('is refused as a whole where no person can be retired', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const none = createUserCore({ repository: store.repository })
    expect(
      await outcomes([
        users.retirement.requestMany(support, ['ada']),
        users.retirement.requestMany(worker, 'ada' as never),
        none.retirement.requestMany(system, ['ada']),
      ]),
    ).toEqual(['not_authorized', 'bad_request', 'config_error'])
    await store.repository.commit([{ delete: 'retirement_states', where: {} }])
    const settings = { retired_identifier_keys: keys }
    expect(
      await outcomes([
        createUserCore({ repository: store.repository, settings }).retirement.requestMany(system, ['ada']),
      ]),
    ).toEqual(['retirement_state_error states_not_populated'])
  })
})
