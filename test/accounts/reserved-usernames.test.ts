import { describe, expect, it } from 'vitest'
import { isStorableUsername } from '../../src/accounts/fields/username.ts'
import { isDotSegment, isReservedUsername } from '../../src/accounts/reserved-usernames.ts'
import { createUserCore, type UserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { anonymous, type Right, system } from '../../src/site/actor.ts'
import { resolveSettings, type Settings, type SettingsInput } from '../../src/site/settings.ts'
import { onEachStore } from '../support/stores.ts'

const rights: readonly Right[] = [
  'deactivate_user',
  'retire_user',
  'cancel_retirement',
  'force_retirement',
  'manage_outbox',
  'export_data',
  'hold_data',
]

const full = (text: string) => text.replace(/[a-z]/gi, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0))

async function holdsAnyRight(users: UserCore<unknown>, username: string): Promise<boolean> {
  const replacing = users.accounts.replaceUsernames({ username }, []).then(
    () => true,
    () => false,
  )
  return rights.some((right) => users.hasRight({ username }, right)) || (await replacing)
}

const withRights = { retirement_service_worker_username: 'Retire_Worker', username_replacement_worker: 'Renamer' }
const person = (username: string) => ({ username, email: `${crypto.randomUUID()}@example.com`, name: 'Mallory' })

describe('a right by name', () => {
  it('is held by no person with default settings', async () => {
    const users = createUserCore({ repository: memoryRepository() })
    for (const username of ['RETIREMENT_SERVICE_USER', 'admin', 'root', 'null', 'undefined']) {
      expect(await holdsAnyRight(users, username), username).toBe(false)
    }
  })

  it('comes only from settings whose usernames are reserved', async () => {
    const giving: string[] = []
    for (const name of Object.keys(resolveSettings()) as (keyof Settings)[]) {
      const settings: SettingsInput = { [name]: 'Granted' }
      try {
        resolveSettings(settings)
      } catch {
        continue
      }
      const users = createUserCore({ repository: memoryRepository(), settings })
      if (!(await holdsAnyRight(users, 'granted'))) continue
      giving.push(name)
      expect(isReservedUsername('GRANTED', users.settings), name).toBe(true)
    }
    expect(giving).toEqual(Object.keys(withRights))
  })

  it.each(
    [...Object.keys(withRights), 'reserved_usernames'].flatMap((name) =>
      ['', ' ', '\u3000', '\u200b', '\u2060\ufeff', '\u00ad', '\u180e\ufe0f', '\t\n', '\u3164', 'a'.repeat(600)].map(
        (blank) => [name, blank] as const,
      ),
    ),
  )('cannot be given to a name that no person can have: %s %j', (name, blank) => {
    const settings = { [name]: name === 'reserved_usernames' ? ['admin', blank] : blank }
    const path = name === 'reserved_usernames' ? `${name}.1` : name
    expect(() => resolveSettings(settings)).toThrow(
      expect.objectContaining({ code: 'config_error', params: { settings: path } }),
    )
  })
})

describe('names with a meaning in an address', () => {
  it.each(['.', '..', '．', '．．', ' .. ', '%2e', '.%2E', '%2e%2E', '․․'])(
    'cannot be usernames where they name folders: %j',
    (name) => {
      expect(isDotSegment(name)).toBe(true)
      expect(isStorableUsername(name)).toBe(false)
    },
  )

  it.each(['...', 'a.', '.a', '-', '%2f', 'dot'])('do not include %j', (name) => expect(isDotSegment(name)).toBe(false))

  it.each(['.', '..', '.Well-Known', 'robots.txt', 'FAVICON.ico'])('stay reserved under every setting: %s', (name) => {
    expect(isReservedUsername(name, resolveSettings({ reserved_usernames: [] }))).toBe(true)
  })
})

onEachStore('reserved usernames', (open) => {
  const settings: SettingsInput = {
    ...withRights,
    enable_unicode_usernames: true,
    reserved_usernames: ['Boss', 'root'],
  }
  const spellings = ['Boss', 'root', ...Object.values(withRights)].flatMap((name) => [
    name,
    name.toUpperCase(),
    name.toLowerCase(),
    full(name),
    `${name} `,
  ])

  it('are refused at registration, by `create` and by `validate`, in every spelling', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository, settings })
    for (const username of [...spellings, '..', '.well-known']) {
      for (const actor of [anonymous, { username: 'ada' }, { username: 'eve', staff: true, superuser: true }]) {
        await expect(users.accounts.create(actor, person(username)), username).rejects.toMatchObject({
          code: 'account_validation_error',
          field_errors: { username: { code: 'reserved_name' } },
        })
      }
      expect(await users.accounts.validate({ username }), username).toMatchObject({
        username: { valid: false, reason: 'reserved_name' },
      })
    }
    expect(await store.repository.select('users', {})).toEqual([])
  })

  it('are given to no person by the worker that replaces usernames', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository, settings })
    await users.accounts.create(system, person('mallory'))
    for (const wanted of spellings) {
      const [user] = await store.repository.select('users', {})
      await users.accounts.replaceUsernames({ username: 'renamer' }, [{ whom: user?.username ?? '', username: wanted }])
      const [{ username } = { username: '' }] = await store.repository.select('users', {})
      expect(username).toMatch(/-[a-z0-9]{4}$/)
      expect(await holdsAnyRight(users, username)).toBe(false)
    }
    for (const actor of [system, { username: 'renamer' }]) {
      const replacing = users.accounts.replaceUsernames(actor, [{ whom: 'mallory', username: '..' }])
      await expect(replacing).rejects.toMatchObject({ code: 'bad_request' })
    }
  })

  it('can be given by trusted code alone', async () => {
    await using store = await open()
    const users = createUserCore({ repository: store.repository, settings })
    await users.accounts.create(system, person('Retire_Worker'))
    await users.accounts.create(system, person('ada'))
    const boss = [{ whom: 'ada', username: 'boss' }]
    expect(await users.accounts.replaceUsernames(system, boss)).toEqual({ replaced: boss, failed: [] })
    await expect(users.accounts.create(system, person('..'))).rejects.toMatchObject({
      field_errors: { username: { code: 'reserved_name' } },
    })
    const defaults = createUserCore({ repository: store.repository })
    await expect(defaults.accounts.create(anonymous, person('Admin'))).rejects.toMatchObject({
      field_errors: { username: { code: 'reserved_name' } },
    })
  })
})
