import { describe, expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { system } from '../../../src/site/actor.ts'
import { drain, withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }
const staff = { username: 'eve', staff: true }

onEachStore('name requests', (open) => {
  it('wait for approval, and then become the name', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.accounts.requestNameChange(ada, ada, ' Ada Byron ')
    expect(await users.accounts.get(ada, ada)).toMatchObject({ name: 'ada example', pending_name_change: 'Ada Byron' })
    await drain(users)
    await users.accounts.confirmNameChange(staff, 'ada')
    expect(await users.accounts.get(ada, ada)).toMatchObject({ name: 'Ada Byron', pending_name_change: null })
    expect(await store.repository.select('account_history', {})).toMatchObject([
      { field: 'name', old_value: 'ada example', reason: 'name_requested', changed_by: null },
    ])
    expect(await drain(users)).toMatchObject([{ payload: { changes: [{ setting: 'name', redacted: true }] } }])
  })

  it('are refused under the rules of names', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const name of ['', '  ', '<b>', 'https://x', null, undefined, 5, 'x'.repeat(256), 'ada example']) {
      const request = users.accounts.requestNameChange(ada, ada, name as string)
      await expect(request).rejects.toMatchObject({ code: 'account_validation_error', issues: [{ pointer: '/name' }] })
    }
    await expect(users.accounts.requestNameChange({ username: 'bob' }, 'ada', 'x')).rejects.toMatchObject({
      code: 'not_authorized',
    })
  })

  it('are approved by staff alone', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.accounts.requestNameChange(ada, ada, 'Ada Byron')
    for (const actor of [ada, { username: 'bob', superuser: true }]) {
      await expect(users.accounts.confirmNameChange(actor, 'ada')).rejects.toMatchObject({ code: 'not_authorized' })
    }
    await expect(users.accounts.confirmNameChange(staff, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
    await expect(users.accounts.confirmNameChange(staff, 'bob')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are approved as they were seen: a newer request needs a new look', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const seen = await users.accounts.requestNameChange(ada, ada, 'Ada Byron')
    const newer = await users.accounts.requestNameChange(ada, ada, 'Somebody Else')
    const late = users.accounts.confirmNameChange(staff, 'ada', { requestId: String(seen.requestId) })
    await expect(late).rejects.toMatchObject({ code: 'conflict', params: { request_id: newer.requestId } })
    await users.accounts.confirmNameChange(staff, 'ada', { requestId: String(newer.requestId) })
  })

  it('are approved once by two calls at the same time', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    await one.accounts.requestNameChange(ada, ada, 'Ada Byron')
    const outcomes = await Promise.allSettled([
      one.accounts.confirmNameChange(staff, 'ada'),
      two.accounts.confirmNameChange(staff, 'ada'),
    ])
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await store.repository.select('account_history', {})).toHaveLength(1)
  })
})

onEachStore('accounts.replaceUsernames', (open) => {
  const worker = { username: 'worker' }
  const settings = { username_replacement_worker: 'worker' }

  it('renames, adds an end to taken names, and returns the unknown ones', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings })
    const result = await users.accounts.replaceUsernames(worker, [
      { whom: 'ada', username: 'lovelace' },
      { whom: 'bob', username: 'Lovelace' },
      { whom: 'ghost', username: 'spirit' },
    ])
    expect(result).toEqual({
      replaced: [
        { whom: 'ada', username: 'lovelace' },
        { whom: 'bob', username: expect.stringMatching(/^Lovelace-[a-z0-9]{4}$/) },
      ],
      failed: [{ whom: 'ghost', code: 'user_not_found' }],
    })
    expect((await users.accounts.get({ username: 'lovelace' }, 'lovelace')).email).toBe('ada@example.com')
    await expect(users.accounts.get({ username: 'ada' }, 'ada')).rejects.toMatchObject({ code: 'user_not_found' })
  })

  it('does not give out a name that was retired', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings })
    const { failed } = await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'retired__user_x' }])
    expect(failed).toEqual([{ whom: 'ada', code: 'conflict' }])
    expect((await users.accounts.get(ada, ada)).username).toBe('ada')
  })

  it('can change the letter case of a name, and does not give it to two people', async () => {
    await using store = await open()
    const [one, two] = [
      await withPeople(store.repository, { settings }),
      createUserCore({ repository: store.second, settings }),
    ]
    const upper = [{ whom: 'ada', username: 'ADA' }]
    expect(await one.accounts.replaceUsernames(system, upper)).toEqual({ replaced: upper, failed: [] })
    await Promise.all([
      one.accounts.replaceUsernames(worker, [{ whom: 'ada', username: 'same' }]),
      two.accounts.replaceUsernames(worker, [{ whom: 'bob', username: 'same' }]),
    ])
    const names = (await store.repository.select('users', {})).map((user) => user.username).sort()
    expect(names).toEqual(['same', expect.stringMatching(/^same-/)])
  })

  it('is for the worker alone, and takes pairs alone', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings })
    for (const actor of [ada, { username: 'x', superuser: true }]) {
      await expect(users.accounts.replaceUsernames(actor, [])).rejects.toMatchObject({ code: 'not_authorized' })
    }
    const whom = 'a'
    for (const bad of [
      {},
      [{}],
      [{ whom }],
      [{ username: 'b' }],
      ['x'],
      [{ whom, username: 5 }],
      [{ whom, username: ' ' }],
      null,
    ]) {
      await expect(users.accounts.replaceUsernames(worker, bad as never)).rejects.toMatchObject({
        code: 'bad_request',
      })
    }
    for (const name of ['a\0b', 'a\ud800', 'a'.repeat(151), '\ufdfa'.repeat(20)]) {
      await expect(users.accounts.replaceUsernames(worker, [{ whom: 'ada', username: name }])).rejects.toMatchObject({
        code: 'bad_request',
      })
    }
    const longest = [{ whom: 'bob', username: 'a'.repeat(150) }]
    expect((await users.accounts.replaceUsernames(worker, longest)).replaced).toEqual(longest)
    const bare = createUserCore({ repository: store.repository })
    await expect(bare.accounts.replaceUsernames({ username: 'null' }, [])).rejects.toMatchObject({
      code: 'not_authorized',
    })
  })
})

describe('name rules', () => {
  it('are exported for hosts that verify names', async () => {
    const { isMinorNameEdit } = await import('../../../src/rules/index.ts')
    expect(isMinorNameEdit('Ada', 'Ada ')).toBe(true)
  })
})
