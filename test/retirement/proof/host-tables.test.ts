import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { system, type UserCore } from '../../../src/index.ts'
import { kyselyPersonalData, kyselyRepository } from '../../../src/kysely/index.ts'
import { memoryPersonalData, memoryRepository } from '../../../src/memory/index.ts'
import { meaningOf } from '../../../src/port/personal-data.ts'
import type { PersonalDataStore, SourceRow } from '../../../src/port/personal-data-store.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { isPersonal, type Meaning, type UserId } from '../../../src/port/tables.ts'
import { createHostSchema, hostSources } from '../../personal-data/host-schema.ts'
import { clearRows, type Planted, plantRows, rowsOf } from '../../personal-data/plant-rows.ts'
import { pipeline } from '../../personal-data/site.ts'
import { databases, optionsOf, type TestDatabase } from '../../stores/databases.ts'
import { openEdxDatabases } from '../../stores/open-edx.ts'
import { drain } from '../../support/host.ts'
import { days, openSite } from '../site.ts'

/** A host with its eight tables, on some store. */
interface Host {
  readonly repository: Repository
  readonly store: PersonalDataStore
  plant(rows: Planted): Promise<void>
  /** Removes the rows of people from the one table that the host erases itself. */
  forgetViews(ids: readonly UserId[]): Promise<void>
  /** Removes the rows of its tables. */
  clearTables(): Promise<void>
  /** Removes these, and all people. */
  clear(): Promise<void>
  close(): Promise<void>
}

async function memoryHost(): Promise<Host> {
  const tables: Record<string, SourceRow[]> = Object.fromEntries(hostSources.map(({ table }) => [table, []]))
  let repository = memoryRepository() as Repository
  const clearTables = async () => {
    for (const rows of Object.values(tables)) rows.length = 0
  }
  return {
    get repository() {
      return repository
    },
    store: memoryPersonalData({ sources: hostSources, tables }) as PersonalDataStore,
    async plant(rows) {
      for (const [table, planted] of Object.entries(rows)) tables[table]?.push(...structuredClone(planted))
    },
    async forgetViews(ids) {
      const left = tables.page_views?.filter(({ user_id }) => !ids.includes(user_id as UserId)) ?? []
      tables.page_views?.splice(0, Number.POSITIVE_INFINITY, ...left)
    },
    clearTables,
    async clear() {
      repository = memoryRepository() as Repository
      await clearTables()
    },
    close: async () => {},
  }
}

async function databaseHost(create: () => Promise<TestDatabase>): Promise<Host> {
  const database = await create()
  const db: Kysely<unknown> = database.connect()
  const options = optionsOf(database)
  const people = database.tables === undefined ? undefined : { table: 'auth_user', idType: 'int' }
  await createHostSchema(db, database.dialect, people)
  return {
    repository: kyselyRepository(db, options) as Repository,
    store: kyselyPersonalData(db, { ...options, sources: hostSources }) as PersonalDataStore,
    plant: (rows) => plantRows(db, database.dialect, rows),
    async forgetViews(ids) {
      if (ids.length > 0) await sql`delete from page_views where user_id in (${sql.join([...ids])})`.execute(db)
    },
    clearTables: () => clearRows(db),
    async clear() {
      await clearRows(db)
      await database.clean()
    },
    close: () => database.close(),
  }
}

const { 'node-sqlite': _, ...each } = databases
const hosts: Readonly<Record<string, () => Promise<Host>>> = {
  memory: memoryHost,
  ...Object.fromEntries(
    Object.entries({ ...each, ...openEdxDatabases }).map(([name, create]) => [name, () => databaseHost(create)]),
  ),
}

/** Retires people step by step, up to the end. */
async function retireAll(host: Host, { users, clock }: Awaited<ReturnType<typeof openSite>>, ids: readonly UserId[]) {
  await users.retirement.setPipeline(system, pipeline)
  await users.retirement.requestMany(
    system,
    ids.map((id) => ({ id })),
  )
  clock.advance(days(30))
  await drain(users)
  await host.forgetViews(ids)
  for (const id of ids) {
    for (const { state_name, kind, action } of pipeline.states) {
      if (kind === 'start' || kind === 'end') continue
      await users.retirement.move(system, { id }, { state: state_name })
      if (action !== null) await users.retirement.runStep(system, { id }, action)
    }
    await users.retirement.move(system, { id }, { state: 'COMPLETE' })
  }
}

async function idsOf(users: UserCore<unknown>, names: readonly string[]): Promise<UserId[]> {
  const ids = names.map(async (username) => (await users.accounts.me({ username })).id as UserId)
  return Promise.all(ids)
}

/** A column of a source in which a copy of a name can be. */
interface Place {
  readonly source: string
  readonly table: string
  readonly column: string
  readonly meaning: Meaning
  readonly isKept: boolean
}

const places: readonly Place[] = hostSources.flatMap(({ source, table, columns }) =>
  Object.entries(columns).flatMap(([column, declared]) => {
    const meaning = meaningOf(declared)
    // Moments, numbers and ids hold no name.
    const isText = (isPersonal(meaning) || meaning === 'others') && !/_at$|_id$|^points$/.test(column)
    return isText ? [{ source, table, column, meaning, isKept: typeof declared !== 'string' }] : []
  }),
)

/** Returns rows of one person in each table, of which one column of one has a copy of the name of ada. */
function copyIn({ source, table, column, meaning }: Place, [owner, other]: [UserId, UserId], isOwn: boolean): Planted {
  const copy = column === 'content' ? { items: ['for ADA'] } : meaning === 'identifier' ? 'Ada' : 'for ADA'
  // A subscription belongs to the person who has its address.
  const address = source === 'subscriptions' && isOwn ? { email: 'ada@example.com' } : {}
  const rows = Object.entries(rowsOf(owner, other, 1, 'zzz')).map(([name, [row = {}]]) => {
    return [name, [name === table ? { ...row, ...address, [column]: copy } : row]] as const
  })
  return Object.fromEntries(rows)
}

/** Tells whether a verification has to find a copy. What is kept on a ground, or is about others, is no trace. */
function isSought({ meaning, isKept }: Place, isOwn: boolean, isDeep: boolean): boolean {
  if (isKept || meaning === 'others') return false
  return isOwn || meaning === 'identifier' || (meaning === 'free_text' && isDeep)
}

/** Names of people of which no two have a word in common. */
const names = Array.from({ length: 200 }, (_, index) => {
  const letters = [Math.floor(index / 20), index % 20].map((digit) => String.fromCharCode(97 + digit)).join('')
  return `zo${letters}`
})

describe.each(Object.entries(hosts))('a verification with tables of the host on %s', (_, open) => {
  let host: Host
  beforeAll(async () => {
    host = await open()
  }, 120_000)
  afterAll(() => host.close())
  beforeEach(() => host.clear())
  afterEach(() => host.clear())

  it('finds a copy in each column of each source, where the erasure has to leave none', async () => {
    const site = await openSite(host.repository, ['ada', 'bob'], { personalData: host.store })
    const [ada = 0, bob = 0] = await idsOf(site.users, ['ada', 'bob'])
    await host.plant(rowsOf(ada, bob, 1, 'ada'))
    await retireAll(host, site, [ada])
    const verify = (deep: boolean) => site.users.retirement.verify(system, { id: ada }, { deep })
    const clean = await verify(true)
    expect(clean).toMatchObject({ passed: true, traces: [] })
    expect(clean.notLookedAt).toContainEqual({ source: 'orders', column: 'recipient', why: 'tax law' })
    expect(clean.notLookedAt.map(({ source, column }) => `${source}.${column}`)).toContain('letters.answer')
    await host.clearTables()
    for (const place of places) {
      for (const isOwn of [true, false]) {
        await host.plant(copyIn(place, isOwn ? [ada, bob] : [bob, ada], isOwn))
        for (const deep of [false, true]) {
          const { traces } = await verify(deep)
          const found = traces.some(({ source, column }) => source === place.source && column === place.column)
          const name = `${place.source}.${place.column} of ${isOwn ? 'ada' : 'bob'}${deep ? ', deep' : ''}`
          expect.soft(found, name).toBe(isSought(place, isOwn, deep))
        }
        await host.clearTables()
      }
    }
  }, 120_000)

  it('finds none of the people who were erased, and all of the others', async () => {
    const site = await openSite(host.repository, names, { personalData: host.store })
    const ids = await idsOf(site.users, names)
    for (const [index, id] of ids.entries()) {
      await host.plant(rowsOf(id, ids[(index + 1) % ids.length] ?? id, 10 * index + 1, names[index] ?? ''))
    }
    const [erased = []] = fc.sample(fc.subarray(ids, { minLength: 10, maxLength: 15 }), 1)
    await retireAll(host, site, erased)
    const others = ids.filter((id) => !erased.includes(id))
    await site.users.retirement.requestMany(
      system,
      others.map((id) => ({ id })),
    )
    await drain(site.users)
    const found: UserId[] = []
    for (const [index, id] of ids.entries()) {
      // A deep verification finds all that another one does, in more time.
      const deep = erased.includes(id) || index % 10 === 0
      const { passed, traces } = await site.users.retirement.verify(system, { id }, { deep })
      if (!passed) found.push(id)
      if (!passed) expect(new Set(traces.map(({ source }) => source))).toContain('support_notes')
    }
    expect(found).toEqual(others)
  }, 300_000)
})
