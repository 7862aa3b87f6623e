import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { Repository } from '../../src/repository.ts'
import { registry } from '../../src/retirement/registry.ts'
import { type ColumnType, type TableName, tables, type UserId } from '../../src/tables.ts'
import { outboxRow, userRow } from '../../src/testing/rows.ts'
import type { Write } from '../../src/write.ts'
import { sqliteDatabase } from '../stores/databases.ts'
import { drain } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'
import { bringTo, chief, dump, move, openSite, type Site, support, worker } from './site.ts'

const names = Object.keys(registry) as TableName[]
const columnsOf = (table: TableName) => Object.entries(tables[table].columns) as [string, ColumnType][]
const isPersonal = (table: TableName, column: string) =>
  (registry[table].columns as Record<string, string>)[column] === 'personal'
const personalTables = names.filter((table) => columnsOf(table).some(([column]) => isPersonal(table, column)))

/** Every value that `fill` writes into personal columns has one of these in it. */
const marks = /secret|hearsay|§|70000\d\d|1815-12-10/

/** Columns that some databases give room for a code alone. */
const codes = ['gender', 'level_of_education', 'country', 'state', 'code']

/** What somebody could say in a column. Keys follow the value that they are the key of. */
function word(table: TableName, column: string, type: ColumnType): unknown {
  const index = columnsOf(table).findIndex(([name]) => name === column)
  const text = codes.includes(column) ? `§${index.toString(36)}` : `secret-${table}-${column.replace(/_key$/, '')}`
  if (column === 'document') return JSON.stringify({ [text]: text })
  const values: Record<ColumnType, unknown> = {
    text,
    id: 7_000_000 + index,
    integer: 7_000_000 + index,
    boolean: true,
    instant: `1815-12-10T00:00:00.${String(index).padStart(6, '0')}Z`,
    json: { [text]: text },
  }
  return values[type]
}

/** Something for a column that is nobody's secret. */
function plain(type: ColumnType): unknown {
  return { text: 'x', id: 1, integer: 1, boolean: true, instant: '2024-06-15T12:00:00.000000Z', json: {} }[type]
}

function rowOf(table: TableName, user_id: UserId): object {
  const cells = columnsOf(table).map(([column, type]) => [
    column,
    column === 'user_id' ? user_id : isPersonal(table, column) ? word(table, column, type) : plain(type),
  ])
  return Object.fromEntries(cells)
}

/** Tables whose rows come from the operations of retirement themselves. */
const fromOperations: readonly TableName[] = ['users', 'retirements', 'retirement_history', 'partner_reports']

/** Writes something into every personal column of everything that belongs to a person. */
async function fill(repository: Repository, id: UserId): Promise<void> {
  const rows = names
    .filter((table) => columnsOf(table).some(([column]) => column === 'user_id'))
    .filter((table) => personalTables.includes(table) && !fromOperations.includes(table) && table !== 'outbox')
    .map((table) => ({ upsert: table, rows: [rowOf(table, id)] }) as unknown as Write)
  const payload = { word: 'secret-outbox-payload' }
  const messages = (['mail', 'event'] as const).map((kind) => outboxRow(crypto.randomUUID(), id, { kind, payload }))
  const hits = { name: 'email_change', subject: String(id), period_start: '2024-06-15T12:00:00.000000Z', hits: 1 }
  const [profile] = await repository.select('profiles', { user_id: id })
  const version = (profile?.version ?? 0) + 1
  expect(
    await repository.commit([
      ...rows,
      { update: 'profiles', set: { version }, where: { user_id: id } },
      { insert: 'outbox', rows: messages },
      { upsert: 'rate_limits', rows: [hits] },
    ]),
  ).toBe(true)
}

/** Somebody of whom every personal column says something. */
async function addTalker(site: Site, repository: Repository): Promise<{ id: UserId; username: string }> {
  const user = rowOf('users', 0) as ReturnType<typeof userRow>
  const id = (await repository.insertUser({ ...userRow('x'), ...user }, () => [])) ?? 0
  site.enrolled.push({ user_id: id, course_id: 'course-v1:OrgX+C+R' })
  await fill(repository, id)
  return { id, username: user.username }
}

/** Personal columns of a person that say nothing, as `table.column`. */
async function silentColumns(repository: Repository, id: UserId): Promise<string[]> {
  const silent: string[] = []
  for (const table of personalTables) {
    const where = table === 'users' ? { id } : { user_id: id }
    const rows = (await repository.select(table, where as never)) as object[] as Record<string, unknown>[]
    for (const [column] of columnsOf(table)) {
      const isSaid = rows.some((row) => row[column] !== null && row[column] !== '')
      if (isPersonal(table, column) && !isSaid) silent.push(`${table}.${column}`)
    }
  }
  return silent
}

/** Brings somebody from the request to the end, who goes on talking all the time. */
async function retire(site: Site, repository: Repository, { id, username }: { id: UserId; username: string }) {
  const { retirement } = site.users
  const say = (new_state: string) => retirement.updateState(worker, username, { new_state, response: 'hearsay' })
  await bringTo(site, username, 'PENDING')
  await fill(repository, id)
  await say('ADDING_TO_PARTNER_QUEUE')
  await retirement.partnerReports.create(worker, username)
  await say('RETIRING_LMS_MISC')
  expect(await silentColumns(repository, id)).toEqual([])
  await retirement.retireMisc(worker, username)
  await say('RETIRING_LMS')
  await retirement.retireAccount(worker, username)
  // Requests that were on their way when the account was erased.
  await fill(repository, id)
  await say('COMPLETE')
  await retirement.cleanUp(worker, [username])
  const { batch_id } = await retirement.partnerReports.take(worker)
  await retirement.partnerReports.finish(worker, [username], { batch_id })
}

onEachStore('erasure', (open) => {
  it('leaves nothing in any personal column of any table, whatever the person goes on to say', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const before = await dump(store.repository)
    const talker = await addTalker(site, store.repository)
    await retire(site, store.repository, talker)
    const after = await dump(store.repository)
    expect(after).not.toMatch(marks)
    // Of others everything is as it was.
    const ofOthers = (text: string) =>
      (JSON.parse(text) as [string, Record<string, unknown>[]][]).map(([table, rows]) => [
        table,
        rows.filter((row) => row.id !== talker.id && row.user_id !== talker.id),
      ])
    expect(ofOthers(after)).toEqual(ofOthers(before))
  })

  it('is done by the clean-up for a driver that skipped the last step, and the host is told', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const talker = await addTalker(site, store.repository)
    await bringTo(site, talker.username, 'COMPLETE')
    await drain(site.users)
    await site.users.retirement.cleanUp(worker, [talker.username])
    expect(await dump(store.repository)).not.toMatch(marks)
    const told = (await drain(site.users)).filter(({ kind }) => kind === 'notification')
    expect(told.map(({ name }) => name)).toEqual(['profile_image.removed', 'retire_account'])
  })

  it('keeps the address free that was released before the clean-up', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.retireAccount(worker, 'ada')
    await move(site.users, 'ada', 'COMPLETE')
    const [request] = await store.repository.select('retirement_requests', {})
    await site.users.retired.releaseEmail(chief, String(request?.user_id))
    await site.users.retirement.cleanUp(worker, ['ada'])
    const { email } = await site.users.accounts.validate({ email: 'ada@example.com' })
    expect(email?.valid).toBe(true)
  })

  it('tells the host in the same unit, without a word of the person', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const talker = await addTalker(site, store.repository)
    await bringTo(site, talker.username, 'RETIRING_LMS_MISC')
    await drain(site.users)
    await site.users.retirement.retireMisc(worker, talker.username)
    await move(site.users, talker.username, 'RETIRING_LMS')
    await site.users.retirement.retireAccount(worker, talker.username)
    const told = (await drain(site.users)).filter(({ kind }) => kind === 'notification')
    expect(told.map(({ name }) => name)).toEqual([
      'retire_misc',
      'retire_mailings',
      'profile_image.removed',
      'retire_account',
    ])
    expect(JSON.stringify(told)).not.toMatch(marks)
    for (const { user_id } of told) expect(user_id).toBe(talker.id)
  })
})

describe('rows that erasure deletes (SQLite)', () => {
  it('say nothing any more: copies of a table keep what a row was when it went', async () => {
    const file = await sqliteDatabase()
    try {
      const db = file.connect()
      await sql`create table graves (name text, body text)`.execute(db)
      for (const table of personalTables) {
        const body = sql.join(columnsOf(table).map(([column]) => sql.ref(`old.${column}`)))
        await sql`create trigger ${sql.id(`grave_${table}`)} before delete on ${sql.table(`usercore_${table}`)}
          begin insert into graves values (${sql.lit(table)}, json_array(${body})); end`.execute(db)
      }
      const repository = kyselyRepository(db, { dialect: 'sqlite' }) as Repository
      const site = await openSite(repository, ['ada'])
      const talker = await addTalker(site, repository)
      await bringTo(site, talker.username, 'PENDING')
      await site.users.retirement.cancel(support, { username: talker.username })
      await retire(site, repository, talker)

      const { rows } = await sql<{ name: TableName; body: string }>`select name, body from graves`.execute(db)
      expect(rows.filter(({ body }) => marks.test(body))).toEqual([])
      const kept: readonly TableName[] = ['users', 'profiles', 'retirement_history']
      expect([...new Set(rows.map(({ name }) => name))].sort()).toEqual(
        personalTables.filter((table) => !kept.includes(table)).sort(),
      )
    } finally {
      await file.close()
    }
  })
})

describe('the registry', () => {
  it('knows every column of every table', () => {
    expect(names).toEqual(Object.keys(tables))
    for (const table of names) {
      expect(Object.keys(registry[table].columns).sort(), table).toEqual(
        columnsOf(table)
          .map(([name]) => name)
          .sort(),
      )
    }
  })

  it('overwrites every personal column of the rows that go', () => {
    for (const table of names) {
      const treatment = registry[table]
      const personal = columnsOf(table).flatMap(([column]) => (isPersonal(table, column) ? [column] : []))
      if (treatment.erase === 'rows') expect(Object.keys(treatment.redacted).sort(), table).toEqual(personal.sort())
      if (treatment.erase === 'columns') expect(Object.keys(treatment.emptied).sort(), table).toEqual(personal.sort())
      if (treatment.erase === 'never') expect(personal, table).toEqual([])
    }
  })
})
