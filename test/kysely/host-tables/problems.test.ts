import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type DialectName,
  kyselyRepository,
  migrate,
  type UserTable,
  verifyMapping,
} from '../../../src/kysely/index.ts'
import { userRow } from '../../../src/testing/rows.ts'
import { identifierKey } from '../../../src/values/text.ts'
import { databases, mysqlDatabase, postgresDatabase, type TestDatabase } from '../../stores/databases.ts'
import { serverUrls } from '../../stores/servers.ts'
import { type Columns, makeMembers, mappingOn, soundColumns, uniqueKeys } from './table.ts'

interface Case {
  /** The difference from a table without problems. */
  readonly columns?: Columns
  readonly keys?: readonly string[]
  readonly mapping?: Partial<UserTable>
  readonly names?: Partial<UserTable['columns']>
  readonly problems: readonly string[]
}

const ok: readonly string[] = []
const latin = 'varchar(254) character set latin1 collate latin1_swedish_ci not null'

/** The problems of each difference; the first list is for all databases. */
const everywhere: Readonly<Record<string, Case>> = {
  'nothing wrong': { problems: ok },
  'two of ours on one': {
    columns: { given: 'varchar(50) not null' },
    names: { first_name: 'given', last_name: 'given' },
    problems: ['mapped_twice given'],
  },
  'a default for a column that is mapped': { mapping: { defaults: { login: 'x' } }, problems: ['mapped_twice login'] },
  'a default for no column': { mapping: { defaults: { tenant: 1 } }, problems: ['no_column tenant'] },
  'a key that the database computes': {
    columns: { folded: 'varchar(254) generated always as (lower(mail)) stored' },
    keys: ['login', 'folded'],
    names: { email_key: 'folded', username_key: 'login' },
    problems: ['generated folded', 'nullable folded', 'mapped_twice login'],
  },
}

const onPostgres: Readonly<Record<string, Case>> = {
  'arrays, "char" and intervals': {
    columns: {
      login: 'text[] not null',
      mail: '"char" not null',
      enabled: 'interval not null',
      joined: 'text not null',
    },
    keys: ['login', 'mail'],
    problems: [
      'wrong_type login',
      'wrong_type mail',
      'wrong_type enabled',
      'wrong_type joined',
      'not_unique login',
      'not_unique mail',
    ],
  },
  'a username without the blanks at its end': {
    columns: { login: 'char(150) not null' },
    problems: ['wrong_type login'],
  },
  'an id that numbers itself always, and is drawn too': {
    columns: { id: 'bigint generated always as identity primary key' },
    mapping: { newId: () => 1 },
    problems: ['generated id'],
  },
  'an id that numbers itself always': {
    columns: { id: 'bigint generated always as identity primary key' },
    problems: ok,
  },
  'an id that is no name of a row': {
    columns: { id: 'numeric(20) primary key default 1' },
    mapping: { idType: 'numeric(20)' },
    problems: ['wrong_type id'],
  },
  'domains over sound types': { columns: { login: 'login_name', mail: 'mail_name not null' }, problems: ok },
  'a domain over a short type': { columns: { login: 'short_name not null' }, problems: ['too_short login'] },
  'an index over lower in another collation than that of the column': {
    keys: ['lower(login)', 'lower(mail collate "C")'],
    problems: ['not_unique mail'],
  },
  'indexes over lower, in other words': {
    keys: ['lower((login)::text) text_pattern_ops', 'LOWER("mail") desc'],
    problems: ok,
  },
}

const onMysql: Readonly<Record<string, Case>> = {
  'characters of three bytes, and of one': {
    columns: { login: 'varchar(150) character set utf8mb3 not null', mail: latin },
    problems: ['wrong_charset login', 'wrong_charset mail'],
  },
  'an index over the first letters': {
    columns: { mail: 'text not null' },
    keys: ['login', 'mail(191)'],
    problems: ['not_unique mail'],
  },
  'text that is short in letters': {
    columns: { login: 'tinytext not null' },
    keys: ['login(60)', 'mail'],
    problems: ['too_short login', 'not_unique login'],
  },
  'names that are a choice, points and years': {
    columns: { login: "enum('char') not null", enabled: 'point not null', joined: 'year not null' },
    problems: ['wrong_type login', 'too_short login', 'wrong_type enabled', 'wrong_type joined'],
  },
  'an id in another collation than idType says': {
    columns: { id: 'varchar(36) primary key' },
    mapping: { idType: 'varchar(36)', newId: () => 'a' },
    problems: ['wrong_type id'],
  },
  'an id in the collation that idType says': {
    columns: { id: 'varchar(36) primary key' },
    mapping: { idType: 'varchar(36) character set utf8mb4 collate utf8mb4_unicode_ci', newId: () => 'a' },
    problems: ok,
  },
  'an id that is binary': {
    columns: { id: 'binary(16) primary key' },
    mapping: { idType: 'binary(16)', newId: () => 'a' },
    problems: ['wrong_type id'],
  },
}

const onSqlite: Readonly<Record<string, Case>> = {
  'a type that makes numbers of names': { columns: { login: 'string not null' }, problems: ['wrong_type login'] },
  'a column that the database computes, beside those mapped': {
    columns: { folded: 'text not null generated always as (lower(mail))' },
    problems: ok,
  },
  'indexes over lower, in other words': {
    keys: ['LOWER( "login" ) collate nocase desc', '(lower([mail]))'],
    problems: ok,
  },
}

const cases: Readonly<Record<DialectName, Readonly<Record<string, Case>>>> = {
  postgres: { ...everywhere, ...onPostgres },
  pglite: { ...everywhere, ...onPostgres },
  mysql: { ...everywhere, ...onMysql },
  sqlite: { ...everywhere, ...onSqlite },
}

describe.each(Object.entries(databases))('a table of the host on %s has', (_, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create('empty')
    if (database.dialect !== 'postgres' && database.dialect !== 'pglite') return
    await sql`create domain login_name as varchar(150) not null`.execute(database.connect())
    await sql`create domain mail_name as text`.execute(database.connect())
    await sql`create domain short_name as varchar(20)`.execute(database.connect())
  })
  afterAll(() => database.close())

  it('the problems of each difference', async () => {
    const { dialect } = database
    const db = database.connect()
    const found: Record<string, readonly string[]> = {}
    for (const [name, { columns = {}, keys, mapping, names }] of Object.entries(cases[dialect])) {
      await makeMembers(db, dialect, { ...soundColumns[dialect], ...columns }, keys ?? uniqueKeys(dialect))
      const users = { ...mappingOn(dialect), ...mapping }
      const problems = await verifyMapping(db, {
        dialect,
        users: { ...users, columns: { ...users.columns, ...names } },
      })
      found[name] = problems.map(({ code, column }) => `${code} ${column}`)
      for (const { expected, actual } of problems) expect(expected).not.toBe(actual)
    }
    expect(found).toEqual(
      Object.fromEntries(Object.entries(cases[dialect]).map(([name, { problems }]) => [name, problems])),
    )
  })
})

/** Sessions whose zone is not UTC, and columns whose defaults are in it. */
const zones = [
  ['postgres', 'timestamp not null default now()', ['wrong_zone joined']],
  ['postgres', 'timestamp not null default localtimestamp', ['wrong_zone joined']],
  ['postgres', "timestamp not null default (now() at time zone 'utc')", ok],
  ['postgres', 'timestamp not null', ok],
  ['postgres', 'timestamptz not null default now()', ok],
  ['mysql', 'datetime not null default current_timestamp', ['wrong_zone joined']],
  ['mysql', 'datetime not null', ok],
  ['mysql', 'timestamp not null default current_timestamp', ok],
] as const

for (const [name, url] of Object.entries(serverUrls)) {
  describe(`defaults in the zone of a session on ${name}`, () => {
    const wanted = zones.filter(([server]) => server === (name === 'postgres' ? name : 'mysql'))
    const open = (zone: string) =>
      name === 'postgres'
        ? postgresDatabase(url, 'empty', { options: `-c TimeZone=${zone}` })
        : mysqlDatabase(url, 'empty', {}, `time_zone = '${zone === 'UTC' ? '+00:00' : '+05:45'}'`)

    it.each(['Asia/Kathmandu', 'Europe/London', 'UTC'])(
      'are told where they are not UTC all year: %s',
      async (zone) => {
        const database = await open(zone)
        const { dialect } = database
        for (const [, joined, problems] of wanted) {
          await makeMembers(database.connect(), dialect, { ...soundColumns[dialect], joined })
          const found = await verifyMapping(database.connect(), { dialect, users: mappingOn(dialect) })
          expect(found.map(({ code, column }) => `${code} ${column}`)).toEqual(zone === 'UTC' ? [] : problems)
        }
        await database.close()
      },
    )
  })
}

describe.runIf(serverUrls.mariadb)('a column of three bytes for each letter, which the check refuses', () => {
  it('finds no person whose name needs four bytes, and finds those asked for beside them', async () => {
    const database = await mysqlDatabase(serverUrls.mariadb ?? '', 'empty')
    const { dialect } = database
    const login = 'varchar(150) character set utf8mb3 not null'
    const users = mappingOn(dialect)
    await makeMembers(database.connect(), dialect, { ...soundColumns[dialect], login })
    await migrate(database.connect(), { dialect, users })
    const repository = kyselyRepository(database.connect(), { dialect, users })
    await repository.insertUser(userRow('ada'), () => [])
    const names = ['\u{10330}\u{10331}', '\u{1d4b3}y', 'ada']
    const by = { username_keys: names.map(identifierKey), usernames: names }
    expect(await repository.findAccounts(by)).toHaveLength(1)
    expect(await repository.findPreferences({ by })).toHaveLength(1)
    expect(await repository.findClaims({ ...by, email_keys: [] })).toMatchObject([{ kind: 'username', key: 'ada' }])
    await database.close()
  })
})
