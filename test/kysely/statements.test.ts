import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { kyselyRepository, migrate } from '../../src/kysely/index.ts'
import type { UserId } from '../../src/port/tables.ts'
import { defaultPipeline } from '../../src/retirement/pipeline.ts'
import { system } from '../../src/site/actor.ts'
import { sampleRows } from '../../src/testing/contract/sample-rows.ts'
import { addUser } from '../../src/testing/rows.ts'

const staff = { username: 'eve', staff: true }

/** Makes a user core whose statements are counted. */
async function counted() {
  const statements: string[] = []
  const db = new Kysely<unknown>({
    dialect: new SqliteDialect({ database: new Database(':memory:') }),
    log: (event) => void statements.push(event.query.sql),
  })
  await migrate(db, { dialect: 'sqlite' })
  const repository = kyselyRepository(db, { dialect: 'sqlite' })
  return {
    repository,
    users: createUserCore({ repository }),
    /** Returns the statements of one call, without those that begin and end transactions. */
    async statementsOf(call: () => Promise<unknown>): Promise<string[]> {
      statements.length = 0
      await call()
      return statements.filter((sql) => !/^(begin|commit|rollback)$/.test(sql))
    },
  }
}

describe('the number of statements', () => {
  it('is one for an account as for a thousand, with one text for one name and one for any other number', async () => {
    const { repository, users, statementsOf } = await counted()
    const names = Array.from({ length: 1000 }, (_, index) => `user${index}`)
    for (const name of names) await addUser(repository, name)
    const one = await statementsOf(() => users.accounts.get(staff, 'user0'))
    const many = (count: number) =>
      statementsOf(async () => {
        expect((await users.accounts.getMany(staff, names.slice(0, count))).size).toBe(count)
      })
    const [hundred, thousand] = [await many(100), await many(1000)]
    expect([one.length, hundred.length]).toEqual([1, 1])
    expect(thousand).toEqual(hundred)
    expect(await statementsOf(() => users.accounts.get(staff, 'user1'))).toEqual(one)
  })

  it('is one for a thousand addresses', async () => {
    const { users, statementsOf } = await counted()
    const emails = Array.from({ length: 1000 }, (_, index) => `user${index}@example.com`)
    expect(await statementsOf(() => users.accounts.searchByEmail(staff, emails))).toHaveLength(1)
  })

  it('of an update is one to load, one to save the profile, one per list that changed, and one for the event', async () => {
    const { repository, users, statementsOf } = await counted()
    await addUser(repository, 'ada')
    const ada = { username: 'ada' }
    const update = (patch: object) => statementsOf(() => users.accounts.update(ada, 'ada', patch))
    expect(await update({})).toHaveLength(1)
    expect(await update({ bio: 'x', goals: 'y', city: 'z', country: 'IT' })).toHaveLength(3)
    const lists = {
      language_proficiencies: [{ code: 'en' }, { code: 'fr' }],
      social_links: [{ platform: 'x', social_link: 'a' }],
    }
    expect(await update({ bio: 'y', ...lists })).toHaveLength(5)
    expect(await update({ extended_profile: [{ field_name: 'a', field_value: 1 }] })).toHaveLength(4)
  })

  it('is two more for a call under an idempotency key, and two for each time that it is sent again', async () => {
    const { repository, users, statementsOf } = await counted()
    const ada = { id: await addUser(repository, 'ada') }
    const change = (value: string, options = {}) =>
      [
        () => users.accounts.update(ada, ada, { bio: value }, options),
        () => users.extendedProfile.update(ada, ada, { a: value }, options),
        () => users.preferences.set(ada, ada, 'theme', value, options),
      ] as const
    for (const [index, plain] of change('x').entries()) {
      const without = await statementsOf(plain)
      const under = change('y', { idempotencyKey: `key-${index}` })[index] ?? plain
      expect(await statementsOf(under)).toHaveLength(without.length + 2)
      expect(await statementsOf(under)).toHaveLength(2)
    }
    expect(await statementsOf(() => users.idempotency.expire(system))).toHaveLength(1)
  })

  it('of extended profiles is one to read any number of them, and one per table that a change touches', async () => {
    const { repository, users, statementsOf } = await counted()
    const names = Array.from({ length: 100 }, (_, index) => `user${index}`)
    for (const name of names) await addUser(repository, name)
    const ada = { username: 'user0' }
    expect(await statementsOf(() => users.extendedProfile.getMany(staff, names))).toHaveLength(1)
    expect(await statementsOf(() => users.extendedProfile.update(ada, 'user0', { a: 1, b: 2 }))).toHaveLength(4)
    const operations = [
      { op: 'add', path: '/extended_profile/c', value: 1 },
      { op: 'replace', path: '/bio', value: 'x' },
    ] as const
    expect(await statementsOf(() => users.accounts.patch(ada, 'user0', operations))).toHaveLength(4)
    const system = { system: true } as const
    expect(await statementsOf(() => users.extendedProfile.migrate(system))).toHaveLength(3)
  })

  it('of preferences is one to read them all, and three to change any number of them', async () => {
    const { repository, users, statementsOf } = await counted()
    await addUser(repository, 'ada')
    const ada = { username: 'ada' }
    const patch = (value: (index: number) => string | null) =>
      Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key${index}`, value(index)]))
    const update = (given: Record<string, string | null>) =>
      statementsOf(() => users.preferences.update(ada, 'ada', given))
    expect(await update(patch(String))).toHaveLength(3)
    expect(await update(patch(String))).toHaveLength(1)
    // Some preferences change, some are deleted, some are added.
    const mixed = { ...patch((index) => (index % 2 === 0 ? null : 'new')), fresh: 'x' }
    expect(await update(mixed)).toHaveLength(3)
    expect(await statementsOf(() => users.preferences.getAll(ada, ada))).toHaveLength(1)
  })

  it('of preferences of a thousand people is one, however many keys', async () => {
    const { repository, users, statementsOf } = await counted()
    const names = Array.from({ length: 1000 }, (_, index) => `user${index}`)
    const keys = Array.from({ length: 10 }, (_, index) => `key${index}`)
    for (const name of names) await addUser(repository, name)
    const scope = { org: 'OrgX', courseId: 'course-v1:OrgX+C+R' }
    const statements = await statementsOf(async () => {
      expect((await users.preferences.resolveMany(staff, names, keys, scope)).size).toBe(1000)
    })
    expect(statements).toHaveLength(1)
    expect(await statementsOf(() => users.preferences.getMany(staff, names, keys))).toHaveLength(1)
  })

  it('of a claim is two at first, and one for each further claim that takes retirements', async () => {
    const { repository, users, statementsOf } = await counted()
    await users.retirement.setPipeline(system, defaultPipeline)
    const names = Array.from({ length: 20 }, (_, index) => `user${index}`)
    for (const name of names) {
      const user_id = await addUser(repository, name)
      const state = { current_state: 'PENDING', last_state: 'PENDING' }
      const rows = [{ ...sampleRows(user_id, name).retirements, ...state }]
      expect(await repository.commit([{ insert: 'retirements', rows }])).toBe(true)
    }
    const claim = (count: number) =>
      statementsOf(async () => {
        expect(await users.retirement.claim(system, { limit: 10 })).toHaveLength(count)
      })
    expect([await claim(10), await claim(10), await claim(0)].map(({ length }) => length)).toEqual([2, 1, 2])
  })

  it('of course tags and opt-ins is one to read them, and three at most to change one', async () => {
    const { repository, users, statementsOf } = await counted()
    const id = await addUser(repository, 'ada')
    const ada = { id }
    const course = 'course-v1:OrgX+C+R'
    for (const actor of [ada, staff]) {
      expect(await statementsOf(() => users.courseTags.get(actor, { id }, course, 'seen'))).toHaveLength(1)
      expect(await statementsOf(() => users.courseTags.getAll(actor, { id }, course))).toHaveLength(1)
      expect(await statementsOf(() => users.emailOptIns.get(actor, { id }, 'OrgX'))).toHaveLength(1)
    }
    // A person who is named in another way than the actor is found by one more.
    expect(await statementsOf(() => users.courseTags.get(ada, 'ada', course, 'seen'))).toHaveLength(2)
    expect(await statementsOf(() => users.courseTags.set(ada, ada, course, 'seen', 'yes'))).toHaveLength(3)
    expect(await statementsOf(() => users.courseTags.set(ada, ada, course, 'seen', 'yes'))).toHaveLength(1)
  })

  it('of an opt-out of a thousand people is the same as of one', async () => {
    const { repository, users, statementsOf } = await counted()
    const ids: UserId[] = []
    for (let index = 0; index < 1000; index++) ids.push(await addUser(repository, `user${index}`))
    const rows = (count: number) => ids.slice(0, count).map((id) => ({ whom: { id }, org: 'OrgX' }))
    const one = await statementsOf(() => users.emailOptIns.optOutMany(staff, rows(1), { dryRun: true }))
    const thousand = await statementsOf(() => users.emailOptIns.optOutMany(staff, rows(1000), { dryRun: true }))
    expect([one.length, thousand.length]).toEqual([2, 2])
  })

  it('of a write alone needs no transaction', async () => {
    const statements: string[] = []
    const db = new Kysely<unknown>({
      dialect: new SqliteDialect({ database: new Database(':memory:') }),
      log: (event) => void statements.push(event.query.sql),
    })
    await migrate(db, { dialect: 'sqlite' })
    const repository = kyselyRepository(db, { dialect: 'sqlite' })
    await addUser(repository, 'ada')
    statements.length = 0
    await repository.commit([{ update: 'profiles', set: { bio: 'x' }, where: { user_id: 1 }, guarded: true }])
    expect(statements).toHaveLength(1)
  })
})
