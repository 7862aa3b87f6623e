import type { Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { AccountPage } from '../../src/port/account-page.ts'
import type { Repository } from '../../src/port/repository.ts'
import type { TableName } from '../../src/port/tables.ts'
import type { Write } from '../../src/port/write.ts'
import { sampleRows } from '../../src/testing/contract/sample-rows.ts'
import { seedMessages, seedPeople, seedRetirements, seedUsers } from '../bench/seed.ts'
import { openSite } from '../retirement/site.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'
import { operationsOf } from '../support/operations.ts'
import { indexesOf, type Sent, scannedBy } from './plans.ts'

const people = 3000
const moment = '2026-06-15T12:00:00.000000Z'
const later = '2026-07-15T12:00:00.000000Z'
const rareMoment = '2026-07-14T12:00:00.000000Z'

/** Statements that may read a whole table, and why. */
const allowed: readonly (readonly [statement: RegExp, reason: string])[] = [
  [/from ["`]usercore_retirement_states["`]/, 'a site has a handful of states, and all of them are asked for'],
  [
    /count\(\*\) from ["`]usercore_outbox["`] as entry\) as messages/,
    'the numbers of the outbox: all its messages are counted, in the smallest index',
  ],
  [/group by entry\.current_state, work\.stopped/, 'the numbers of retirements: all of them are counted, by state'],
  [/from ["`]usercore_partner_reports["`]/, 'it holds only reports that partners have not confirmed yet'],
]

/** Fills a database, and records every statement that the hot reads and every operation send. */
async function openRecorded(database: TestDatabase) {
  const sent = new Map<string, Sent>()
  const db = database.connect({
    log: ({ query: { sql: text, parameters } }) => {
      if (/^\s*(select|with|update|delete|insert)\b/i.test(text)) sent.set(text, { text, parameters })
    },
  })
  const repository = kyselyRepository(db, { dialect: database.dialect }) as Repository
  const place = { dialect: database.dialect === 'pglite' ? ('postgres' as const) : database.dialect }
  await seedPeople(db, place, people)
  const { users } = await openSite(repository)
  await repository.commit(fewRows())
  // After the ids of the people of the site. Databases read a short queue whole.
  await seedUsers(db, place, people + 100, 9000)
  await seedRetirements(db, place, people + 100, 9000)
  await repository.commit(rareRows())
  await seedMessages(db, place, 0, 2000)
  sent.clear()
  await readHot(repository)
  const hot = [...sent.values()]
  for (const { sample, call } of operationsOf(users)) await call(users, sample).catch(() => {})
  const all = [...sent.values()]
  const listed: [index: string, sent: Sent][] = []
  for (const [index, list] of Object.entries(lists)) {
    for (const descending of [false, true]) {
      for (const after of [{}, { after: { id: 1000, value: placeOf(list.order) } }]) {
        sent.clear()
        await repository.pageAccounts({ ...list, descending, limit: 5, ...after })
        listed.push(...[...sent.values()].map((statement) => [index.trim(), statement] as [string, Sent]))
      }
    }
  }
  return { db, hot, all, listed }
}

/** Returns rows of tables in which few people have one: the plans of empty tables say nothing. */
function fewRows(): Write[] {
  const ids = Array.from({ length: 500 }, (_, index) => index + 1)
  const rowsOf = (id: number) => sampleRows(id, `user${id}`)
  return tablesOfFew.map((table) => ({ insert: table, rows: ids.map((id) => rowsOf(id)[table]) }) as Write)
}

/** Returns changes by which a few people differ from all others. */
function rareRows(): Write[] {
  const ids = Array.from({ length: 20 }, (_, index) => 1000 + index * 100)
  const rows = ids.map((user_id) => ({ user_id, field: 'extended_profile.team', value: '"red"' }))
  return [
    { update: 'users', set: { is_active: false, date_joined: rareMoment }, where: { id: ids } },
    { update: 'profiles', set: { country: 'FR' }, where: { user_id: ids } },
    { insert: 'search_values', rows },
  ]
}

/** The lists of a single filter, each with the index that has its people in their order. */
const lists: Readonly<Record<string, Pick<AccountPage, 'where' | 'order'>>> = {
  username_key: { where: { username: 'user15' }, order: 'username' },
  email_key: { where: { email: 'user15' }, order: 'email' },
  search_values_list: { where: { name: 'name 15' }, order: 'name' },
  users_date_joined: { where: { joined_from: rareMoment, joined_before: later }, order: 'date_joined' },
  users_is_active: { where: { is_active: false }, order: 'id' },
  profiles_country: { where: { country: 'FR' }, order: 'id' },
  'search_values_list ': { where: { values: [{ field: 'extended_profile.team', value: '"red"' }] }, order: 'id' },
}

const tablesOfFew = [
  'account_recoveries',
  'account_history',
  'course_tags',
  'deactivations',
  'extended_profile_history',
  'former_usernames',
  'idempotency_keys',
  'pending_email_changes',
  'pending_name_changes',
  'profile_images',
  'registrations',
  'request_guards',
  'retirement_requests',
  'retirement_holds',
  'retirement_receipts',
  'retirement_step_results',
  'retirement_work',
  'retired_identifiers',
] as const satisfies readonly TableName[]

/** Runs the reads and the writes of the repository that requests wait for. */
async function readHot(repository: Repository): Promise<void> {
  const names = Array.from({ length: 10 }, (_, index) => `user${index + 1}`)
  const emails = names.map((name) => `${name}@example.com`)
  for (const count of [1, 10]) {
    const selectors = [
      { ids: names.slice(0, count).map((_, index) => index + 1) },
      { username_keys: names.slice(0, count) },
      { email_keys: emails.slice(0, count) },
    ]
    for (const by of selectors) {
      expect(await repository.findAccounts(by)).toHaveLength(count)
      await repository.findPreferences({ by })
      await repository.findPreferences({ by, keys: [], deactivations: true })
      await repository.findPreferences({ by, keys: ['theme', 'font'], org: 'OrgX', course_id: 'c' })
    }
    const ids = names.slice(0, count).map((_, index) => index + 1)
    for (const orgs of [['OrgX'], ['OrgX', 'orgx']]) await repository.findOrgTags({ ids, orgs, key: 'email-optin' })
    await repository.findClaims({ username_keys: names.slice(0, count), email_keys: emails.slice(0, count) })
  }
  await readLists(repository)
  for (const after of [{}, { after: 100 }]) {
    await repository.pageUsers('preferences', { key: 'theme' }, { limit: 10, ...after })
    await repository.pageUsers('preferences', {}, { limit: 10, ...after })
    await repository.pageUsers('extended_profiles', {}, { limit: 10, ...after })
    await repository.pageUsers('retirement_requests', { is_started: true }, { limit: 10, ...after })
  }
  const page = { states: ['PENDING', 'RETIRING_FORUMS'], before: later, limit: 10 }
  await repository.pageRetirements({ ...page, states: ['PENDING'] })
  await repository.pageRetirements(page)
  await repository.pageRetirements({ ...page, from: moment, after: { created_at: moment, user_id: 100 } })
  await repository.leaseOutbox({ now: moment, leased_until: later, lease: 'l', limit: 10 })
  const lease = { now: moment, leased_until: later, lease: 'l', before: later, limit: 10 }
  await repository.leaseRetirements({ ...lease, idle: ['PENDING'], working: ['RETIRING_FORUMS'] })
  const pipeline = await repository.select('retirement_states', {})
  const open = { idle: ['PENDING', 'FORUMS_COMPLETE'], working: ['RETIRING_FORUMS'] }
  await repository.leaseRetirements({ ...lease, ...open })
  await repository.leaseRetirements({ ...lease, ...open, pipeline })
  await repository.select('idempotency_keys', { key_hash: 'hash of user100' })
  await repository.expiredKeys({ now: moment, limit: 10 })
  const where = { user_id: 1, version: 1 }
  await repository.commit([
    { update: 'profiles', set: { bio: 'x', version: 2 }, where, guarded: true },
    { delete: 'language_proficiencies', where: { user_id: 1, code: ['it'] } },
    { insert: 'language_proficiencies', rows: [{ user_id: 1, code: 'de' }] },
    { put: 'preferences', rows: [{ user_id: 1, key: 'theme', value: 'x', version: 2 }] },
  ])
  await repository.commit([{ update: 'retirements', set: { lease: 'l', version: 2 }, where, guarded: true }])
  await repository.commit([{ update: 'users', set: { is_active: false }, where: { id: 1 }, guarded: true }])
  const login = { id: 1, email: 'user1@example.com', last_login: { before: later } }
  await repository.commit([{ update: 'users', set: { last_login: later }, where: login }])
  await repository.select('deactivations', { user_id: 1 })
  await repository.commit([{ delete: 'outbox', where: { id: 'm10000001', lease: 'l' } }])
}

function placeOf(order: AccountPage['order']): string {
  if (order === 'date_joined') return rareMoment
  return order === 'id' ? '' : order === 'name' ? 'name 151' : 'user151'
}

/** Reads the first and the second page of every list that `accounts.list` can ask for. */
async function readLists(repository: Repository): Promise<void> {
  const values = [{ field: 'extended_profile.team', value: '"red"' }]
  const lists: readonly Pick<AccountPage, 'where' | 'order'>[] = [
    ...(['id', 'username', 'email', 'date_joined'] as const).map((order) => ({ where: {}, order })),
    { where: { username: 'user1' }, order: 'username' },
    { where: { email: 'user1' }, order: 'email' },
    { where: { name: 'name 1' }, order: 'name' },
    { where: { username: 'user1', email: 'user1', name: 'name 1' }, order: 'name' },
    { where: { joined_from: moment, joined_before: later }, order: 'date_joined' },
    ...[
      { is_active: true },
      { is_active: false },
      { country: 'IT' },
      { country: 'IT', is_active: true },
      { values },
    ].map((where) => ({ where, order: 'id' as const })),
    { where: { values: [...values, { field: 'extended_profile.floor', value: '1' }], country: 'IT' }, order: 'id' },
    { where: { name: 'name 1', values, country: 'IT', is_active: true }, order: 'name' },
  ]
  for (const list of lists) {
    for (const descending of [false, true]) {
      const value = placeOf(list.order)
      await repository.pageAccounts({ ...list, descending, limit: 50 })
      await repository.pageAccounts({ ...list, descending, limit: 50, after: { id: 1500, value } })
    }
  }
}

/** Returns a statement without the columns that it selects and with short lists. */
function shortened(text: string): string {
  return text
    .replace(/(\?, )+\?/g, '…')
    .replace(/\bselect\b.*?\bfrom\b/gs, 'select … from')
    .replace(/\s+/g, ' ')
}

describe.each(Object.entries(databases))('plans on %s', (_, create) => {
  let database: TestDatabase
  let recorded: Awaited<ReturnType<typeof openRecorded>>
  let db: Kysely<unknown>
  beforeAll(async () => {
    database = await create()
    recorded = await openRecorded(database)
    db = database.connect({})
  }, 180_000)
  afterAll(() => database.close())

  const scans = async (statements: readonly Sent[]) => {
    const found: string[] = []
    for (const sent of statements) {
      // MySQL shows the rows that an insert brings along as a table that is read whole.
      if (/^insert\b(?!.*\bselect\b)/s.test(sent.text)) continue
      if (allowed.some(([statement]) => statement.test(sent.text))) continue
      const tables = await scannedBy(db, database.dialect, sent)
      if (tables.length > 0) found.push(`${tables.join(', ')}: ${shortened(sent.text)}`)
    }
    return found
  }

  it('of a hot statement scan no table', async () => {
    expect(recorded.hot.length).toBeGreaterThan(30)
    expect(await scans(recorded.hot)).toEqual([])
  }, 60_000)

  it('of a statement of any operation scan no table, but for small ones', async () => {
    expect(recorded.all.length).toBeGreaterThan(60)
    expect(await scans(recorded.all)).toEqual([])
  }, 60_000)

  it('of a list of people use the index of its filter, in its order', async () => {
    expect(recorded.listed).toHaveLength(Object.keys(lists).length * 4)
    for (const [index, sent] of recorded.listed) {
      const used = await indexesOf(db, database.dialect, sent)
      expect(used.join(), shortened(sent.text)).toMatch(index)
    }
  }, 60_000)

  it('show a scan where there is one', async () => {
    const quote = database.dialect === 'mysql' ? '`' : '"'
    const table = `${quote}usercore_users${quote}`
    const texts = [
      `select * from ${table} where first_name = 'x'`,
      `select * from ${table} as ${quote}person${quote} where id + 0 = 7`,
      `select * from ${table} order by first_name limit 10`,
    ]
    expect(await scans(texts.map((text) => ({ text, parameters: [] })))).toHaveLength(texts.length)
  })
})
