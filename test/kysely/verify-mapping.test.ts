import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DialectName, type UserTable, verifyMapping } from '../../src/kysely/index.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'

const users: UserTable = {
  table: 'members',
  idType: 'bigint',
  columns: {
    id: 'id',
    username: 'login',
    email: 'mail',
    is_active: 'enabled',
    date_joined: 'joined',
    last_login: 'seen',
    first_name: 'given',
    email_key: 'mail_key',
  },
}

/** A table with one mistake after the other. */
const ddl: Readonly<Record<DialectName, string>> = {
  postgres: `create table members (id uuid primary key, login varchar(20) not null, mail varchar(254),
    mail_key varchar(254) not null, enabled text not null, joined integer not null, seen timestamptz, tenant integer not null)`,
  pglite: `create table members (id uuid primary key, login varchar(20) not null, mail varchar(254),
    mail_key varchar(254) not null, enabled text not null, joined integer not null, seen timestamptz, tenant integer not null)`,
  mysql: `create table members (id char(36) primary key, login varchar(20) not null unique, mail varchar(254),
    mail_key varchar(254) not null, enabled text not null, joined int not null, seen datetime, tenant int not null)
    default charset = utf8mb4 collate = utf8mb4_bin`,
  sqlite: `create table members (id blob primary key not null, login text not null, mail text,
    mail_key text not null, enabled text not null, joined integer not null, seen text, tenant integer not null)`,
}

describe.each(Object.entries(databases))('verifyMapping on %s', (_, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create('empty')
    await sql.raw(ddl[database.dialect]).execute(database.connect())
  })
  afterAll(() => database.close())

  it('lists every problem', async () => {
    const { dialect } = database
    const problems = await verifyMapping(database.connect(), { dialect, users })
    const found = problems.map(({ code, column }) => `${code} ${column}`).sort()
    expect(found).toEqual(
      [
        'wrong_type id',
        // The types of SQLite have no length.
        ...(dialect === 'sqlite' ? [] : ['too_short login']),
        'nullable mail',
        'wrong_type enabled',
        'wrong_type joined',
        'no_column given',
        'not_unique login',
        'not_unique mail_key',
        'needs_value id',
        'needs_value tenant',
      ].sort(),
    )
    for (const problem of problems) expect(problem.expected).not.toBe(problem.actual)
  })

  it('misses a table', async () => {
    const { dialect } = database
    const missing = { ...users, table: 'missing' }
    expect(await verifyMapping(database.connect(), { dialect, users: missing })).toEqual([
      { code: 'no_table', column: null, expected: 'missing', actual: 'nothing' },
    ])
  })

  it('changes its mind once the problems are mended by options', async () => {
    const { dialect } = database
    const mended = { ...users, newId: () => 'x', defaults: { tenant: 1 } }
    const problems = await verifyMapping(database.connect(), { dialect, users: mended })
    expect(problems.map(({ code }) => code)).not.toContain('needs_value')
  })
})
