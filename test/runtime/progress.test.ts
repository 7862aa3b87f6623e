import { describe, expect, it, vi } from 'vitest'
import { createUserCore, type UserCore } from '../../src/create-user-core.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { type Repository, StorageError } from '../../src/port/repository.ts'
import type { Write } from '../../src/port/write.ts'
import { guardsOf } from '../../src/runtime/progress.ts'
import { system } from '../../src/site/actor.ts'
import { outboxRow, profileRow, userRow } from '../../src/testing/rows.ts'
import { withPeople } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'

const ada = { username: 'ada' }
const keyTaken = { code: 'conflict', params: { reason: 'key_taken' } }

/** Operations that store something, one for each way to decide. */
const operations: Readonly<Record<string, (users: UserCore<unknown>) => Promise<unknown>>> = {
  create: (users) => users.accounts.create(system, { username: 'eve', email: 'eve@example.com', name: 'Eve' }),
  update: (users) => users.accounts.update(ada, 'ada', { bio: 'new' }),
  'update of an address': (users) => users.accounts.update(ada, 'ada', { email: 'new@example.com' }),
  patch: (users) => users.accounts.patch(ada, 'ada', [{ op: 'replace', path: '/bio', value: 'new' }]),
  modify: (users) => users.accounts.updateAsOperator(system, 'ada', { email: 'new@example.com' }),
  requestNameChange: (users) => users.accounts.requestNameChange(ada, ada, 'Ada Lovelace'),
  setProfileImage: (users) => users.accounts.setProfileImage(system, 'ada', { uploaded: true }),
  'a preference': (users) => users.preferences.set(ada, 'ada', 'theme', 'dark'),
  'an extended profile': (users) => users.extendedProfile.update(ada, 'ada', { a: 1 }),
  'an opt-in': (users) => users.emailOptIns.set(ada, 'ada', { org: 'OrgX', optIn: true }),
  'a retirement': (users) => users.retirement.request(system, 'ada'),
}

describe('a unit that is stopped without a visible reason', () => {
  const credentials = { verify: async () => true, set: async () => {}, disable: async () => {} }

  it.each(Object.entries(operations))('ends %s after one reload', async (_, run) => {
    const memory = memoryRepository() as Repository
    await withPeople(memory)
    await createUserCore({ repository: memory }).retirement.setPipeline(system)
    let units = 0
    const commit = async () => ++units < 0
    const insertUser = async () => {
      units++
      return undefined
    }
    const settings = { retired_identifier_keys: [{ id: 'k1', secret: 'thirty-two characters, or some more' }] }
    const users = createUserCore({ repository: { ...memory, commit, insertUser }, credentials, settings })
    await expect(run(users)).rejects.toMatchObject(keyTaken)
    expect(units).toBe(2)
  })
})

onEachStore('ids that a hook draws twice', (open) => {
  it.each(['on their own', 'inside a transaction of the host'])('end a change at once, %s', async (where) => {
    await using store = await open()
    await withPeople(store.repository)
    const users = createUserCore({ repository: store.repository, ids: () => 'the same' })
    const update = (core: typeof users, bio: string) => core.accounts.update(ada, 'ada', { bio })
    await update(users, 'one')
    let commits = 0
    const counted = (repository: Repository): Repository => ({
      ...repository,
      commit(...given) {
        commits++
        return repository.commit(...given)
      },
      with: (transaction) => counted(repository.with(transaction)),
    })
    const again = createUserCore({ repository: counted(store.repository), ids: () => 'the same' })
    if (where === 'on their own') await expect(update(again, 'two')).rejects.toMatchObject(keyTaken)
    else await store.transaction((trx) => expect(update(again.with(trx), 'two')).rejects.toMatchObject(keyTaken))
    expect(commits).toBe(2)
    expect((await users.accounts.getVersioned(ada, ada)).account.bio).toBe('one')
  })
})

describe('a unit that is stopped by others that make progress', () => {
  it('is tried again as long as they do', async () => {
    const memory = memoryRepository() as Repository
    const rival = await withPeople(memory)
    let turns = 0
    const commit: Repository['commit'] = async (...given) => {
      if (turns++ < 6) await rival.accounts.update(ada, 'ada', { city: `turn ${turns}` })
      return memory.commit(...given)
    }
    const users = createUserCore({ repository: { ...memory, commit } })
    expect((await users.accounts.update(ada, 'ada', { bio: 'at last' })).version).toBe(8)
  })
})

describe('a unit that loses races which the database settles', () => {
  const lost = () => new StorageError('unit of work', '1213', { isLostRace: true })

  /** Makes a user core whose units lose this many races first. */
  async function losing(races: number) {
    const memory = memoryRepository() as Repository
    await withPeople(memory)
    let units = 0
    const race = async () => {
      if (units++ < races) throw lost()
    }
    const repository: Repository = {
      ...memory,
      commit: (...given) => race().then(() => memory.commit(...given)),
      insertUser: (...given) => race().then(() => memory.insertUser(...given)),
      with: () => repository,
    }
    return { users: createUserCore({ repository }), units: () => units }
  }

  it.each(['create', 'update', 'modify', 'a preference'])('is decided anew until it is stored: %s', async (name) => {
    const { users, units } = await losing(8)
    await operations[name]?.(users)
    expect(units()).toBe(9)
  })

  it('ends with the code of the driver when it loses them all', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { users, units } = await losing(1000)
    await expect(users.accounts.update(ada, 'ada', { bio: 'new' })).rejects.toMatchObject({
      code: 'conflict',
      params: { reason: 'too_many_writers', driver_code: '1213' },
      cause: { name: 'StorageError', isLostRace: true },
    })
    expect(units()).toBe(25)
    vi.restoreAllMocks()
  })

  it('is told apart from one that the same rows stop, before it and after it', async () => {
    const memory = memoryRepository() as Repository
    await withPeople(memory)
    let units = 0
    const commit = async () => {
      if (++units % 2 === 0) throw lost()
      return false
    }
    const users = createUserCore({ repository: { ...memory, commit } })
    await expect(operations.update?.(users)).rejects.toMatchObject(keyTaken)
    expect(units).toBe(3)
  })

  it('has a new username stored', async () => {
    const { users } = await losing(8)
    expect(await users.accounts.replaceUsernames(system, [{ whom: 'ada', username: 'countess' }])).toMatchObject({
      failed: [],
    })
  })

  it('is decided on the changes that the others stored meanwhile', async () => {
    const memory = memoryRepository() as Repository
    const rival = await withPeople(memory)
    let turns = 0
    const commit: Repository['commit'] = async (...given) => {
      if (turns++ >= 6) return memory.commit(...given)
      await rival.accounts.update(ada, 'ada', { city: `turn ${turns}` })
      throw lost()
    }
    const users = createUserCore({ repository: { ...memory, commit } })
    expect((await users.accounts.update(ada, 'ada', { bio: 'at last' })).version).toBe(8)
  })
})

describe('guardsOf', () => {
  const update = (version: number, bio: string): Write => ({
    update: 'profiles',
    set: { bio, version: version + 1 },
    where: { user_id: 1, version },
    guarded: true,
  })
  const message = (id: string): Write => ({ insert: 'outbox', rows: [outboxRow(id, 1)] })
  const user = (username: string): Write => ({ insert: 'users', rows: [{ ...userRow(username), id: 1 }] })
  const rename = (username_key: string): Write => ({ update: 'users', set: { username_key }, where: { id: 1 } })
  const preference = (version: number): Write => ({
    put: 'preferences',
    rows: [{ user_id: 1, key: 'k', value: 'v', version }],
  })
  const link = (key_hash: string): Write => ({
    upsert: 'registrations',
    rows: [{ user_id: 1, key_hash, proof_hash: null, expires_at: null, activated_at: null }],
  })

  it.each([
    ['a version that moved on', update(1, 'a'), update(2, 'a')],
    ['another name', user('ada'), user('bob')],
    ['another name of a person who is there', rename('ada'), rename('bob')],
    ['a preference that has a version by now', preference(1), preference(2)],
    ['another kind of write', { insert: 'profiles', rows: [profileRow(1)] }, update(1, 'a')],
    ['a guard that is gone', update(1, 'a'), { ...update(1, 'a'), guarded: undefined } as unknown as Write],
  ] satisfies [string, Write, Write][])('tells %s', (_, one, two) => {
    expect(guardsOf([one])).not.toBe(guardsOf([two]))
    expect(guardsOf([one])).toBe(guardsOf([structuredClone(one)]))
  })

  it.each([
    ['values that stop nothing', update(1, 'a'), update(1, 'b')],
    ['ids of messages', message('m1'), message('m2')],
    ['hashes of mailed keys', link('one'), link('two')],
  ] satisfies [string, Write, Write][])('passes over %s', (_, one, two) => {
    expect(guardsOf([update(1, 'a'), one])).toBe(guardsOf([update(1, 'a'), two]))
  })

  it('tells people who are required under other names, and other guards beside them', () => {
    const required = (username: string): Write => ({ require: 'users', rows: [{ id: 1, username }] })
    expect(guardsOf([update(1, 'a'), required('ada')])).not.toBe(guardsOf([update(1, 'a'), required('retired')]))
    expect(guardsOf([update(1, 'a'), required('ada')])).toBe(guardsOf([update(1, 'b'), required('ada')]))
    expect(guardsOf([message('m1'), required('ada')])).not.toBe(guardsOf([message('m2'), required('ada')]))
  })

  it('tells keys that are drawn where a unit has no others', () => {
    expect(guardsOf([message('m1')])).not.toBe(guardsOf([message('m2')]))
    expect(guardsOf([message('m1')])).toBe(guardsOf([message('m1')]))
  })
})
