import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { kyselyRepository, migrate, type UserTable, verifyMapping } from '../../src/kysely/index.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { system } from '../../src/site/actor.ts'
import { makeMembers, mappingOn, soundColumns, uniqueKeys } from '../kysely/host-tables/table.ts'
import { databases } from '../stores/databases.ts'

interface Opened {
  readonly repository: Repository
  close(): Promise<void>
}

const inMemory = (idType: 'integer' | 'text') => async (): Promise<Opened> => ({
  repository: memoryRepository({ idType, usernames: 'ids' }) as Repository,
  close: async () => {},
})

/** A table of members with an address and without a username; ids that are text have capital letters. */
const onTable = (create: (typeof databases)[string], isText: boolean) => async (): Promise<Opened> => {
  const { connect, close, dialect } = await create('empty')
  const db = connect()
  const { login: _, ...columns } = soundColumns[dialect]
  const { username: __, ...names } = mappingOn(dialect).columns
  const collation = dialect === 'mysql' ? ' character set utf8mb4 collate utf8mb4_unicode_ci' : ''
  const text: Partial<UserTable> = { idType: `varchar(40)${collation}`, newId: () => `M-${randomUUID()}` }
  const users: UserTable = { ...mappingOn(dialect), ...(isText ? text : {}), columns: names }
  const ids = isText ? { id: `varchar(40)${collation} not null primary key` } : {}
  await makeMembers(db, dialect, { ...columns, ...ids }, uniqueKeys(dialect).slice(1))
  expect(await verifyMapping(db, { dialect, users })).toEqual([])
  await migrate(db, { dialect, users })
  return { repository: kyselyRepository(db, { dialect, users }) as Repository, close }
}

const stores: (readonly [string, () => Promise<Opened>])[] = [
  ['memory, with numbers', inMemory('integer')],
  ['memory, with text', inMemory('text')],
  ...Object.entries(databases).flatMap(([name, create]) => [
    [`${name}, with numbers`, onTable(create, false)] as const,
    [`${name}, with text`, onTable(create, true)] as const,
  ]),
]

describe.each(stores)('people without a username (%s)', (_, open) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  }, 60_000)
  afterAll(() => opened.close())
  const core = () =>
    createUserCore({
      repository: opened.repository,
      settings: {
        cool_off_days: 0,
        retired_identifier_keys: [{ id: 'a', secret: 'a secret that is long enough for a key' }],
      },
    })
  const register = (email: string, more = {}) =>
    core().accounts.create(system, { email, name: 'Ada', ...more }, { active: true })

  it('are called by their ids, wherever documents show a username', async () => {
    const users = core()
    const { id, username } = await register('ada@example.com', { profile: { year_of_birth: 1980 } })
    expect(username).toBe(String(id))
    expect(opened.repository.usernames).toBe('ids')
    const account = await users.accounts.get(system, username)
    expect(account).toMatchObject({ id, username, email: 'ada@example.com', name: 'Ada' })
    expect(await users.accounts.getByEmail(system, 'ADA@example.com')).toMatchObject({ id, username })
    await users.accounts.update({ username }, username, { bio: 'Notes' })
    await users.accounts.update({ username }, username, { account_privacy: 'all_users' })
    await users.preferences.update({ username }, username, { theme: 'dark' })
    expect(await users.preferences.getAll({ username }, username)).toMatchObject({ theme: 'dark' })
    expect(await users.accounts.me({ username })).toMatchObject({ username })
    const other = await register('bob@example.com')
    const seen = await users.accounts.get({ username: other.username }, username)
    expect(seen).toMatchObject({ username, bio: 'Notes' })
  })

  it('get no username, and no other one', async () => {
    const { username } = await register('cy@example.com')
    await expect(register('dan@example.com', { username: 'dan' })).rejects.toMatchObject({
      field_errors: { username: { code: 'unknown_field' } },
    })
    const refusal = { code: 'config_error', params: { usernames: 'ids' } }
    await expect(core().accounts.replaceUsernames(system, [{ whom: username, username: 'cy' }])).rejects.toMatchObject(
      refusal,
    )
    await expect(core().accounts.releaseUsername(system, username)).rejects.toMatchObject(refusal)
    await expect(register('CY@example.com')).rejects.toMatchObject({ field_errors: { email: {} } })
  })

  it('are not found by text that only resembles their id', async () => {
    const { username } = await register('eve@example.com')
    for (const name of [`0${username}`, `${username}0`, 'eve', '', 'eve@example.com']) {
      await expect(core().accounts.get(system, name), name).rejects.toMatchObject({ code: 'user_not_found' })
    }
  })

  it('lose their address alone when they retire, and the address stays taken', async () => {
    const users = core()
    const { id, username } = await register('fay@example.com', { profile: { bio: 'Secret' } })
    await users.retirement.setPipeline(system)
    await users.retirement.request(system, username)
    await users.retirement.move(system, username, { state: 'RETIRING_LMS', note: '' })
    await users.retirement.runStep(system, username, 'account')
    const [user] = await opened.repository.select('users', { id })
    expect(user?.username).toBe(username)
    expect(user?.email).not.toContain('fay')
    expect(user?.is_active).toBe(false)
    await expect(register('fay@example.com')).rejects.toMatchObject({ field_errors: { email: {} } })
    const [account] = await opened.repository.findAccounts({ ids: [id] })
    expect(account?.profile?.bio).toBeNull()
  })

  it('have nothing stored by calls that were under way while they were erased', async () => {
    const { username } = await register('gil@example.com')
    const repository = {
      ...opened.repository,
      commit: async (...unit: Parameters<Repository['commit']>) => {
        const users = core()
        await users.retirement.request(system, username)
        await users.retirement.move(system, username, { state: 'RETIRING_LMS', note: '' })
        await users.retirement.runStep(system, username, 'account')
        repository.commit = opened.repository.commit
        return opened.repository.commit(...unit)
      },
    }
    const late = createUserCore({ repository }).preferences.set({ username }, username, 'theme', 'secret')
    await expect(late).rejects.toMatchObject({ code: 'user_not_found' })
    const stored = await opened.repository.select('preferences', { value: 'secret' })
    expect(stored).toEqual([])
  })
})
