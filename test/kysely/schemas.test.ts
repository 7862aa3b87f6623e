import { randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createUserCore } from '../../src/create-user-core.ts'
import { checkSchema, kyselyRepository, migrate, type UserTable, verifyMapping } from '../../src/kysely/index.ts'
import { system } from '../../src/site/actor.ts'
import { databases, postgresDatabase } from '../stores/databases.ts'
import { serverUrls } from '../stores/servers.ts'

const ada = { username: 'ada', email: 'ada@example.com', name: 'Ada' }
const users: UserTable = {
  table: 'members',
  idType: 'bigint',
  columns: { id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
}
const ownName = () => `usercore_${process.pid}_${randomBytes(4).toString('hex')}`

describe.runIf(serverUrls.postgres)('a schema before another one in the search path', () => {
  const options = { dialect: 'postgres' } as const

  it('has tables and people of its own', async () => {
    const behind = await postgresDatabase(serverUrls.postgres ?? '')
    const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(behind.connect())
    const first = ownName()
    await sql`create schema ${sql.id(first)}`.execute(behind.connect())
    const database = await postgresDatabase(serverUrls.postgres ?? '', 'empty', {
      options: `-c search_path=${first},${rows[0]?.name}`,
    })
    const db = database.connect()
    await sql`create table ${sql.id(rows[0]?.name ?? '', 'members')} (id bigint primary key)`.execute(db)

    expect((await checkSchema(db, options)).filter(({ code }) => code === 'no_table')).not.toEqual([])
    expect(await verifyMapping(db, { ...options, users })).toMatchObject([{ code: 'no_table' }])
    expect(await migrate(db, options)).not.toEqual([])
    expect(await checkSchema(db, options)).toEqual([])
    await createUserCore({ repository: kyselyRepository(db, options) }).accounts.create(system, ada)
    expect(await kyselyRepository(behind.connect(), options).select('users', {})).toEqual([])
    await sql`drop schema ${sql.id(first)} cascade`.execute(db)
    await database.close()
    await behind.close()
  })
})

const withSchemas = Object.entries(databases).filter(([name]) => !/sqlite/.test(name))

describe.each(withSchemas)('an instance with withSchema on %s', (_, create) => {
  it('has its tables there, and lets in no transaction of another schema', async () => {
    const database = await create('empty')
    const { dialect } = database
    const db = database.connect()
    const schema = ownName()
    await sql`create schema ${sql.id(schema)}`.execute(db)
    const there = db.withSchema(schema)
    await sql`create table ${sql.id(schema, 'members')} (id bigint primary key)`.execute(db)
    expect((await verifyMapping(there, { dialect, users })).map(({ code }) => code)).not.toContain('no_table')
    expect((await verifyMapping(db, { dialect, users })).map(({ code }) => code)).toEqual(['no_table'])

    await migrate(there, { dialect })
    expect(await checkSchema(there, { dialect })).toEqual([])
    expect((await checkSchema(db, { dialect })).map(({ code }) => code)).toContain('no_table')
    const core = createUserCore({ repository: kyselyRepository(there, { dialect }) })
    await core.accounts.create(system, ada)
    expect(await kyselyRepository(db, { dialect, schema }).select('users', {})).toMatchObject([{ username: 'ada' }])
    await db.transaction().execute(async (transaction) => {
      for (const same of [transaction, transaction.withSchema(schema)]) {
        expect(await core.with(same).accounts.get(system, 'ada')).toHaveProperty('username', 'ada')
      }
      expect(() => core.with(transaction.withSchema('other'))).toThrow(
        expect.objectContaining({ code: 'config_error', params: { option: 'transaction' } }),
      )
    })
    await sql`drop schema ${sql.id(schema)} ${dialect === 'mysql' ? sql`` : sql`cascade`}`.execute(db)
    await database.close()
  })
})

it('SQLite, whose references do not leave a file, has no schemas', async () => {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
  const options = { dialect: 'sqlite' } as const
  const refusal = { code: 'config_error', params: { option: 'schema' } }
  for (const refused of [migrate, checkSchema]) {
    await expect(refused(db, { ...options, schema: 'other' })).rejects.toMatchObject(refusal)
    await expect(refused(db.withSchema('other'), options)).rejects.toMatchObject(refusal)
  }
  await expect(verifyMapping(db, { ...options, users: { ...users, schema: 'other' } })).rejects.toMatchObject(refusal)
  expect(() => kyselyRepository(db, { ...options, schema: 'other' })).toThrow(expect.objectContaining(refusal))
  await db.destroy()
})
