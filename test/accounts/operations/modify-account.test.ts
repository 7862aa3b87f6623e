import { expect, it } from 'vitest'
import { system } from '../../../src/site/actor.ts'
import { drain, mailedKey, passwords, withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const staff = { username: 'grace', staff: true, superuser: true }

onEachStore('accounts.updateAsOperator', (open) => {
  it('changes address, activation, password and profile at once, and tells both addresses', async () => {
    await using store = await open()
    const credentials = passwords()
    const users = await withPeople(store.repository, { credentials })
    await drain(users)
    const { account, changes } = await users.accounts.updateAsOperator(system, 'ada', {
      email: 'ada@new.example',
      is_active: false,
      password: 'a phrase of some length',
      profile: { name: 'Ada King', country: 'IT', extended_profile: { department: 'Engines' } },
    })
    expect(account).toMatchObject({ email: 'ada@new.example', is_active: false, name: 'Ada King', country: 'IT' })
    expect(changes.map(({ setting }) => setting).sort()).toEqual([
      'country',
      'email',
      'extended_profile.department',
      'is_active',
      'name',
    ])
    expect([...credentials.stored.values()]).toEqual(['a phrase of some length'])
    expect(await users.accounts.get({ username: 'ada' }, 'ada')).toEqual(account)
    const mails = (await drain(users)).filter(({ kind }) => kind === 'mail')
    expect(mails.map(({ name, payload }) => [name, payload.to])).toEqual([
      ['email_changed', 'ada@example.com'],
      ['email_changed', 'ada@new.example'],
    ])
    const history = await store.repository.select('account_history', { user_id: Number(account.id) })
    expect(history.map(({ field, old_value, reason }) => [field, old_value, reason]).sort()).toEqual([
      ['email', 'ada@example.com', 'email_modified'],
      ['name', 'ada example', 'name_changed'],
    ])
  })

  it('makes a link that waits for a click useless, so that the person who asked for it does not get the account back', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.accounts.update({ username: 'ada' }, 'ada', { email: 'thief@example.com' })
    const key = await mailedKey(users, 'email_change_confirmation')
    await users.accounts.updateAsOperator(system, 'ada', { email: 'ada@new.example' })
    await expect(users.accounts.confirmEmailChange(key)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('writes nothing where nothing differs', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await drain(users)
    const modification = { email: 'ada@example.com', is_active: true, profile: { name: 'ada example' } }
    expect((await users.accounts.updateAsOperator(system, 'ada', modification)).changes).toEqual([])
    expect(await drain(users)).toEqual([])
  })

  it('reports every mistake at once, and stores nothing', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { credentials: passwords() })
    const before = await users.accounts.get({ username: 'ada' }, 'ada')
    const modification = {
      email: 'BOB@example.com',
      is_active: 'yes' as unknown as boolean,
      password: 'short',
      profile: { gender: 'x' as 'o', bio: 'stays out', shoe_size: 43, email: 'x@example.com' },
    }
    await expect(users.accounts.updateAsOperator(system, 'ada', modification)).rejects.toMatchObject({
      code: 'account_validation_error',
      field_errors: {
        is_active: { code: 'invalid' },
        password: { code: 'too_short' },
        gender: { code: 'invalid_choice' },
        shoe_size: { code: 'unknown_field' },
        email: { code: 'unknown_field' },
      },
      issues: expect.arrayContaining([{ pointer: '/email', code: 'conflict' }]),
    })
    expect(await users.accounts.get({ username: 'ada' }, 'ada')).toEqual(before)
  })

  it('takes another spelling of the own address, and the own second address not', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.accounts.updateAsOperator(system, 'ada', { email: 'Ada@Example.com' })
    expect(await users.accounts.get(system, 'ada')).toMatchObject({ email: 'Ada@Example.com' })
    await users.accounts.update({ username: 'ada' }, 'ada', { secondary_email: 'ada@second.example' })
    await users.accounts.confirmSecondaryEmail(await mailedKey(users, 'secondary_email_confirmation'))
    await expect(users.accounts.updateAsOperator(system, 'ada', { email: 'ada@second.example' })).rejects.toMatchObject(
      {
        field_errors: { email: { code: 'conflict' } },
      },
    )
  })

  it('does not change a person whose retirement was asked for', async () => {
    await using store = await open()
    const settings = { retired_identifier_keys: [{ id: 'k1', secret: 'a secret that only this test knows of' }] }
    const users = await withPeople(store.repository, { settings })
    await users.retirement.setPipeline(system)
    await users.retirement.request(system, 'ada')
    await expect(users.accounts.updateAsOperator(system, 'ada', { email: 'ada@new.example' })).rejects.toMatchObject({
      code: 'not_authorized',
      params: { reason: 'sealed' },
    })
  })

  it('is for trusted code only, and needs a hook for passwords', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    for (const actor of [staff, { username: 'ada' }]) {
      await expect(users.accounts.updateAsOperator(actor, 'ada', { is_active: false })).rejects.toMatchObject({
        code: 'not_authorized',
      })
    }
    await expect(users.accounts.updateAsOperator(system, 'nobody', {})).rejects.toMatchObject({
      code: 'user_not_found',
    })
    await expect(users.accounts.updateAsOperator(system, 'ada', { password: 'long enough' })).rejects.toMatchObject({
      code: 'config_error',
      params: { hook: 'credentials' },
    })
  })

  it('keeps the changes that another caller makes meanwhile', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const ada = { username: 'ada' }
    await Promise.all([
      users.accounts.updateAsOperator(system, 'ada', { is_active: false }),
      users.accounts.update(ada, 'ada', { bio: 'mine' }),
      users.accounts.updateAsOperator(system, 'ada', { email: 'ada@new.example' }),
    ])
    expect(await users.accounts.get(ada, ada)).toMatchObject({
      is_active: false,
      bio: 'mine',
      email: 'ada@new.example',
    })
  })
})
