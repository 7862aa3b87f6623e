import { expect, it } from 'vitest'
import { createUserCore, type UserCore } from '../../../src/create-user-core.ts'
import { type Actor, system } from '../../../src/site/actor.ts'
import { drain, mailedKey, withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }
const staff: Actor = { username: 'eve', staff: true }
const settings = { enable_secondary_email: true }

type Users = UserCore<unknown>

/** The requests of a person: the call, the call that would grant it, and every way to withdraw it. */
const asked: Record<
  string,
  {
    readonly ask: (users: Users) => Promise<unknown>
    /** Returns the call that grants the request. */
    readonly proof: (users: Users) => Promise<(users: Users) => Promise<unknown>>
    readonly withdraw: Record<string, (users: Users) => Promise<unknown>>
  }
> = {
  'another e-mail address': {
    ask: (users) => users.accounts.update(ada, 'ada', { email: 'stranger@example.net' }),
    async proof(users) {
      const key = await mailedKey(users, 'email_change_confirmation')
      return ({ accounts }) => accounts.confirmEmailChange(key)
    },
    withdraw: {
      null: (users) => users.accounts.update(ada, 'ada', { email: null }),
      'the present value': (users) => users.accounts.update(ada, 'ada', { email: 'ada@example.com' }),
      'a JSON Patch': (users) => users.accounts.patch(ada, 'ada', [{ op: 'remove', path: '/email' }]),
      'null by an operator': (users) => users.accounts.updateAsOperator(system, 'ada', { email: null }),
      'the present value by an operator': (users) =>
        users.accounts.updateAsOperator(system, 'ada', { email: 'ada@example.com' }),
      'support, with all that waits': (users) => users.accounts.dropPendingChanges(staff, 'ada'),
    },
  },
  'a second address': {
    ask: (users) => users.accounts.update(ada, 'ada', { secondary_email: 'stranger@example.net' }),
    async proof(users) {
      const key = await mailedKey(users, 'secondary_email_confirmation')
      return ({ accounts }) => accounts.confirmSecondaryEmail(key)
    },
    withdraw: {
      null: (users) => users.accounts.update(ada, 'ada', { secondary_email: null }),
      'null by an operator': (users) => users.accounts.updateAsOperator(system, 'ada', { secondary_email: null }),
      'support, with all that waits': (users) => users.accounts.dropPendingChanges(staff, 'ada'),
    },
  },
  'another second address': {
    async ask(users) {
      await users.accounts.update(ada, 'ada', { secondary_email: 'second@example.com' })
      await users.accounts.confirmSecondaryEmail(await mailedKey(users, 'secondary_email_confirmation'))
      await users.accounts.update(ada, 'ada', { secondary_email: 'stranger@example.net' })
    },
    async proof(users) {
      const key = await mailedKey(users, 'secondary_email_confirmation')
      return ({ accounts }) => accounts.confirmSecondaryEmail(key)
    },
    withdraw: {
      null: (users) => users.accounts.update(ada, 'ada', { secondary_email: null }),
      'the present value': (users) => users.accounts.update(ada, 'ada', { secondary_email: 'second@example.com' }),
      'a JSON Patch': (users) => users.accounts.patch(ada, 'ada', [{ op: 'remove', path: '/secondary_email' }]),
    },
  },
  'another name': {
    ask: (users) => users.accounts.requestNameChange(ada, ada, 'Ada Byron'),
    proof: async () => (users) => users.accounts.confirmNameChange(staff, 'ada'),
    withdraw: {
      null: (users) => users.accounts.requestNameChange(ada, ada, null),
      'the present value': (users) => users.accounts.requestNameChange(ada, ada, 'ada example'),
      'support, with all that waits': (users) => users.accounts.dropPendingChanges(staff, 'ada'),
    },
  },
}

onEachStore('a request for an address or a name', (open) => {
  for (const [what, { ask, proof, withdraw }] of Object.entries(asked)) {
    it.each(Object.keys(withdraw))(`can be withdrawn: ${what}, by %s`, async (way) => {
      await using store = await open()
      const users = await withPeople(store.repository, { settings })
      await ask(users)
      const comeTrue = await proof(users)
      const before = await users.accounts.get(ada, ada)
      await withdraw[way]?.(users)
      await expect(comeTrue(users)).rejects.toMatchObject({ code: 'not_found' })
      const { email, name } = before
      expect(await users.accounts.get(ada, ada)).toMatchObject({ email, name, pending_name_change: null })
      for (const table of ['pending_email_changes', 'pending_name_changes'] as const)
        expect(await store.repository.select(table, {})).toEqual([])
    })

    it(`is granted or withdrawn when both come at once over two connections: ${what}`, async () => {
      await using store = await open()
      const [one, two] = [
        await withPeople(store.repository, { settings }),
        createUserCore({ repository: store.second, settings }),
      ]
      await ask(one)
      const comeTrue = await proof(one)
      const outcomes = await Promise.allSettled([comeTrue(two), withdraw.null?.(one)])
      const [confirmed, withdrawn] = outcomes.map(({ status }) => status)
      const account = await one.accounts.get(ada, ada)
      const hasHappened = /stranger|Byron/.test(
        JSON.stringify([account?.email, account?.name, account?.secondary_email]),
      )
      if (what.includes('second')) {
        // Null takes a second address out that was confirmed first.
        expect([withdrawn, hasHappened]).toEqual(['fulfilled', false])
      } else {
        expect([confirmed, withdrawn].sort()).toEqual(['fulfilled', 'rejected'])
        expect(hasHappened).toBe(confirmed === 'fulfilled')
      }
      expect(await store.repository.select('pending_email_changes', {})).toEqual([])
      expect(await store.repository.select('pending_name_changes', {})).toEqual([])
    })
  }

  it('has its withdrawal named in the result, and not counted as a request', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings: { ...settings, email_change_rate_limit: '1/d' } })
    const requested = await users.accounts.update(ada, 'ada', { email: 'stranger@example.net' })
    expect([requested.requested, requested.withdrawn]).toEqual([['email'], []])
    const withdrawn = await users.accounts.update(ada, 'ada', { email: null })
    expect([withdrawn.requested, withdrawn.withdrawn, withdrawn.changes]).toEqual([[], ['email'], []])
  })

  it('can be withdrawn once the site allows no other addresses', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.accounts.update(ada, 'ada', { email: 'stranger@example.net' })
    const fixed = createUserCore({ repository: store.repository, settings: { allow_email_address_change: false } })
    expect((await fixed.accounts.update(ada, 'ada', { email: null })).withdrawn).toEqual(['email'])
    expect(await store.repository.select('pending_email_changes', {})).toEqual([])
  })

  it('cannot be withdrawn where nothing is pending: null is no address, and the present value is none to ask for', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings })
    for (const email of [null, 'ada@example.com']) {
      const update = users.accounts.update(ada, 'ada', { email })
      await expect(update).rejects.toMatchObject({ code: 'account_validation_error', issues: [{ pointer: '/email' }] })
    }
    const modify = users.accounts.updateAsOperator(system, 'ada', { email: null, secondary_email: null })
    await expect(modify).rejects.toMatchObject({ code: 'account_validation_error', issues: [{ pointer: '/email' }] })
    expect((await users.accounts.update(ada, 'ada', { secondary_email: null })).withdrawn).toEqual([])
  })

  it('that gave a second address can be undone: the address goes, and others can use it', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings })
    await users.accounts.update(ada, 'ada', { secondary_email: 'second@example.com' })
    await users.accounts.confirmSecondaryEmail(await mailedKey(users, 'secondary_email_confirmation'))
    const { account, changes } = await users.accounts.update(ada, 'ada', { secondary_email: null })
    expect(account.secondary_email).toBeNull()
    expect(changes).toEqual([{ setting: 'secondary_email', old: 'second@example.com', new: null }])
    expect(await store.repository.select('account_recoveries', {})).toEqual([])
    await drain(users)
    await users.accounts.update({ username: 'bob' }, 'bob', { email: 'second@example.com' })
    await users.accounts.confirmEmailChange(await mailedKey(users, 'email_change_confirmation'))
    expect(await users.accounts.get({ username: 'bob' }, 'bob')).toMatchObject({ email: 'second@example.com' })
  })
})
