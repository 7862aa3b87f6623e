import { expect, it } from 'vitest'
import { createUserCore, type UserCore } from '../../../src/create-user-core.ts'
import { type Actor, anonymous, system } from '../../../src/site/actor.ts'
import { isUserCoreError } from '../../../src/values/errors.ts'
import { bringTo, dump, keys, move, nextKey, openSite, outcomes, overtaken, worker } from '../../retirement/site.ts'
import { onEachStore } from '../../support/stores.ts'

type Users = UserCore<unknown>

const settings = { username_replacement_worker: 'Renamer' }
const renamer: Actor = { username: 'renamer' }
const person = (username: string) => ({ username, email: `${crypto.randomUUID()}@example.com`, name: 'Mallory' })
const spellings = ['ada', 'ADA', 'Ａda', ' ada ', 'adA']

/** Tries to get a username in every way. Returns the outcome of each: the refusal, or the name that was given. */
async function attempts(users: Users, wanted: string, mallory: string): Promise<string[]> {
  const { accounts } = users
  const creating = [anonymous, system, renamer].map((actor) =>
    accounts.create(actor, person(wanted)).then(
      () => 'created',
      (error: unknown) => (isUserCoreError(error) ? (error.field_errors.username?.code ?? error.code) : String(error)),
    ),
  )
  const { username } = await accounts.validate({ username: wanted })
  const replace = async (actor: Actor) => {
    const { replaced } = await accounts.replaceUsernames(actor, [{ whom: mallory, username: wanted }])
    const given = replaced[0]?.username ?? ''
    // Mallory gets the old name back, for the next attempt.
    await accounts.replaceUsernames(system, [{ whom: given, username: mallory }])
    return /-[a-z0-9]{4}$/.test(given) ? 'another' : `replaced by ${given}`
  }
  const decision = username?.valid === false ? username.reason : 'valid'
  const outcomes = [...(await Promise.all(creating)), decision]
  for (const actor of [system, renamer]) outcomes.push(await replace(actor))
  return outcomes
}

onEachStore('a username that was replaced', (open) => {
  it('stays reserved in every spelling, but for its person', async () => {
    await using store = await open()
    const users = createUserCore({
      repository: store.repository,
      settings: { ...settings, enable_unicode_usernames: true },
    })
    await users.accounts.create(system, person('ada'))
    await users.accounts.create(system, person('mallory'))
    await users.accounts.replaceUsernames(renamer, [{ whom: 'ada', username: 'grace' }])
    for (const wanted of spellings) {
      const { accounts } = users
      for (const actor of [anonymous, system]) {
        await expect(accounts.create(actor, person(wanted)), wanted).rejects.toMatchObject({
          field_errors: { username: { code: 'conflict' } },
        })
      }
      expect(await accounts.validate({ username: wanted }), wanted).toMatchObject({ username: { reason: 'conflict' } })
      const { replaced, failed } = await accounts.replaceUsernames(system, [{ whom: 'mallory', username: wanted }])
      expect(failed, wanted).toEqual([])
      const given = replaced[0]?.username ?? ''
      expect(given).toMatch(/-[a-z0-9]{4}$/)
      await accounts.replaceUsernames(system, [{ whom: given, username: 'mallory' }])
    }
    const back = [{ whom: 'grace', username: 'Ada' }]
    expect(await users.accounts.replaceUsernames(renamer, back)).toEqual({ replaced: back, failed: [] })
    // Now the other one is reserved.
    expect(await users.accounts.validate({ username: 'ada' })).toMatchObject({ username: { reason: 'conflict' } })
    expect(await users.accounts.validate({ username: 'grace' })).toMatchObject({ username: { reason: 'conflict' } })
    await users.accounts.replaceUsernames(renamer, [{ whom: 'ada', username: 'grace' }])
    expect(await store.repository.select('former_usernames', { username_key: ['ada', 'grace'] })).toMatchObject([
      { username: 'Ada', username_key: 'ada' },
    ])
  })

  it('names no person in a session', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository, settings })
    await users.accounts.create(system, person('ada'), { active: true })
    await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
    const before = await dump(store.repository)
    const old = { username: 'ada' }
    expect(
      await outcomes([
        users.accounts.get(old, old),
        users.accounts.update(old, 'ada', { bio: 'x' }),
        users.accounts.update(old, old, { bio: 'x' }),
        users.accounts.patch(old, old, [{ op: 'add', path: '/bio', value: 'x' }]),
        users.accounts.requestNameChange(old, old, 'Somebody'),
        users.accounts.setProfileImage(old, 'ada', { uploaded: true }),
        users.preferences.set(old, old, 'theme', 'dark'),
        users.preferences.getAll(old, old),
        users.extendedProfile.update(old, 'ada', { title: 'Dr' }),
        users.retirement.request(old, 'ada'),
      ]),
    ).toEqual(Array(10).fill('user_not_found'))
    expect(
      await outcomes([users.accounts.get(old, 'grace'), users.accounts.update(old, 'grace', { bio: 'x' })]),
    ).toEqual(['ok', 'not_authorized'])
    expect(await dump(store.repository)).toBe(before)
  })

  it('is released once, by actors who may replace usernames', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository, settings })
    await users.accounts.create(system, person('ada'))
    await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
    const actors: Actor[] = [anonymous, { username: 'ada' }, { username: 'grace' }, { username: 'eve', staff: true }]
    const refused = actors.map((actor) => users.accounts.releaseUsername(actor, 'ada'))
    expect(await outcomes(refused)).toEqual(['not_authenticated', ...Array(3).fill('not_authorized')])
    for (const name of ['grace', 'nobody', '']) {
      await expect(users.accounts.releaseUsername(system, name)).rejects.toMatchObject({ code: 'not_found' })
    }
    await users.accounts.releaseUsername(renamer, 'ADA')
    await expect(users.accounts.releaseUsername(renamer, 'ada')).rejects.toMatchObject({ code: 'not_found' })
    await users.accounts.create(anonymous, person('ada'))
  })

  it('is not taken by a call that looked the name up before it was replaced', async () => {
    await using store = await open()
    const rival = createUserCore({ repository: store.second, settings })
    await rival.accounts.create(system, person('bob'))
    await rival.accounts.create(system, person('mallory'))
    // Between the reads and the first unit of the call bob gets the name, and another one again.
    const meanwhile = (name: string) => async () => {
      await rival.accounts.replaceUsernames(system, [{ whom: 'bob', username: name }])
      await rival.accounts.replaceUsernames(system, [{ whom: name, username: 'bob' }])
    }
    const late = createUserCore({ repository: overtaken(store.repository, meanwhile('first')), settings })
    const { replaced } = await late.accounts.replaceUsernames(system, [{ whom: 'mallory', username: 'first' }])
    expect(replaced).toEqual([{ whom: 'mallory', username: expect.stringMatching(/^first-/) }])
    let isOver = false
    const insertUser: typeof store.repository.insertUser = async (...user) => {
      if (!isOver) await meanwhile('second')()
      isOver = true
      return store.repository.insertUser(...user)
    }
    const creator = createUserCore({ repository: { ...store.repository, insertUser }, settings })
    await expect(creator.accounts.create(system, person('second'))).rejects.toMatchObject({
      field_errors: { username: { code: 'conflict' } },
    })
    expect(await rival.accounts.get({ username: 'bob' }, 'bob')).toHaveProperty('username', 'bob')
  })

  it('leaves nothing but its retired form of a person who was erased, and stays taken under a later key too', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada', 'mallory'])
    for (const [from, to] of [
      ['ada', 'bea'],
      ['bea', 'cleo'],
    ])
      await site.users.accounts.replaceUsernames(system, [{ whom: String(from), username: String(to) }])
    await bringTo(site, 'cleo', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'cleo', 'account')
    expect(await store.repository.select('former_usernames', {})).toHaveLength(2)
    for (const name of ['ada', 'bea'])
      expect(JSON.stringify(await store.repository.select('former_usernames', {}))).not.toContain(name)
    await move(site.users, 'cleo', 'COMPLETE')
    await site.users.retirement.cleanUp(worker, ['cleo'])
    expect(await dump(store.repository)).not.toMatch(/"(ada|bea|cleo)"/i)

    const later = site.another(store.repository, { settings: { retired_identifier_keys: [...keys, nextKey] } })
    const isKept = async (users: Users) => {
      for (const name of ['ada', 'BEA', 'cleo']) {
        expect(await users.accounts.validate({ username: name }), name).toMatchObject({ username: { valid: false } })
        expect(await users.retired.isRetired(worker, 'username', name), name).toBe(true)
      }
    }
    await isKept(site.users)
    await isKept(later)
    await later.retired.rewrap(worker)
    for (const { username, username_key } of await store.repository.select('former_usernames', {})) {
      expect(username).toContain(`_${keys[0].id}_${nextKey.id}_`)
      expect(username_key).toBe(username.toLowerCase())
    }
    await isKept(later)
    await later.accounts.releaseUsername(system, 'Ada')
    await later.accounts.create(anonymous, person('ada'))
  })

  it('is erased by the clean-up where the driver skipped the step account', async () => {
    await using store = await open()
    const site = await openSite(store.repository, ['ada'])
    await site.users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
    await bringTo(site, 'grace', 'COMPLETE')
    await site.users.retirement.cleanUp(worker, ['grace'])
    expect(await dump(store.repository)).not.toMatch(/"(ada|grace)"/)
    expect(await site.users.accounts.validate({ username: 'ada' })).toMatchObject({ username: { valid: false } })
  })

  it('is recognised in every spelling by hashes of Open edX too', async () => {
    await using store = await open()
    const sha1 = { retired_identifier_scheme: 'sha1', retired_user_salts: ['a salt of this test'] } as const
    const site = await openSite(store.repository, ['ada'], { settings: { ...sha1, enable_unicode_usernames: true } })
    await site.users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
    await bringTo(site, 'grace', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'grace', 'account')
    for (const name of ['ada', 'Ａda', 'ADA', 'grace', 'Ｇrace']) {
      expect(await site.users.accounts.validate({ username: name }), name).toMatchObject({ username: { valid: false } })
    }
  })

  it('is refused in every way', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository, settings })
    await users.accounts.create(system, person('ada'))
    await users.accounts.create(system, person('mallory'))
    await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'grace' }])
    expect(await attempts(users, 'ada', 'mallory')).toEqual([...Array(4).fill('conflict'), 'another', 'another'])
  })
})
