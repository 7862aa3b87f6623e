import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { type Actor, anonymous, system } from '../../../src/site/actor.ts'
import { drain, mailedKey, passwords, withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const eve = { username: 'eve', email: 'eve@example.com', name: 'Eve' }

onEachStore('accounts.create', (open) => {
  it('makes an inactive account with a profile, and mails the key that activates it', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository })
    const created = await users.accounts.create(anonymous, {
      ...eve,
      profile: {
        year_of_birth: 1990,
        country: 'IT',
        language_proficiencies: [{ code: 'it' }],
        account_privacy: 'private',
      },
    })
    const account = await users.accounts.get({ username: 'eve' }, 'eve')
    expect(account).toMatchObject({
      id: created.id,
      username: 'eve',
      email: 'eve@example.com',
      name: 'Eve',
      country: 'IT',
      language_proficiencies: [{ code: 'it' }],
      account_privacy: 'private',
      is_active: false,
    })
    const [mail, ...rest] = await drain(users)
    expect(mail).toMatchObject({
      kind: 'mail',
      name: 'activation',
      payload: { to: 'eve@example.com', username: 'eve' },
    })
    expect(rest).toEqual([])
    expect(JSON.stringify(await store.repository.select('registrations', {}))).not.toContain(mail?.payload.key)
  })

  it('reports every mistake at once, and stores nothing', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { credentials: passwords() })
    const account = {
      username: 'ADA',
      email: 'bob@example.com',
      name: '<b>',
      password: 'short',
      profile: { gender: 'x' as never, shoe_size: 43, secondary_email: 's@x.org' },
    }
    await expect(users.accounts.create(anonymous, account)).rejects.toMatchObject({
      code: 'account_validation_error',
      field_errors: {
        username: { code: 'conflict' },
        email: { code: 'conflict' },
        name: { code: 'name_has_html' },
        password: { code: 'too_short', user_message: 'This must have 8 characters at least.' },
        gender: { code: 'invalid_choice' },
        shoe_size: { code: 'unknown_field' },
        secondary_email: { code: 'unknown_field' },
      },
    })
    await expect(users.accounts.create(anonymous, {} as never)).rejects.toMatchObject({
      field_errors: { username: { code: 'not_text' }, email: { code: 'not_text' }, name: { code: 'required' } },
    })
    await expect(users.accounts.create(anonymous, null as never)).rejects.toMatchObject({ code: 'bad_request' })
    expect(await store.repository.select('users', {})).toHaveLength(2)
  })

  it('refuses usernames and addresses that were retired', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository })
    // The account of eve is left with username and address hashed with an older salt.
    const retired = {
      username: 'retired__user_3df0d1c1b0a1e3f1b9b0b0c3a6a6b3b5f9a3a3a3',
      email: 'retired__user_0000000000000000000000000000000000000000@retired.invalid',
      name: 'x',
    }
    await expect(users.accounts.create(system, retired)).rejects.toThrow('username')
    const { retiredForms } = await import('../../../src/accounts/retired-identifier.ts')
    const [username = ''] = retiredForms('username', 'eve', users.settings)
    const [email = ''] = retiredForms('email', 'Eve@example.com', users.settings)
    const { userRow } = await import('../../../src/testing/rows.ts')
    await store.repository.insertUser({ ...userRow(username), email, email_key: email }, () => [])
    await expect(users.accounts.create(anonymous, eve)).rejects.toMatchObject({
      field_errors: { username: { code: 'conflict' }, email: { code: 'conflict' } },
    })
  })

  it('refuses the username of a person whose retirement still goes on, also after a rename', async () => {
    await using store = await open()
    const settings = { retired_identifier_keys: [{ id: 'k1', secret: 'x'.repeat(32) }] }
    const users = await withPeople(store.repository, { settings })
    await users.retirement.setPipeline(system)
    await users.retirement.request(system, 'ada')
    const { userRow } = await import('../../../src/testing/rows.ts')
    const renamed = userRow('renamed')
    await store.repository.commit([{ update: 'users', set: renamed, where: { username: 'ada' }, guarded: true }])
    await expect(users.accounts.create(system, { ...eve, username: 'Ada' })).rejects.toMatchObject({
      field_errors: { username: { code: 'conflict' } },
    })
    expect(await users.accounts.validate({ username: 'ADA' })).toMatchObject({ username: { reason: 'conflict' } })
  })

  it('gives a username to one of several people who want it at once', async () => {
    await using store = await open()
    const [one, two] = [createUserCore({ repository: store.repository }), createUserCore({ repository: store.second })]
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? one : two).accounts.create(anonymous, { ...eve, email: `eve${index}@example.com` }),
      ),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ field_errors: { username: { code: 'conflict' } } })
    }
  })

  it('hands the password over normalised, and keeps no account when that fails', async () => {
    await using store = await open()
    const credentials = passwords()
    const users = createUserCore({ repository: store.repository, credentials })
    await users.accounts.create(anonymous, { ...eve, password: 'Žluťoučký kůň' })
    expect(await users.accounts.checkPassword(system, 'eve', 'Z\u030clut\u030couc\u030cky\u0301 ku\u030an\u030c')).toBe(
      true,
    )
    expect(await users.accounts.checkPassword(system, 'eve', 'other')).toBe(false)
    await expect(users.accounts.checkPassword(system, 'nobody', 'x')).rejects.toMatchObject({ code: 'user_not_found' })

    const failing = { ...credentials, set: async () => Promise.reject(new Error('vault is closed')) }
    const create = createUserCore({ repository: store.repository, credentials: failing }).accounts.create(anonymous, {
      username: 'mallory',
      email: 'm@example.com',
      name: 'M',
      password: 'long enough',
    })
    await expect(create).rejects.toMatchObject({ code: 'account_update_error', cause: { message: 'vault is closed' } })
    expect(await store.repository.select('users', { username: 'mallory' })).toEqual([])
  })

  it('needs the hook for a password, and trusted code for an active account', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository })
    await expect(users.accounts.create(anonymous, { ...eve, password: 'long enough' })).rejects.toMatchObject({
      code: 'config_error',
    })
    await expect(users.accounts.create(anonymous, eve, { active: true })).rejects.toMatchObject({
      code: 'not_authenticated',
    })
    await users.accounts.create(system, eve, { active: true })
    expect((await users.accounts.get({ username: 'eve' }, 'eve')).is_active).toBe(true)
    expect(await drain(users)).toEqual([])
  })
})

onEachStore('accounts.validate', (open) => {
  it('decides about the values that it is given, by the accounts that there are', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const values = { username: 'ADA', email: 'Bob@example.com', confirm_email: 'x', password: 'ada-ada-ada', shoe: 43 }
    const conflict = { valid: false, reason: 'conflict', user_message: 'This is already in use.' }
    expect(await users.accounts.validate(values)).toEqual({
      username: conflict,
      email: conflict,
      confirm_email: { valid: false, reason: 'mismatch', user_message: 'The two entries differ.' },
      password: { valid: true },
    })
    expect(await users.accounts.validate(values, { only: 'email' })).toEqual({ email: conflict })
    expect(await users.accounts.validate(values, { only: 'name' })).toEqual({})
    expect(await users.accounts.validate(values, { only: 'constructor' as never })).toEqual({})
    expect(await users.accounts.validate({ username: 'free', email: 'free@example.com' })).toEqual({
      username: { valid: true },
      email: { valid: true },
    })
  })
})

onEachStore('accounts.activate', (open) => {
  it('confirms the address once, however often the link is opened', async () => {
    await using store = await open()
    const [one, two] = [createUserCore({ repository: store.repository }), createUserCore({ repository: store.second })]
    await one.accounts.create(anonymous, eve)
    const key = await mailedKey(one, 'activation')
    const outcomes = await Promise.all([
      one.accounts.activate(anonymous, key),
      two.accounts.activate({ username: 'eve' }, key),
    ])
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['activated', 'already_active'])
    expect((await one.accounts.get({ username: 'eve' }, 'eve')).is_active).toBe(true)
    expect((await drain(one)).map(({ name }) => name).sort()).toEqual(['account.activated', 'account.changed'])
    expect((await store.repository.select('registrations', {}))[0]?.activated_at).not.toBeNull()
  })

  it('refuses unknown keys, and another person who is logged in', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository })
    await users.accounts.create(anonymous, eve)
    const key = await mailedKey(users, 'activation')
    await expect(users.accounts.activate(anonymous, 'unknown')).rejects.toMatchObject({ code: 'not_found' })
    await expect(users.accounts.activate(anonymous, undefined as never)).rejects.toMatchObject({ code: 'bad_request' })
    await expect(users.accounts.activate({ username: 'bob' }, key)).rejects.toMatchObject({ code: 'not_authorized' })
    expect((await users.accounts.get({ username: 'eve' }, 'eve')).is_active).toBe(false)
  })
})

onEachStore('accounts.disableLogIn', (open) => {
  it('ends password and sessions through the hook, for actors with the right', async () => {
    await using store = await open()
    const credentials = passwords()
    const users = await withPeople(store.repository, { credentials })
    const [{ id } = { id: 0 }] = await store.repository.select('users', { username: 'ada' })
    credentials.stored.set(id, 'secret')
    for (const actor of [{ username: 'ada' }, { username: 'bob', staff: true }]) {
      await expect(users.accounts.disableLogIn(actor, 'ada')).rejects.toMatchObject({ code: 'not_authorized' })
    }
    await expect(users.accounts.disableLogIn(anonymous, 'ada')).rejects.toMatchObject({ code: 'not_authenticated' })
    expect(credentials.stored.has(id)).toBe(true)

    const helper: Actor = { username: 'bob', permissions: ['deactivate_user'] }
    expect(Object.keys(await users.accounts.disableLogIn(helper, 'ada'))).toHaveLength(11)
    expect(credentials.stored.has(id)).toBe(false)
    expect(await drain(users)).toMatchObject([{ kind: 'event', name: 'account.deactivated', user_id: id }])
    await expect(users.accounts.disableLogIn(helper, 'nobody')).rejects.toMatchObject({ code: 'user_not_found' })
  })

  it('starts again when the store was busy, and returns only once the change is stored', async () => {
    await using store = await open()
    let busy = 1
    const credentials = passwords()
    const repository = {
      ...store.repository,
      commit: (...unit: Parameters<typeof store.repository.commit>) =>
        busy-- > 0 ? Promise.resolve(false) : store.repository.commit(...unit),
    }
    await withPeople(store.repository)
    credentials.stored.set(1, 'x')
    const users = createUserCore({ repository, credentials })
    await users.accounts.disableLogIn({ username: 'root', superuser: true }, 'ada')
    expect(credentials.stored.has(1)).toBe(false)
    expect((await drain(users)).map(({ name }) => name)).toContain('account.deactivated')
  })

  it('sends no message when the hook fails, and throws without the hook', async () => {
    await using store = await open()
    const disable = async () => Promise.reject(new Error('sessions are down'))
    const users = await withPeople(store.repository, { credentials: { ...passwords(), disable } })
    await expect(users.accounts.disableLogIn(system, 'ada')).rejects.toMatchObject({ code: 'internal_error' })
    expect(await drain(users)).toEqual([])
    const bare = createUserCore({ repository: store.repository })
    await expect(bare.accounts.disableLogIn(system, 'ada')).rejects.toMatchObject({ code: 'config_error' })
    await expect(bare.accounts.checkPassword(system, 'ada', 'x')).rejects.toMatchObject({ code: 'config_error' })
  })
})
