import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { system } from '../../src/actor.ts'
import { createUserCore } from '../../src/create-user-core.ts'
import { kyselyRepository, migrate, migrationSql } from '../../src/kysely/index.ts'
import { tables } from '../../src/tables.ts'

const steps = ['0001-accounts', '0002-tags', '0003-extended-profiles', '0004-retirement']

const open = () => new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })

/** Every statement that made the schema, as SQLite keeps it. */
async function schemaOf(db: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by name`.execute(db)
  return rows.map((row) => row.sql)
}

describe('migrate', () => {
  it('makes every table with every column, once', async () => {
    const db = open()
    expect(await migrate(db, { dialect: 'sqlite' })).toEqual(steps)
    expect(await migrate(db, { dialect: 'sqlite' })).toEqual([])
    for (const [table, { columns }] of Object.entries(tables)) {
      const { rows } = await sql<{ name: string }>`select name from pragma_table_info(${`usercore_${table}`})`.execute(
        db,
      )
      expect(rows.map((row) => row.name).sort(), table).toEqual(Object.keys(columns).sort())
    }
  })

  it('makes the schema that is on file', async () => {
    const db = open()
    await migrate(db, { dialect: 'sqlite' })
    // `npx vitest -u` writes the file anew: its diff shows a reviewer what a new step does.
    await expect(`${(await schemaOf(db)).join(';\n')};\n`).toMatchFileSnapshot('../schema/sqlite.sql')
  })

  it('gives its tables the prefix that the host wants, beside those of another prefix', async () => {
    const db = open()
    const first = { dialect: 'sqlite', prefix: 'members_' } as const
    expect(await migrate(db, first)).toEqual(steps)
    expect(await migrate(db, { dialect: 'sqlite' })).toEqual(steps)
    const [members, others] = [first, { dialect: 'sqlite' } as const].map((options) =>
      createUserCore({ repository: kyselyRepository(db, options) }),
    )
    await members?.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' })
    expect(await members?.accounts.get({ username: 'ada' })).toHaveLength(1)
    await expect(others?.accounts.get({ username: 'ada' })).rejects.toMatchObject({ code: 'user_not_found' })
  })

  it('leaves the migrations of the host alone', async () => {
    const db = open()
    await sql`create table kysely_migration (name text)`.execute(db)
    await migrate(db, { dialect: 'sqlite' })
    expect((await sql`select * from kysely_migration`.execute(db)).rows).toEqual([])
  })

  it('prints the statements that it would run, and they make the same schema', async () => {
    const [migrated, byHand] = [open(), open()]
    await migrate(migrated, { dialect: 'sqlite', prefix: 'p_' })
    for (const statement of await migrationSql({ dialect: 'sqlite', prefix: 'p_' }))
      await sql.raw(statement).execute(byHand)
    const ours = (await schemaOf(migrated)).filter((statement) => !/"p_migration(s|_lock)"/.test(statement))
    expect(await schemaOf(byHand)).toEqual(ours)
  })

  it('takes tables that a DBA made by hand for made', async () => {
    const db = open()
    for (const statement of await migrationSql({ dialect: 'sqlite' })) await sql.raw(statement).execute(db)
    expect(await migrate(db, { dialect: 'sqlite' })).toEqual(steps)
  })

  it('says which step failed, and why', async () => {
    const db = open()
    await sql`create table usercore_outbox (id integer)`.execute(db)
    await expect(migrate(db, { dialect: 'sqlite' })).rejects.toMatchObject({
      name: 'StorageError',
      message: 'storage failed: migration 0001-accounts (SQLITE_ERROR)',
      cause: expect.anything(),
    })
  })
})
