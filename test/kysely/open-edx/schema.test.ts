import { DummyDriver, Kysely, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createUserCore } from '../../../src/create-user-core.ts'
import { dialectOf } from '../../../src/kysely/dialect.ts'
import { checkSchema, kyselyRepository, migrate, migrationSql, openEdxTables } from '../../../src/kysely/index.ts'
import { stepNames } from '../../../src/kysely/migrate.ts'
import type { Repository } from '../../../src/port/repository.ts'
import { system } from '../../../src/site/actor.ts'
import { openEdxDatabase } from '../../stores/open-edx.ts'
import { serverUrls } from '../../stores/servers.ts'
import { onSite, seeded } from './site.ts'

const servers = [serverUrls.mariadb, serverUrls.mysql].flatMap((url) => url ?? [])

const options = { dialect: 'mysql', tables: openEdxTables } as const

describe('the tables beside those of Open edX', () => {
  it('are those for data that it has no place for', async () => {
    const made = (await migrationSql(options)).flatMap(
      (text) => /table if not exists `usercore_(\w+)`/.exec(text)?.[1] ?? [],
    )
    expect(made.sort()).toEqual([
      'account_history',
      'deactivations',
      'extended_profile_history',
      'extended_profiles',
      'former_usernames',
      'idempotency_keys',
      // The migrations that were done.
      'migrations',
      'outbox',
      'partner_reports',
      'pending_email_changes',
      'pending_name_changes',
      'profile_images',
      'profiles',
      'rate_limits',
      'registrations',
      'request_guards',
      'retired_identifiers',
      'retirement_history',
      'retirement_holds',
      'retirement_receipts',
      'retirement_requests',
      'retirement_states',
      'retirement_step_results',
      'retirement_work',
      'retirements',
      'search_values',
    ])
    for (const statement of await migrationSql(options))
      expect(statement).toMatch(
        /^(create table if not exists|alter table|insert into|update|(create|drop) index `\w+` on) `usercore_/,
      )
  })

  it('need the dialect of the original, and no table of people', () => {
    const users = {
      table: 'a',
      idType: 'int',
      columns: { id: 'i', username: 'u', email: 'e', is_active: 'a', date_joined: 'd' },
    }
    expect(() => kyselyRepository({} as never, { ...options, dialect: 'sqlite' })).toThrow(
      expect.objectContaining({ code: 'config_error' }),
    )
    const parts = { ...dialectOf('mysql').kyselyParts, createDriver: () => new DummyDriver() }
    expect(() => kyselyRepository(new Kysely({ dialect: parts }), { ...options, users })).toThrow(
      expect.objectContaining({ code: 'config_error', params: { option: 'tables' } }),
    )
  })
})

onSite('the schema of an Open edX database', (site) => {
  it('is unchanged after our migrations, which do nothing the second time', async () => {
    const db = site().database.connect()
    const shapes = async () => {
      const { rows } = await sql<{ name: string }>`
        select table_name as name from information_schema.tables
        where table_schema = database() and table_name not like 'usercore%' order by 1`.execute(db)
      const texts = rows.map(({ name }) =>
        sql<Record<string, string>>`show create table ${sql.table(name)}`.execute(db),
      )
      return (await Promise.all(texts)).map(({ rows: [row] }) =>
        row?.['Create Table']?.replace(/ AUTO_INCREMENT=\d+/, ''),
      )
    }
    const before = await shapes()
    for (const table of ['migrations', 'migration_lock'])
      await sql`drop table ${sql.table(`usercore_${table}`)}`.execute(db)
    expect(await migrate(db, options)).toEqual(stepNames)
    expect(await migrate(db, options)).toEqual([])
    expect(await shapes()).toEqual(before)
    expect(before).toHaveLength(16)
  })

  it('is checked in tables of the original and of ours', async () => {
    const db = site().database.connect()
    expect(await checkSchema(db, options)).toEqual([])
    await sql`alter table auth_userprofile rename column phone_number to phone`.execute(db)
    await sql`alter table usercore_retirements rename column lease to leased`.execute(db)
    await sql`rename table user_api_userorgtag to orgtag`.execute(db)
    const problems = await checkSchema(db, options)
    await sql`alter table auth_userprofile rename column phone to phone_number`.execute(db)
    await sql`alter table usercore_retirements rename column leased to lease`.execute(db)
    await sql`rename table orgtag to user_api_userorgtag`.execute(db)
    expect(problems).toEqual([
      { code: 'no_column', name: 'auth_userprofile.phone_number' },
      { code: 'no_table', name: 'user_api_userorgtag' },
      { code: 'no_column', name: 'retirements.lease' },
    ])
  })

  it('deletes our rows when the original deletes a person', async () => {
    const db = site().original
    await site().users().accounts.requestNameChange({ username: 'cy' }, 'cy', 'Cyrus')
    await sql`delete from student_pendingnamechange where user_id = 6`.execute(db)
    await sql`delete from auth_user where id = 6`.execute(db)
    expect(await site().rows('usercore_pending_name_changes')).toEqual([])
  })

  it('can be in another database than our tables', async () => {
    const db = site().database.connect()
    const { rows } = await sql<{ name: string }>`select database() as name`.execute(db)
    const [{ name: schema } = { name: '' }] = rows
    const ours = `${schema}_ours`
    await sql`create database ${sql.id(ours)}`.execute(db)
    try {
      const apart = { dialect: 'mysql', schema: ours, tables: { ...openEdxTables, schema } } as const
      expect(await migrate(db, apart)).toEqual(stepNames)
      expect(await checkSchema(db, apart)).toEqual([])
      const users = createUserCore({
        repository: kyselyRepository(db, apart) as Repository,
        settings: { ...seeded, retired_identifier_scheme: 'sha1', retired_user_salts: ['x'], minimum_cool_off_days: 0 },
      })
      await users.accounts.update({ username: 'ada' }, 'ada', { bio: 'apart', extended_profile: { a: 1 } })
      await users.preferences.update({ username: 'ada' }, 'ada', { theme: 'dark' })
      await users.retirement.request(system, 'ada')
      expect(await site().row('auth_userprofile')).toMatchObject({ bio: 'apart' })
      const outbox = await sql`select 1 from ${sql.table(`${ours}.usercore_outbox`)}`.execute(db)
      expect(outbox.rows).not.toHaveLength(0)
      expect(await site().rows('usercore_outbox')).toEqual([])
    } finally {
      await sql`drop database ${sql.id(ours)}`.execute(db)
    }
  })
})

it.each(servers)(
  'the tables of Open edX can have the character set of old sites (%s)',
  async (url) => {
    const database = await openEdxDatabase(url, 'utf8mb3_general_ci')
    try {
      const repository = kyselyRepository(database.connect(), options) as Repository
      const users = createUserCore({ repository, settings: seeded })
      await users.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Adä' }, { active: true })
      const ada = { username: 'ada' }
      await users.accounts.update(ada, 'ADA', { extended_profile: { note: '👩‍🚀' }, account_privacy: 'private' })
      await users.accounts.requestNameChange(ada, ada, 'Ada 你好')
      await users.extendedProfile.update({ system: true, name: 'crm' }, 'ada', { a: '👩‍🚀' })
      const [account] = await repository.findAccounts({ email_keys: ['ada@example.com'] })
      expect(account).toMatchObject({ profile: { name: 'Adä' }, pending_name_change: { new_name: 'Ada 你好' } })
      expect(account?.extended_profiles.map(({ document }) => JSON.parse(document))).toEqual(
        expect.arrayContaining([{ note: '👩‍🚀' }, { a: '👩‍🚀' }]),
      )
      expect(await users.retirement.setPipeline(system)).toMatchObject({ removed: [] })
    } finally {
      await database.close()
    }
  },
  60_000,
)
