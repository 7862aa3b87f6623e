import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { type TableName, tables } from '../../src/port/tables.ts'
import { registry } from '../../src/retirement/registry.ts'
import { sqliteDatabase } from '../stores/databases.ts'
import { drain } from '../support/host.ts'
import { onEachStore } from '../support/stores.ts'
import { bringTo, chief, dump, move, openSite, support, worker } from './site.ts'
import { addTalker, columnsOf, isPersonal, marks, names, personalTables, retire } from './talker.ts'

onEachStore('erasure', (open) => {
  it('leaves no value in any personal column of any table, also of values that the person writes meanwhile', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const before = await dump(store.repository)
    const talker = await addTalker(site, store.repository)
    await retire(site, store.repository, talker)
    const after = await dump(store.repository)
    expect(after).not.toMatch(marks)
    // The rows of other people are as they were.
    const ofOthers = (text: string) =>
      (JSON.parse(text) as [string, Record<string, unknown>[]][])
        .filter(([table]) => table !== 'retirement_receipts' && table !== 'retired_identifiers')
        .map(([table, rows]) => [table, rows.filter((row) => row.id !== talker.id && row.user_id !== talker.id)])
    expect(ofOthers(after)).toEqual(ofOthers(before))
  })

  it('is done by the clean-up where the driver skipped the step account, and the host is told', async () => {
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

  it('leaves an address free that was released before the clean-up', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    await bringTo(site, 'ada', 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, 'ada', 'account')
    await move(site.users, 'ada', 'COMPLETE')
    const [request] = await store.repository.select('retirement_requests', {})
    await site.users.retired.releaseEmail(chief, { id: String(request?.user_id) })
    await site.users.retirement.cleanUp(worker, ['ada'])
    const { email } = await site.users.accounts.validate({ email: 'ada@example.com' })
    expect(email?.valid).toBe(true)
  })

  it('tells the host in notifications that hold no personal value', async () => {
    await using store = await open()
    const site = await openSite(store.repository)
    const talker = await addTalker(site, store.repository)
    await bringTo(site, talker.username, 'RETIRING_LMS_MISC')
    await drain(site.users)
    await site.users.retirement.runStep(worker, talker.username, 'misc')
    await move(site.users, talker.username, 'RETIRING_LMS')
    await site.users.retirement.runStep(worker, talker.username, 'account')
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
  it('are overwritten before, so that a copy of a deleted row holds no personal value', async () => {
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
  it('has every table, and each column has a meaning', () => {
    expect(names).toEqual(Object.keys(tables))
    for (const table of names) {
      expect(Object.keys(tables[table].meanings).sort(), table).toEqual(
        columnsOf(table)
          .map(([name]) => name)
          .sort(),
      )
    }
  })

  it('has a value to overwrite every personal column of rows that are deleted or emptied', () => {
    for (const table of names) {
      const treatment = registry[table]
      const personal = columnsOf(table).flatMap(([column]) => (isPersonal(table, column) ? [column] : []))
      if (treatment.erase === 'rows') expect(Object.keys(tables[table].redacted).sort(), table).toEqual(personal.sort())
      if (treatment.erase === 'columns') expect(Object.keys(treatment.emptied).sort(), table).toEqual(personal.sort())
      if (treatment.erase === 'never') expect(personal, table).toEqual([])
    }
  })
})
