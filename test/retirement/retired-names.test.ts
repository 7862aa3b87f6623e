import { expect, it } from 'vitest'
import { retiredForm } from '../../src/accounts/retired-identifier.ts'
import type { UserCore } from '../../src/create-user-core.ts'
import type { Repository } from '../../src/port/repository.ts'
import { system } from '../../src/site/actor.ts'
import { drain } from '../support/host.ts'
import { onEachStore, type TestStore } from '../support/stores.ts'
import { bringTo, chief, days, dump, keys, move, nextKey, openSite, outcomes, worker } from './site.ts'

/** Tries to get the name and the address of ada in every way. Returns the number of refusals. */
async function intrude(users: UserCore<unknown>, mallory: { username: string }): Promise<number> {
  const create = (username: string, email: string) =>
    users.accounts.create(system, { username, email, name: 'Mallory' })
  const unused = crypto.randomUUID().slice(0, 8)
  await expect(create('ADA', `${unused}@example.com`)).rejects.toMatchObject({
    code: 'account_validation_error',
    field_errors: { username: { code: 'conflict' } },
  })
  await expect(create(unused, 'ada@EXAMPLE.com')).rejects.toMatchObject({
    code: 'account_validation_error',
    field_errors: { email: { code: 'conflict' } },
  })
  expect(await users.accounts.validate({ username: 'ada', email: 'ada@example.com' })).toMatchObject({
    username: { valid: false, reason: 'conflict' },
    email: { valid: false, reason: 'conflict' },
  })
  // The call looks accepted, but no mail is sent by which the address could be confirmed.
  await users.accounts.update(mallory, mallory.username, { email: 'ada@example.com' })
  return 4
}

/** Makes a repository that calls `between` before and after each of its calls. */
function interrupted(repository: Repository, between: () => Promise<void>): Repository {
  const calls = Object.entries(repository).map(([name, call]) => [
    name,
    typeof call !== 'function' || name === 'with'
      ? call
      : async (...args: unknown[]) => {
          await between()
          const result = await call(...args)
          await between()
          return result
        },
  ])
  return Object.fromEntries(calls)
}

async function retire(users: UserCore<unknown>, advance: () => void): Promise<void> {
  await users.retirement.request(system, 'ada')
  advance()
  await move(users, 'ada', 'RETIRING_LMS')
  await users.retirement.runStep(worker, 'ada', 'account')
  await move(users, 'ada', 'COMPLETE')
  await users.retirement.cleanUp(worker, ['ada'])
}

async function nothingWasSent(store: TestStore, users: UserCore<unknown>): Promise<void> {
  // A request for a taken address is stored like any other, without the address.
  expect(JSON.stringify(await store.repository.select('pending_email_changes', {}))).not.toContain('ada@')
  expect((await drain(users)).filter(({ name }) => name === 'email_change_confirmation')).toEqual([])
}

onEachStore('names and addresses of the retired', (open) => {
  it('are not free between any two statements of a retirement', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada', 'mallory'])
    const intruder = site.another(store.second)
    let refused = 0
    const between = async () => {
      refused += await intrude(intruder, { username: 'mallory' })
    }
    await retire(site.another(interrupted(store.repository, between)), () => site.clock.advance(days(15)))
    expect(refused).toBeGreaterThan(100)
    await nothingWasSent(store, site.users)
    expect(await dump(store.repository)).not.toContain('ada@')
  })

  it('are not free while retirement and registrations run at once over two connections', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada', 'mallory'])
    const second = site.another(store.second)
    let isOver = false
    const retirement = retire(site.users, () => site.clock.advance(days(15))).finally(() => {
      isOver = true
    })
    const intruders = [second, site.users, second].map(async (users) => {
      do await intrude(users, { username: 'mallory' })
      while (!isOver)
    })
    await Promise.all([retirement, ...intruders])
    await nothingWasSent(store, site.users)
  })

  it('cannot be taken by the replacement of usernames, nor be given up by it', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'ada', 'account')
    const [user] = await store.repository.select('users', { id: 1 })
    const replaced = await site.users.accounts.replaceUsernames(system, [
      { whom: 'bob', username: 'ada' },
      { whom: String(user?.username), username: 'somebody' },
    ])
    expect(replaced).toEqual({
      replaced: [{ whom: 'bob', username: expect.stringMatching(/^ada-\w{4}$/) }],
      failed: [{ whom: user?.username, code: 'not_authorized' }],
    })
  })

  it('are the later ones of a person who was renamed during the cool-off', async () => {
    await using store = await open()
    const site = await openSite(store.repository, undefined, { settings: { writes_during_cool_off: 'all' } })
    const { users } = site
    await bringTo(site, 'ada', 'PENDING')
    await users.accounts.replaceUsernames(system, [{ whom: 'ADA', username: 'lovelace' }])
    expect(await users.retirement.get(worker, 'lovelace')).toMatchObject({
      original_username: 'lovelace',
      retired_username: retiredForm('username', 'lovelace', users.settings),
    })
    // Another person takes the name once it is released, and can be retired too.
    await users.accounts.releaseUsername(system, 'Ada')
    await users.accounts.create(system, { username: 'ada', email: 'ada2@example.com', name: 'Ada' }, { active: true })
    await users.retirement.request(system, 'ada')
    site.clock.advance(days(15))
    for (const name of ['lovelace', 'ada']) {
      await move(users, name, 'RETIRING_LMS')
      await users.retirement.runStep(worker, name, 'account')
      await move(users, name, 'COMPLETE')
    }
    await users.retirement.cleanUp(worker, ['lovelace', 'ada'])
    for (const name of ['lovelace', 'ada']) expect(await users.retired.isRetired(worker, 'username', name)).toBe(true)
    expect(await dump(store.repository)).not.toContain('lovelace')
  })
})

onEachStore('retired.rehash', (open) => {
  it('gives all people in the queue the current form, tells the host, and can be run again', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada', 'bob', 'cy'])
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'ada', 'account')
    await site.users.retirement.request(system, 'bob')
    await drain(site.users)
    const users = site.another(store.repository, { settings: { retired_identifier_keys: [...keys, nextKey] } })
    const before = await dump(store.repository)
    expect(await users.retired.rehash(worker, 'username', { dryRun: true })).toEqual({ changed: [1, 2], skipped: [] })
    expect(await dump(store.repository)).toBe(before)

    expect(await users.retired.rehash(worker, 'username')).toEqual({ changed: [1, 2], skipped: [] })
    expect(await users.retired.rehash(worker, 'username')).toEqual({ changed: [], skipped: [] })
    const form = retiredForm('username', 'ada', users.settings)
    expect(await users.retirement.get(worker, 'ada')).toMatchObject({
      user: { username: form },
      retired_username: form,
    })
    expect(await users.retirement.get(worker, 'bob')).toMatchObject({ user: { username: 'bob' } })
    // Bob still has his own username: no other system can know the retired one yet.
    const old = retiredForm('username', 'ada', site.users.settings)
    expect(await drain(users)).toMatchObject([
      {
        kind: 'notification',
        name: 'retired_identifier.changed',
        user_id: 1,
        payload: { kind: 'username', old, new: form },
      },
    ])
    expect(await users.retired.rehash(worker, 'email')).toEqual({ changed: [1, 2], skipped: [] })
    expect(await drain(users)).toHaveLength(2)
  })

  it('reports an account with another address than the retired one, and does not change it', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'ada', 'account')
    await move(site.users, 'ada', 'COMPLETE')
    await site.users.retired.releaseEmail(chief, { id: 1 })
    const users = site.another(store.repository, { settings: { retired_identifier_keys: [...keys, nextKey] } })
    expect(await users.retired.rehash(worker, 'email')).toEqual({ changed: [], skipped: [1] })
  })
})

onEachStore('retired names', (open) => {
  it('are looked up by actors with the right to retire people', async () => {
    await using store = await open()
    const { users } = await openSite(store.repository)
    const ada = { username: 'ada' }
    const { retired } = users
    expect(
      await outcomes([
        retired.current(ada, 'username', 'bob'),
        retired.isRetired(ada, 'username', 'bob'),
        retired.findUser(ada, 'bob'),
        retired.rehash(ada, 'username'),
        retired.rewrap(ada),
        retired.releaseEmail(worker, { id: 1 }),
      ]),
    ).toEqual(Array(6).fill('not_authorized'))
    expect(await retired.findUser(worker, 'bob')).toEqual({ id: 2, username: 'bob' })
    expect(await retired.current(worker, 'email', 'x@example.com')).toBe(
      retiredForm('email', 'x@example.com', users.settings),
    )
  })

  it('include an address that can be released once the retirement is complete, and not before', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const release = (id: number) => outcomes([site.users.retired.releaseEmail(chief, { id })])
    expect(await release(1)).toEqual(['retirement_state_error not_complete'])
    await bringTo(site, 'ada', 'RETIRING_LMS')
    expect(await release(1)).toEqual(['retirement_state_error not_complete'])
    await site.users.retirement.runStep(worker, 'ada', 'account')
    await move(site.users, 'ada', 'COMPLETE')
    expect(await release(1)).toEqual(['ok'])
    expect(await release(1)).toEqual(['ok'])
    expect(await release(7)).toEqual(['user_not_found'])
  })
})
