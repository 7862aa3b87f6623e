import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DialectName, kyselyRepository, migrate, openEdxTables, searchIndexes } from '../../src/kysely/index.ts'
import type { AccountPage } from '../../src/port/account-page.ts'
import type { Repository } from '../../src/port/repository.ts'
import { userRow } from '../../src/testing/rows.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'
import { indexesOf, type Sent } from './plans.ts'

const users = {
  table: 'members',
  idType: 'integer',
  columns: { id: 'no', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
} as const

/** A table of members, whose names are compared without regard to letter case. */
const tables: Readonly<Record<DialectName, readonly string[]>> = {
  postgres: [
    `create table members (no serial primary key, login text not null, mail text not null, enabled boolean not null,
      joined timestamptz not null)`,
    'create unique index members_login on members (lower(login))',
    'create unique index members_mail on members (lower(mail))',
  ],
  pglite: [],
  sqlite: [
    `create table members (no integer primary key, login text not null collate nocase unique,
      mail text not null collate nocase unique, enabled integer not null, joined text not null)`,
  ],
  mysql: [
    `create table members (no integer auto_increment primary key, login varchar(150) not null unique,
      mail varchar(254) not null unique, enabled tinyint(1) not null, joined datetime(6) not null)
      default charset = utf8mb4 collate = utf8mb4_general_ci`,
  ],
}

const rare = '2026-07-14T12:00:00.000000Z'

/** The lists of a table of a host, each with the index that it is read along. */
const lists: readonly (readonly [index: RegExp, list: Pick<AccountPage, 'where' | 'order'>])[] = [
  [/list_username|login/, { where: { username: 'user1' }, order: 'username' }],
  [/list_email|mail/, { where: { email: 'user1' }, order: 'email' }],
  [/list_date_joined/, { where: { joined_from: rare }, order: 'date_joined' }],
  [/list_is_active/, { where: { is_active: false }, order: 'id' }],
]

const withServers = Object.entries(databases).filter(([name]) => name !== 'pglite')

describe.each(withServers)('lists of people in a table of a host on %s', (_, create) => {
  let database: TestDatabase
  let db: Kysely<unknown>
  let repository: Repository
  const sent: Sent[] = []
  beforeAll(async () => {
    database = await create()
    db = database.connect({ log: ({ query: { sql: text, parameters } }) => void sent.push({ text, parameters }) })
    for (const statement of tables[database.dialect]) await sql.raw(statement).execute(db)
    const options = { dialect: database.dialect, prefix: 'listed_', users }
    await migrate(db, options)
    repository = kyselyRepository(db, options) as Repository
    const rows = Array.from({ length: 2000 }, (_, index) => {
      const isRare = index % 200 === 0
      const columns = { is_active: !isRare, ...(isRare && { date_joined: rare }) }
      return { ...userRow(`User${index}`, columns), id: index + 1 }
    })
    expect(await repository.commit([{ insert: 'users', rows }])).toBe(true)
  }, 120_000)
  afterAll(() => database.close())

  it('are read along the indexes that searchIndexes names', async () => {
    const before = await Promise.all(lists.map(([, list]) => repository.pageAccounts({ ...list, limit: 7 })))
    const statements = searchIndexes({ dialect: database.dialect, prefix: 'listed_', users })
    for (const statement of statements) await sql.raw(statement).execute(db)
    const table = sql.raw(database.dialect === 'mysql' ? 'table members' : 'members')
    await sql`analyze ${table}`.execute(db)
    for (const [at, [index, list]] of lists.entries()) {
      const after = before[at]?.[2]
      expect(after).toBeDefined()
      for (const page of [{}, { descending: true }, ...(after ? [{ after }] : [])]) {
        sent.length = 0
        const places = await repository.pageAccounts({ ...list, limit: 7, ...page })
        if (!('descending' in page))
          expect(places.slice(0, 4)).toEqual(before[at]?.slice('after' in page ? 3 : 0).slice(0, 4))
        const [statement] = sent
        expect(statement && (await indexesOf(db, database.dialect, statement)).join()).toMatch(index)
      }
    }
  }, 60_000)
})

it('searchIndexes names none where people are in a table of the library, and those of Open edX', () => {
  expect(searchIndexes({ dialect: 'postgres' })).toEqual([])
  expect(searchIndexes({ dialect: 'mysql', tables: openEdxTables })).toEqual([
    'create index `usercore_list_date_joined` on `auth_user` (`date_joined`, `id`);',
    'create index `usercore_list_is_active` on `auth_user` (`is_active`, `id`);',
    'create index `usercore_list_country` on `auth_userprofile` (`country`, `user_id`);',
  ])
  expect(searchIndexes({ dialect: 'postgres', users })[0]).toBe(
    'create index "usercore_list_username" on "members" ((lower("login")) collate "C");',
  )
})
