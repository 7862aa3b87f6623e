import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import {
  checkSchema,
  type DialectName,
  kyselyRepository,
  migrate,
  type UserTable,
  verifyMapping,
} from '../../src/kysely/index.ts'
import { system } from '../../src/site/actor.ts'
import { userRow } from '../../src/testing/rows.ts'
import { identifierKey } from '../../src/values/text.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'

/** A table of members, as four kinds of hosts have it. Dates are in the form of their ORMs. */
const hosts: Readonly<Record<DialectName, Readonly<Record<string, { ddl: string[]; users: UserTable }>>>> = {
  postgres: {
    'ids of type integer': {
      ddl: [
        `create table members (member_no serial primary key, login varchar(150) not null, mail varchar(254) not null,
          enabled boolean not null, joined timestamptz not null, password text not null)`,
        'create unique index members_login on members (lower(login))',
        'create unique index members_mail on members (lower(mail))',
      ],
      users: { table: 'members', idType: 'integer', columns: memberColumns(), defaults: { password: '!' } },
    },
    'ids of type uuid, and keys of its own': {
      ddl: [
        `create table people (id uuid primary key default gen_random_uuid(), name text not null,
          name_key char(150) unique not null, mail text not null, mail_key text unique not null, enabled boolean not null, "createdAt" timestamp(3) not null,
          seen timestamp(3), given text not null, family text not null)`,
      ],
      users: {
        table: 'people',
        idType: 'uuid',
        columns: {
          id: 'id',
          username: 'name',
          username_key: 'name_key',
          email: 'mail',
          email_key: 'mail_key',
          is_active: 'enabled',
          date_joined: 'createdAt',
          last_login: 'seen',
          first_name: 'given',
          last_name: 'family',
        },
      },
    },
  },
  pglite: {},
  mysql: {
    'ids of type int, in a case-insensitive collation': {
      ddl: [
        `create table members (member_no int unsigned auto_increment primary key, login varchar(150) not null unique,
          mail varchar(254) not null unique, enabled tinyint(1) not null, joined datetime(6) not null,
          password varchar(128) not null) default charset = utf8mb4 collate = utf8mb4_general_ci`,
      ],
      users: { table: 'members', idType: 'int unsigned', columns: memberColumns(), defaults: { password: '!' } },
    },
    'ids that are text': {
      ddl: [
        `create table members (member_no varchar(36) primary key, login varchar(150) not null unique,
          mail varchar(254) not null unique, enabled tinyint(1) not null, joined datetime not null)
          default charset = utf8mb4 collate = utf8mb4_unicode_ci`,
      ],
      users: {
        table: 'members',
        idType: 'varchar(36) character set utf8mb4 collate utf8mb4_unicode_ci',
        columns: memberColumns(),
        newId: () => randomUUID(),
      },
    },
  },
  sqlite: {
    'ids of type integer': {
      ddl: [
        `create table members (member_no integer primary key autoincrement, login text not null, mail text not null,
          enabled integer not null, joined text not null, password text not null)`,
        'create unique index members_login on members (lower(login))',
        'create unique index members_mail on members (lower(mail))',
      ],
      users: { table: 'members', idType: 'integer', columns: memberColumns(), defaults: { password: '!' } },
    },
    'ids that are text': {
      ddl: [
        `create table members (member_no text primary key not null, login text not null, mail text not null,
          enabled integer not null, joined text not null)`,
        'create unique index members_login on members (lower(login))',
        'create unique index members_mail on members (lower(mail))',
      ],
      users: { table: 'members', idType: 'text', columns: memberColumns(), newId: () => randomUUID() },
    },
  },
}

function memberColumns() {
  return { id: 'member_no', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' }
}

const cases = Object.entries(databases).flatMap(([name, create]) =>
  Object.entries(
    hosts[({ mariadb: 'mysql', pglite: 'postgres', 'node-sqlite': 'sqlite' }[name] ?? name) as DialectName],
  ).map(([kind, host]) => ({ name, kind, create, ...host })),
)

describe.each(cases)('a table of the host on $name, with $kind', ({ create, ddl, users: mapping }) => {
  let database: TestDatabase
  let db: Kysely<unknown>
  const options = () => ({ dialect: database.dialect, prefix: 'uc_', users: mapping })
  const core = () => createUserCore({ repository: kyselyRepository(db, options()), settings })
  const settings = {
    retired_identifier_keys: [{ id: 'a', secret: 'a secret that is long enough for a key' }],
    cool_off_days: 0,
  }
  const ada = { username: 'ada' }

  beforeAll(async () => {
    database = await create('empty')
    db = database.connect()
    for (const statement of ddl) await sql.raw(statement).execute(db)
    await migrate(db, options())
  })
  afterAll(() => database.close())

  it('gets no id that newId cannot have meant, such as a promise, and no rejection is left over', async () => {
    const late = () => Promise.reject(new Error('late'))
    for (const newId of [late, () => null, () => ({}), () => 1.5, () => 'nul \0'] as unknown as (() => string)[]) {
      const repository = kyselyRepository(db, { ...options(), users: { ...mapping, newId } })
      await expect(repository.insertUser(userRow('eve'), () => [])).rejects.toMatchObject({
        driver_code: 'NOT_STORABLE',
      })
    }
    expect(await kyselyRepository(db, options()).select('users', {})).toEqual([])
  })

  it('is fit for us, and has no table of ours beside it', async () => {
    expect(await verifyMapping(db, options())).toEqual([])
    expect(await checkSchema(db, options())).toEqual([])
    await expect(sql`select * from uc_users`.execute(db)).rejects.toThrow()
  })

  it('holds people whom we add, and those whom the host added', async () => {
    const { columns } = mapping
    const { id } = await core().accounts.create(
      system,
      { username: 'Ada', email: 'Ada@Example.com', name: 'Ada Lovelace', profile: { year_of_birth: 1980 } },
      { active: true },
    )
    const row = await sql<Record<string, unknown>>`select * from ${sql.table(mapping.table)}`.execute(db)
    expect(row.rows).toMatchObject([{ [columns.username ?? '']: 'Ada', [columns.email]: 'Ada@Example.com' }])
    expect(String(row.rows[0]?.[columns.id])).toBe(String(id))
    await addByHand('bob', 'bob@example.com')
    const bob = await core().accounts.get(system, 'BOB')
    expect(bob).toMatchObject({ username: 'bob', email: 'bob@example.com', is_active: true })
    expect(bob?.date_joined).toBe('2020-02-29T12:00:00Z')
    expect(await core().accounts.get(system, { id })).toMatchObject({ username: 'Ada', name: 'Ada Lovelace' })
    expect(await core().accounts.get(system, { id: String(id) })).toMatchObject({ username: 'Ada' })
  })

  it('keeps names and addresses unique, those of the host included', async () => {
    const again = (username: string, email: string) =>
      core().accounts.create(system, { username, email, name: 'Again' })
    await expect(again('ADA', 'new@example.com')).rejects.toMatchObject({ field_errors: { username: {} } })
    await expect(again('eve', 'BOB@example.com')).rejects.toMatchObject({ field_errors: { email: {} } })
  })

  it('takes no name for another, whatever its collation', async () => {
    const users = createUserCore({
      repository: kyselyRepository(db, options()),
      settings: { enable_unicode_usernames: true },
    })
    await expect(users.accounts.get(system, 'adá')).rejects.toMatchObject({ code: 'user_not_found' })
    if (options().dialect !== 'mysql') return
    const similar = users.accounts.create(system, { username: 'adá', email: 'new@example.com', name: 'Another' })
    await expect(similar).rejects.toMatchObject({ field_errors: { username: { code: 'conflict' } } })
  })

  it('serves every area: account, extended profile, preferences, tags', async () => {
    const users = core()
    await users.accounts.update(ada, 'ada', { bio: 'Notes', extended_profile: { a: 1 }, account_privacy: 'all_users' })
    await users.preferences.update(ada, 'ada', { theme: 'dark' })
    await users.courseTags.set(system, 'ada', 'course-v1:X+Y+Z', 'seen', 'yes')
    expect(await users.preferences.getAll(ada, ada)).toMatchObject({ theme: 'dark', account_privacy: 'all_users' })
    const seen = await users.accounts.get({ username: 'bob' }, 'ada')
    expect(seen).toMatchObject({ username: 'Ada', bio: 'Notes' })
    // A person without a profile gets one with the first change.
    await users.accounts.update({ username: 'bob' }, 'bob', { name: 'Bob' })
    expect([...(await users.accounts.getMany(system, ['ada', 'bob'])).values()].map(({ name }) => name)).toEqual([
      'Ada Lovelace',
      'Bob',
    ])
  })

  it('takes changes of address, activation and name', async () => {
    const users = core()
    await users.accounts.update(ada, 'ada', { email: 'new@example.com' })
    const keys: string[] = []
    await users.outbox.deliver(({ kind, payload }) => {
      if (kind === 'mail' && 'key' in payload) keys.push(payload.key)
    })
    await users.accounts.confirmEmailChange(keys[0] ?? '')
    expect((await users.accounts.get(system, 'ada')).email).toBe('new@example.com')
    await users.accounts.replaceUsernames(system, [{ whom: 'bob', username: 'robert' }])
    expect((await users.accounts.get(system, 'Robert')).username).toBe('robert')
  })

  it('finds an address in either spelling of its domain, and lets neither be taken', async () => {
    for (const [stored, other] of [
      ['cy@bücher.example', 'CY@xn--bcher-kva.example'],
      ['cy@xn--bcher-kva.example', 'CY@bücher.example'],
    ] as const) {
      await addByHand('cy', stored)
      for (const email of [stored, other]) {
        expect(await core().accounts.getByEmail(system, email)).toMatchObject({ username: 'cy', email: stored })
        const again = core().accounts.create(system, { username: 'eve', email, name: 'Eve' })
        await expect(again).rejects.toMatchObject({ field_errors: { email: { code: 'conflict' } } })
      }
      const found = await core().accounts.searchByEmail(system, [other])
      expect(found).toMatchObject([{ email: stored }])
      const { table, columns } = mapping
      await sql`delete from ${sql.table(table)} where ${sql.ref(columns.username ?? '')} = 'cy'`.execute(db)
    }
  })

  it('forgets people when they retire, and keeps their names taken', async () => {
    const users = core()
    await users.retirement.setPipeline(system)
    await users.retirement.request(system, 'ada')
    const [row] = await retire(users)
    expect(row).not.toMatchObject({ [mapping.columns.username ?? '']: 'Ada' })
    await expect(
      users.accounts.create(system, { username: 'ada', email: 'x@example.com', name: 'Another' }),
    ).rejects.toMatchObject({ field_errors: { username: {} } })
  })

  it('lets our rows go with the host’s', async () => {
    await sql`delete from ${sql.table(mapping.table)}`.execute(db)
    expect(await kyselyRepository(db, options()).select('profiles', {})).toEqual([])
  })

  it('is never asked for an id of another kind', async () => {
    const repository = kyselyRepository(db, options())
    expect(await repository.findAccounts({ ids: ['no id', '\0', 'x'.repeat(50)] })).toEqual([])
    expect(await repository.select('profiles', { user_id: 'no id' })).toEqual([])
  })

  async function retire(users: ReturnType<typeof core>) {
    await users.retirement.move(system, 'ada', { state: 'RETIRING_LMS', note: '' })
    await users.retirement.runStep(system, 'ada', 'account')
    const { rows } = await sql<Record<string, unknown>>`
      select * from ${sql.table(mapping.table)} where ${sql.ref(mapping.columns.username ?? '')} <> 'robert'`.execute(
      db,
    )
    return rows
  }

  async function addByHand(username: string, email: string): Promise<void> {
    const { columns, defaults = {}, newId } = mapping
    const values: Record<string, unknown> = {
      [columns.username ?? '']: username,
      [columns.email]: email,
      [columns.is_active]: database.dialect === 'postgres' || database.dialect === 'pglite' ? true : 1,
      [columns.date_joined]: '2020-02-29 12:00:00',
      ...defaults,
    }
    if (newId !== undefined) values[columns.id] = newId()
    for (const [key, value] of [
      ['username_key', identifierKey(username)],
      ['email_key', identifierKey(email)],
      ['first_name', ''],
      ['last_name', ''],
    ] as const) {
      const column = columns[key]
      if (column !== undefined) values[column] = value
    }
    const names = Object.keys(values)
    await sql`insert into ${sql.table(mapping.table)} (${sql.join(names.map((name) => sql.ref(name)))})
      values (${sql.join(Object.values(values))})`.execute(db)
  }
})
