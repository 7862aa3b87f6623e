import { describe, expect, it, onTestFinished } from 'vitest'
import { createUserCore } from '../src/create-user-core.ts'
import { kyselyRepository } from '../src/kysely/index.ts'
import { memoryRepository } from '../src/memory/index.ts'
import type { Repository } from '../src/port/repository.ts'
import { startState } from '../src/port/retirement-record.ts'
import { cursorOf } from '../src/runtime/pages.ts'
import { system } from '../src/site/actor.ts'
import { sampleRows } from '../src/testing/contract/sample-rows.ts'
import { sqliteDatabase } from './stores/databases.ts'

const ids = ['9007199254740993', '9007199254740995', '9223372036854775807']

/** People whose ids no number holds exactly, each with a row for every list. */
async function openGreat(repository: Repository) {
  const users = createUserCore({ repository })
  await users.retirement.setPipeline(system)
  for (const [index, id] of ids.entries()) {
    const rows = sampleRows(id, `user${index}`)
    const retirement = { ...rows.retirements, current_state: startState, last_state: startState }
    await repository.commit([
      { insert: 'users', rows: [rows.users] },
      { insert: 'retirements', rows: [retirement] },
      { insert: 'retirement_requests', rows: [{ ...rows.retirement_requests, is_started: true }] },
      { insert: 'preferences', rows: [rows.preferences] },
      { insert: 'extended_profiles', rows: [{ ...rows.extended_profiles, document: '{' }] },
    ])
  }
  return users
}

/** The items of every page, each asked for with what the page before gave out. */
async function allOf<Item, Cursor>(
  page: (after: Cursor | undefined) => Promise<{ readonly items: readonly Item[]; readonly next?: Cursor }>,
): Promise<Item[]> {
  const { items, next } = await page(undefined)
  const all = [...items]
  for (let after = next; after !== undefined; ) {
    const more = await page(after)
    all.push(...more.items)
    after = more.next
  }
  return all
}

const stores: readonly (readonly [string, () => Promise<Repository>])[] = [
  ['memory', async () => memoryRepository() as Repository],
  [
    'SQLite',
    async () => {
      const database = await sqliteDatabase()
      onTestFinished(() => database.close())
      return kyselyRepository(database.connect(), { dialect: 'sqlite' }) as Repository
    },
  ],
]

describe.each(stores)('ids that are given out as text (%s)', (_, open) => {
  it('are taken back: by look-ups, by every cursor, and in lists', async () => {
    const store = await open()
    const users = await openGreat(store)
    const limit = 1
    const behind = <Cursor>(after: Cursor | undefined) => (after === undefined ? { limit } : { limit, after })

    const filter = { coolOffDays: 0, states: [startState] }
    const retirements = await allOf<{ user: { id: unknown } }, string>((after) =>
      users.retirement.list(system, { ...filter, ...behind(after) }),
    )
    expect(retirements.map(({ user }) => user.id)).toEqual(ids)
    expect(await allOf<unknown, string>((after) => users.retirement.retiredUsers(system, behind(after)))).toEqual(ids)
    const items = await allOf<unknown, string>((after) => users.preferences.list(system, behind(after)))
    expect(items).toHaveLength(3)
    for (const id of ids) {
      expect(await users.accounts.get(system, { id })).toBeDefined()
      const counts = await users.emailOptIns.optOutMany(system, [{ whom: { id }, org: 'OrgX' }], { dryRun: true })
      expect(counts).toMatchObject({ optedOut: 1, unknown: 0 })
    }
    // Those who are being retired are passed over.
    await store.commit([{ update: 'retirement_requests', set: { is_started: false }, where: { user_id: ids } }])
    const unsealed = createUserCore({ repository: store, settings: { writes_during_cool_off: 'all' } })
    for (const id of ids) {
      const rest = await unsealed.extendedProfile.migrate(system, { dryRun: true, after: cursorOf([id]) })
      expect(rest.seen).toBe(ids.length - 1 - ids.indexOf(id))
    }
  })
})
