import { expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { system } from '../../../src/site/actor.ts'
import { manualClock } from '../../../src/testing/index.ts'
import { drain, mailedKey, withPeople } from '../../support/host.ts'
import { onEachStore } from '../../support/stores.ts'

const ada = { username: 'ada' }
const bob = { username: 'bob' }

onEachStore('e-mail changes', (open) => {
  it('go through a mail to the new address, whose key works once', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    const { account, requested, changes } = await users.accounts.update(ada, 'ada', { email: 'New@example.com' })
    expect(account.email).toBe('ada@example.com')
    expect([requested, changes]).toEqual([['email'], []])
    const [mail] = await drain(users)
    expect(mail).toMatchObject({
      kind: 'mail',
      name: 'email_change_confirmation',
      payload: { to: 'New@example.com', username: 'ada' },
    })
    const key = String(mail?.payload.key)
    expect(JSON.stringify(await store.repository.select('pending_email_changes', {}))).not.toContain(key)

    await users.accounts.confirmEmailChange(key)
    expect((await users.accounts.get(ada, ada)).email).toBe('New@example.com')
    expect(await store.repository.select('pending_email_changes', {})).toEqual([])
    expect(await store.repository.select('account_history', {})).toMatchObject([
      { field: 'email', old_value: 'ada@example.com' },
    ])
    const told = await drain(users)
    expect(told.filter(({ kind }) => kind === 'mail').map(({ payload }) => payload.to)).toEqual([
      'ada@example.com',
      'New@example.com',
    ])
    expect(told.find(({ kind }) => kind === 'event')?.payload).toEqual({
      changes: [{ setting: 'email', redacted: true }],
    })
    await expect(users.accounts.confirmEmailChange(key)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are undone by a newer request: the older key is dead', async () => {
    await using store = await open()
    const users = await withPeople(store.repository)
    await users.accounts.update(ada, 'ada', { email: 'one@example.com' })
    const first = await mailedKey(users, 'email_change_confirmation')
    await users.accounts.update(ada, 'ada', { email: 'two@example.com' })
    const second = await mailedKey(users, 'email_change_confirmation')
    await expect(users.accounts.confirmEmailChange(first)).rejects.toMatchObject({ code: 'not_found' })
    await users.accounts.confirmEmailChange(second)
    expect((await users.accounts.get(ada, ada)).email).toBe('two@example.com')
  })

  it.each(['email', 'secondary_email'] as const)(
    'are limited to five mails a day by default, also for an account that was never confirmed: %s',
    async (field) => {
      await using store = await open()
      const users = await withPeople(store.repository)
      const cy = { username: 'cy', email: 'cy@example.com', name: 'Cy', profile: { year_of_birth: 1990 } }
      await users.accounts.create(system, cy)
      await drain(users)
      const outcomes: string[] = []
      for (let wish = 1; wish <= 7; wish++) {
        const asked = users.accounts.update({ username: 'cy' }, 'cy', { [field]: `victim+${wish}@example.com` })
        outcomes.push(
          await asked.then(
            () => 'asked',
            ({ code }) => code,
          ),
        )
      }
      expect(outcomes).toEqual([...Array(5).fill('asked'), 'rate_limited', 'rate_limited'])
      expect(await drain(users)).toHaveLength(5)
    },
  )

  it('expire', async () => {
    await using store = await open()
    const clock = manualClock('2024-06-15T12:00:00Z')
    const users = await withPeople(store.repository, { clock: clock.now, settings: { confirmation_key_hours: 2 } })
    await users.accounts.update(ada, 'ada', { email: 'new@example.com' })
    const key = await mailedKey(users, 'email_change_confirmation')
    clock.advance(2 * 3_600_000)
    await expect(users.accounts.confirmEmailChange(key)).rejects.toMatchObject({ code: 'not_found' })
    clock.advance(-1)
    await users.accounts.confirmEmailChange(key)
  })

  it('that two people ask for go to the first one to confirm', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    await one.accounts.update(ada, 'ada', { email: 'same@example.com' })
    const adas = await mailedKey(one, 'email_change_confirmation')
    await one.accounts.update(bob, 'bob', { email: 'Same@example.com' })
    const bobs = await mailedKey(one, 'email_change_confirmation')
    const outcomes = await Promise.allSettled([
      one.accounts.confirmEmailChange(adas),
      two.accounts.confirmEmailChange(bobs),
    ])
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(1)
    expect(refused[0]?.reason).toMatchObject({ code: 'conflict' })
    expect(await store.repository.select('users', { email_key: 'same@example.com' })).toHaveLength(1)
    expect(await store.repository.select('pending_email_changes', {})).toHaveLength(1)
  })

  it('that one person confirms twice at once happen once', async () => {
    await using store = await open()
    const [one, two] = [await withPeople(store.repository), createUserCore({ repository: store.second })]
    await one.accounts.update(ada, 'ada', { email: 'new@example.com' })
    const key = await mailedKey(one, 'email_change_confirmation')
    const outcomes = await Promise.allSettled([
      one.accounts.confirmEmailChange(key),
      two.accounts.confirmEmailChange(key),
    ])
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await drain(one)).filter(({ kind }) => kind === 'mail')).toHaveLength(2)
    expect(await store.repository.select('account_history', {})).toHaveLength(1)
  })

  it('are confirmed no more once the person asked for retirement', async () => {
    await using store = await open()
    const settings = {
      retired_identifier_keys: [{ id: 'k1', secret: 'x'.repeat(32) }],
      writes_during_cool_off: 'all',
    } as const
    const users = await withPeople(store.repository, { settings })
    await users.retirement.setPipeline(system)
    await users.retirement.request(system, 'ada')
    await drain(users)
    await users.accounts.update(ada, 'ada', { email: 'new@example.com', secondary_email: 'second@example.com' })
    const keys = (await drain(users)).map(({ payload }) => String(payload.key))
    expect(keys).toHaveLength(2)
    const [first = '', second = ''] = keys
    await expect(users.accounts.confirmEmailChange(first)).rejects.toMatchObject({ code: 'not_found' })
    await expect(users.accounts.confirmSecondaryEmail(second)).rejects.toMatchObject({ code: 'not_found' })
    expect(await store.repository.select('users', { email: 'new@example.com' })).toEqual([])
  })

  it('of the second address set it once it is confirmed, and no other person can have it', async () => {
    await using store = await open()
    const settings = { enable_secondary_email: true }
    const users = await withPeople(store.repository, { settings })
    await users.accounts.update(ada, 'ada', { secondary_email: 'second@example.com' })
    expect((await users.accounts.get(ada, ada)).secondary_email).toBeNull()
    await users.accounts.update(bob, 'bob', { secondary_email: 'Second@example.com' })
    const mails = (await drain(users)).filter(({ kind }) => kind === 'mail')
    const [adas, bobs] = mails.map(({ payload }) => String(payload.key)) as [string, string]
    await users.accounts.confirmSecondaryEmail(adas)
    expect((await users.accounts.get(ada, ada)).secondary_email).toBe('second@example.com')
    await expect(users.accounts.confirmSecondaryEmail(bobs)).rejects.toMatchObject({ code: 'conflict' })
    await expect(users.accounts.confirmEmailChange(bobs)).rejects.toMatchObject({ code: 'not_found' })
    await users.accounts.update(bob, 'bob', { email: 'second@example.com' })
    expect((await drain(users)).map(({ name }) => name)).toEqual(['account.changed', 'email_already_in_use'])
  })

  it('can be switched off, and then nothing else of the patch happens', async () => {
    await using store = await open()
    const users = await withPeople(store.repository, { settings: { allow_email_address_change: false } })
    const update = users.accounts.update(ada, 'ada', { email: 'new@example.com', bio: 'x' })
    await expect(update).rejects.toMatchObject({
      code: 'account_update_error',
      params: { setting: 'allow_email_address_change' },
    })
    expect((await users.accounts.get(ada, ada)).bio).toBeNull()
  })

  it('are limited in number, refused and invalid requests included', async () => {
    await using store = await open()
    const clock = manualClock('2024-06-15T12:00:00Z')
    const settings = { email_change_rate_limit: '3/m', secondary_email_rate_limit: '1/h' }
    const users = await withPeople(store.repository, { clock: clock.now, settings })
    const ask = (patch: object, target = 'ada') =>
      users.accounts.update(ada, target, patch).then(
        () => 'ok',
        (error) => error.code,
      )
    expect(await ask({ email: 'new@example.com' })).toBe('ok')
    expect(await ask({ email: 'invalid' })).toBe('account_validation_error')
    expect(await ask({ email: 'new@example.com' }, 'bob')).toBe('not_authorized')
    expect(await ask({ email: 'new@example.com', bio: 'x' })).toBe('rate_limited')
    expect(await ask({ bio: 'x', email: '' })).toBe('account_validation_error')
    expect(await ask({ secondary_email: 'second@example.com' })).toBe('ok')
    expect(await ask({ secondary_email: 'third@example.com' })).toBe('rate_limited')
    expect((await users.accounts.get(ada, ada)).bio).toBeNull()
    clock.advance(60_000)
    expect(await ask({ email: 'new@example.com' })).toBe('ok')
  })

  it('that are refused tell the seconds until they are taken again', async () => {
    await using store = await open()
    const clock = manualClock('2024-06-15T12:00:00Z')
    const settings = { email_change_rate_limit: '1/m', secondary_email_rate_limit: '1/h' }
    const users = await withPeople(store.repository, { clock: clock.now, settings })
    const refused = async (field: 'email' | 'secondary_email') => {
      const asked = users.accounts.update(ada, 'ada', { [field]: 'next@example.com' })
      return asked.then(
        () => 'nothing',
        (error) => [error.code, error.params],
      )
    }
    for (const field of ['email', 'secondary_email'] as const) expect(await refused(field)).toBe('nothing')
    clock.advance(20_500)
    expect(await refused('email')).toEqual(['rate_limited', { limit: 'email_change', retry_after_seconds: 40 }])
    expect(await refused('secondary_email')).toEqual([
      'rate_limited',
      { limit: 'secondary_email', retry_after_seconds: 3580 },
    ])
    clock.advance(39_499)
    expect(await refused('email')).toEqual(['rate_limited', { limit: 'email_change', retry_after_seconds: 1 }])
    clock.advance(1)
    expect(await refused('email')).toBe('nothing')
  })

  it('are limited exactly, also when requests come at once over two connections', async () => {
    await using store = await open()
    const settings = { email_change_rate_limit: '3/d' }
    const [one, two] = [
      await withPeople(store.repository, { settings }),
      createUserCore({ repository: store.second, settings }),
    ]
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? one : two).accounts.update(ada, 'ada', { email: `new${index}@example.com` }),
      ),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(3)
  })
})
