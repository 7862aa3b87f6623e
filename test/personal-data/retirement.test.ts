import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { definePipeline, isUserCoreError, type RetirementPlan, system } from '../../src/index.ts'
import { chunkRows } from '../../src/port/personal-data-store.ts'
import { planFrame } from '../../src/retirement/retirement-plan.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'
import { spelled } from '../support/spelled.ts'
import { createHostSchema, hostSources } from './host-schema.ts'
import { clearRows, plantRows, rowsOf } from './plant-rows.ts'
import { type HostSite, openHostSite, pipeline, retireAda } from './site.ts'

const { 'node-sqlite': _, ...each } = databases

const accountAlone = [{ step: 'account', working: 'RETIRING_LMS', done: 'LMS_COMPLETE', action: 'account' }] as const

describe.each(Object.entries(each))('a retirement with tables of the host on %s', (_, create) => {
  let database: TestDatabase
  let db: Kysely<unknown>
  let site: HostSite
  beforeAll(async () => {
    database = await create()
    db = database.connect()
    await createHostSchema(db, database.dialect)
  }, 120_000)
  afterAll(() => database.close())
  beforeEach(async () => {
    site = await openHostSite(database, db, hostSources)
    const { ada, bob } = site
    await plantRows(db, database.dialect, rowsOf(ada, bob, 1, 'ada'))
    await plantRows(db, database.dialect, rowsOf(bob, ada, 11, 'bob'))
  })
  afterEach(async () => {
    await clearRows(db)
    await database.clean()
  })

  const all = async (table: string) => (await sql<object>`select * from ${sql.id(table)}`.execute(db)).rows
  const rowsIn = ({ sources }: RetirementPlan) =>
    Object.fromEntries(sources.filter(({ rows }) => rows > 0).map(({ source, rows }) => [source, rows]))

  it('is planned with its steps, rows, treatments, grounds and foreign keys', async () => {
    const { users, ada } = site
    const plan = await users.retirement.plan({ id: ada }, { id: ada })
    expect(plan.user_id).toEqual(ada)
    expect(plan.steps).toEqual([
      { step: 'analytics', by: 'host', action: null },
      { step: 'sources', by: 'library', action: 'sources' },
      { step: 'account', by: 'library', action: 'account' },
      { step: 'partnerReports.finish', by: 'library', action: null },
      { step: 'cleanUp', by: 'library', action: null },
    ])
    expect(rowsIn(plan)).toEqual({
      usercore_users: 1,
      usercore_profiles: 1,
      orders: 2,
      order_lines: 6,
      subscriptions: 1,
      letters: 1,
      carts: 1,
      support_notes: 1,
      loyalty_cards: 2,
      page_views: 1,
    })
    const host = plan.sources.filter(({ source }) => !source.startsWith('usercore_'))
    // Rows come before those by which they belong to a person.
    expect(host[0]?.source).toBe('order_lines')
    expect(host.map(({ source, step }) => `${source} ${step}`)).toContain('page_views analytics')
    expect(host.find(({ source }) => source === 'orders')).toEqual({
      source: 'orders',
      table: 'orders',
      rows: 2,
      erase: 'columns',
      step: 'sources',
      why: null,
      overwritten: ['phone'],
      retained: [
        { column: 'recipient', why: 'tax law', days: 3650, since: 'ordered_at', until: '2034-06-13T12:00:00.000000Z' },
      ],
    })
    expect(plan.sources.find(({ source }) => source === 'usercore_users')?.step).toBe('account')
    expect(plan.sources.find(({ source }) => source === 'usercore_retirements')?.step).toBe('cleanUp')
    expect(plan.sources.find(({ source }) => source === 'usercore_partner_reports')?.step).toBe('partnerReports.finish')
    expect(plan.references).toEqual([])
  })

  it('shows the foreign keys by which deleting rows reaches others', async () => {
    await db.schema
      .createTable('line_reviews')
      .addColumn('id', 'bigint')
      .addColumn('order_id', 'bigint')
      .addColumn('line', 'bigint')
      .addForeignKeyConstraint('of_line', ['order_id', 'line'], 'order_lines', ['order_id', 'line'], (key) =>
        key.onDelete('cascade'),
      )
      .execute()
    try {
      const { references, hash } = await site.users.retirement.plan(system, 'ada')
      expect(references).toEqual([
        { source: 'order_lines', table: 'line_reviews', columns: ['order_id', 'line'], on_delete: 'cascade' },
      ])
      await db.schema.dropTable('line_reviews').execute()
      expect((await site.users.retirement.plan(system, 'ada')).hash).not.toBe(hash)
    } finally {
      await db.schema.dropTable('line_reviews').ifExists().execute()
    }
  })

  it.each([
    ['its own step', pipeline, 'sources'],
    ['the step account, where the pipeline has no other', definePipeline(accountAlone), 'account'],
  ] as const)('is erased by the worker chunk by chunk, in %s', async (_name, states, step) => {
    const { ada, bob, repository } = site
    const notes = Array.from({ length: chunkRows + 1 }, (_, index) => ({ ...rowsOf(ada, bob, 100 + index, 'ada') }))
    await plantRows(db, database.dialect, { support_notes: notes.flatMap((rows) => rows.support_notes ?? []) })
    const users = site.another({
      settings: { outbox_patience_hours: 0 },
      steps: {
        async analytics({ user_id }) {
          await sql`delete from page_views where user_id = ${user_id}`.execute(db)
          return { outcome: 'done' }
        },
      },
    })
    // The pipeline that has the step `account` alone leaves page views to no step.
    if (step === 'account') await sql`delete from page_views where user_id = ${ada}`.execute(db)
    await users.retirement.setPipeline(system, states)
    const plan = await users.retirement.plan(system, 'ada')
    expect(plan.sources.find(({ source }) => source === 'support_notes')?.step).toBe(step)
    await users.retirement.request(system, 'ada')
    site.clock.advance(30 * 86_400_000)
    const bobs = rowsIn(await users.retirement.plan(system, 'bob'))
    const told: string[] = []
    await users.retirement.work(system, {
      idle: 'return',
      onProgress: (one) => void told.push('state' in one ? one.state : one.status),
    })
    expect(told.at(-1)).toBe('COMPLETE')
    // A piece for each source of the host, and one more for the second chunk of the notes.
    const working = states.states.find((state) => state.action === step)?.state_name
    expect(told.filter((state) => state === working).length).toBeGreaterThan(hostSources.length - 2)
    expect((await all('support_notes')).filter((row) => spelled('ada').test(JSON.stringify(row)))).toEqual([])
    expect((await all('carts')).length).toBe(1)
    expect(rowsIn(await users.retirement.plan(system, 'bob'))).toEqual(bobs)
    expect(await repository.select('retirement_step_results', { user_id: ada, step })).toMatchObject([
      { outcome: 'done' },
    ])
  })

  it('comes to its end once no trace is left, and its receipt tells what was looked at', async () => {
    const { ada, clock } = site
    const steps = { analytics: async () => ({ outcome: 'done' }) as const }
    const settings = { outbox_patience_hours: 0, settle_minutes: 0 }
    const { retirement } = site.another({ settings, steps })
    await retirement.request(system, 'ada')
    clock.advance(30 * 86_400_000)
    // The step `analytics` has left the page views.
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ stopped: 1, complete: 0 })
    const stopped = { status: 'stopped', why: 'blocked', code: 'traces_left' }
    expect(await retirement.advance(system, { id: ada })).toEqual(stopped)
    expect((await retirement.verify(system, { id: ada })).traces).toEqual([
      { source: 'page_views', column: 'path', rows: 1 },
    ])
    expect(await retirement.claim(system)).toEqual([])
    expect(await retirement.reopen(system, [{ id: ada }])).toMatchObject({ failed: [] })
    expect(await retirement.advance(system, { id: ada })).toEqual(stopped)
    await sql`delete from page_views where user_id = ${ada}`.execute(db)
    await retirement.reopen(system, [{ id: ada }])
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
    await retirement.cleanUp(system, [{ id: ada }])
    const [receipt] = await retirement.receiptsOf(system, { id: ada })
    expect(receipt?.body).toMatchObject({ looked_at: { columns: expect.any(Number), rows: expect.any(Number) } })
  })

  it('comes to its end with traces where the site does not verify', async () => {
    const steps = { analytics: async () => ({ outcome: 'done' }) as const }
    const { retirement } = site.another({ settings: { outbox_patience_hours: 0, verify: 'off' }, steps })
    await retirement.request(system, 'ada')
    site.clock.advance(30 * 86_400_000)
    expect(await retirement.work(system, { idle: 'return' })).toMatchObject({ complete: 1 })
  })

  it('erases as many rows as the plan says, as it says, and no row of others', async () => {
    const { users, store, ada, bob } = site
    const plan = await users.retirement.plan(system, 'ada')
    const bobs = await users.retirement.plan(system, 'bob')
    const before = Object.fromEntries(
      await Promise.all(hostSources.map(async ({ table }) => [table, await all(table)])),
    )
    await retireAda(site)
    const names = { user_id: ada, usernames: ['ada'], emails: ['ada@example.com'] }
    for (const { source, table, erase, rows } of plan.sources.filter(({ source }) => !source.startsWith('usercore_'))) {
      const left = await store.count(source, names)
      const gone = (before[table]?.length ?? 0) - (await all(table)).length
      expect.soft([source, gone], source).toEqual([source, erase === 'rows' ? rows : 0])
      // Orders stay, and lines of them are gone; addresses are gone with their rows.
      if (erase !== 'rows') expect.soft(left.rows, source).toBe(rows)
    }
    const orders = await store.read('orders', names, { limit: 10 })
    expect(orders.rows.map(({ phone, recipient }) => [phone, recipient])).toEqual([
      [null, 'ada recipient'],
      [null, 'ada recipient'],
    ])
    expect((await store.read('letters', names, { limit: 10 })).rows[0]).toMatchObject({
      body: '',
      answer: 'answer to 1',
      recipient_id: bob,
    })
    expect((await store.read('support_notes', names, { limit: 10 })).rows[0]?.note).toBe('')
    expect(rowsIn(await users.retirement.plan(system, 'bob'))).toEqual(rowsIn(bobs))
    const own = rowsIn(await users.retirement.plan(system, { id: ada }))
    expect(own).toMatchObject({ usercore_users: 1, usercore_profiles: 1, usercore_retirements: 1 })
    // Bytes of the person are nowhere but where a ground keeps them, and in the table that the host erases itself.
    for (const { table } of hostSources) {
      const text = JSON.stringify((await all(table)).filter((row) => spelled('ada').test(JSON.stringify(row))))
      expect.soft(text === '[]', `${table}: ${text}`).toBe(!['orders', 'page_views'].includes(table))
    }
  })

  it('is refused once the plan is another one', async () => {
    const { users, ada, clock } = site
    const { hash } = await users.retirement.plan(system, 'ada')
    expect((await users.retirement.plan(system, 'bob')).hash).toBe(hash)
    await expect(users.retirement.request(system, 'ada', { plan: 'x' })).rejects.toMatchObject({
      code: 'retirement_state_error',
      params: { reason: 'plan_changed' },
    })
    await users.retirement.request(system, 'ada', { plan: hash })
    clock.advance(30 * 86_400_000)
    const refused = (error: unknown) => isUserCoreError(error, 'retirement_state_error') && error.params.reason
    expect(await users.retirement.claim(system, { plan: 'x' }).catch(refused)).toBe('plan_changed')
    const [claim] = await users.retirement.claim(system, { plan: hash })
    if (claim === undefined) throw new Error('nothing was claimed')
    await users.retirement.move(system, claim, { state: 'ERASING_SOURCES' })
    expect(await users.retirement.runStep(system, claim, 'sources', { plan: 'x' }).catch(refused)).toBe('plan_changed')
    await users.retirement.runStep(system, claim, 'sources', { plan: hash })
    await users.retirement.runStep(system, { id: ada }, 'sources').catch((error: unknown) => {
      expect(isUserCoreError(error, 'conflict')).toBe(true)
    })
  })
})

it('a plan changes with the pipeline, the registry and the foreign keys, and not with the order of these', () => {
  const reference = { source: 'carts', table: 'vouchers', columns: ['user_id'], on_delete: 'stop' } as const
  const other = { ...reference, table: 'wishes' }
  const hashOf = (...frame: Parameters<typeof planFrame>) => planFrame(...frame).hash
  const hash = hashOf(pipeline.states, hostSources, [reference, other])
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  expect(hashOf(pipeline.states, hostSources, [other, reference])).toBe(hash)
  expect(hashOf(pipeline.states.slice(2), hostSources, [reference, other])).not.toBe(hash)
  expect(hashOf(pipeline.states, hostSources.slice(1), [reference, other])).not.toBe(hash)
  expect(hashOf(pipeline.states, hostSources, [reference])).not.toBe(hash)
  expect(hashOf(pipeline.states, hostSources, [{ ...reference, on_delete: 'cascade' }, other])).not.toBe(hash)
})
