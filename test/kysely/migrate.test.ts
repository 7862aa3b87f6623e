import { type Kysely, sql, type Transaction } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { hashKey } from '../../src/accounts/fields/confirmation-key.ts'
import { createUserCore } from '../../src/create-user-core.ts'
import {
  checkSchema,
  type DialectName,
  kyselyRepository,
  migrate,
  migrationSql,
  renewKeys,
} from '../../src/kysely/index.ts'
import { migrateTo, stepNames } from '../../src/kysely/migrate.ts'
import { tables } from '../../src/port/tables.ts'
import { anonymous, system } from '../../src/site/actor.ts'
import { addUser } from '../../src/testing/rows.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'
import { serverUrls } from '../stores/servers.ts'
import { mailedKey } from '../support/host.ts'
import { schemaText } from './schema-text.ts'

/** Each test works with a prefix of its own, in one database for the file. */
describe.each(Object.entries(databases))('migrate on %s', (name, create) => {
  let database: Promise<TestDatabase> | undefined
  let count = 0
  let options: { dialect: DialectName; prefix: string }
  let db: Kysely<unknown>

  beforeEach(async () => {
    database ??= create('empty')
    const { dialect, connect } = await database
    db ??= connect()
    options = { dialect, prefix: `t${++count}_` }
  })
  afterAll(async () => (await database)?.close())

  it('makes every table with every column and key, once', async () => {
    expect(await migrate(db, options)).toEqual(stepNames)
    expect(await migrate(db, options)).toEqual([])
    expect(await checkSchema(db, options)).toEqual([])
  })

  it('makes the schema that is on file', async () => {
    const onFile = { dialect: options.dialect }
    await migrate(db, onFile)
    // `npx vitest -u` writes the file anew: its diff shows a reviewer the effect of a new step.
    const file = { 'node-sqlite': 'sqlite', pglite: 'postgres' }[name] ?? name
    await expect(await schemaText(db, onFile)).toMatchFileSnapshot(`../schema/${file}.sql`)
  })

  it('ends activation keys from before they named an address: a used one says so, and others can be asked for', async () => {
    await migrateTo(db, options, '0004-retirement')
    const repository = kyselyRepository(db, options)
    const users = createUserCore({ repository })
    for (const [username, activated_at] of [
      ['ada', null],
      ['bob', '2024-06-15 12:00:00'],
    ] as const) {
      const id = await addUser(repository, username)
      const is_active = activated_at !== null
      await repository.commit([{ update: 'users', set: { is_active }, where: { id } }])
      await sql`insert into ${sql.table(`${options.prefix}registrations`)} (user_id, key_hash, activated_at)
        values (${id}, ${hashKey(`key of ${username}`)}, ${activated_at})`.execute(db)
    }
    expect(await migrate(db, options)).toEqual(stepNames.slice(4))
    const activate = (key: string) => users.accounts.activate(system, key)
    expect(await activate('key of bob')).toEqual({ outcome: 'already_active' })
    await expect(activate('key of ada')).rejects.toMatchObject({ code: 'not_found' })
    await users.accounts.requestActivation(anonymous, 'ada@example.com')
    expect(await activate(await mailedKey(users, 'activation'))).toEqual({ outcome: 'activated' })
  })

  it('renews keys whose rule has changed, and leaves two accounts of one mailbox as they are', async () => {
    await migrateTo(db, options, '0006-usernames-and-images')
    const people = Array.from({ length: 1005 }, (_, index) => ({
      username: `u${index}`,
      email: `u${index}@example.com`,
    }))
    people[1002] = { username: 'ada', email: 'Ada@xn--bcher-kva.example' }
    people[1003] = { username: 'bob', email: 'bob@bücher.example' }
    people[1004] = { username: 'bob2', email: 'bob@xn--bcher-kva.example' }
    const repository = kyselyRepository(db, options)
    const rows = people.map(({ username, email }, index) => ({
      id: index + 1,
      username,
      username_key: username,
      email,
      email_key: email.toLowerCase(),
      first_name: '',
      last_name: '',
      is_active: true,
      date_joined: '1999-12-31T23:59:59.000001Z',
      last_login: null,
    }))
    const secondary_email = 'second@xn--bcher-kva.example'
    const recovery = { user_id: 1, secondary_email, secondary_email_key: secondary_email, is_active: true }
    await repository.commit([
      { insert: 'users', rows },
      { insert: 'account_recoveries', rows: [recovery] },
    ])
    expect(await migrate(db, options)).toEqual(stepNames.slice(stepNames.indexOf('0007-keys')))
    const stored = await repository.select('users', { id: [1, 1003, 1004, 1005] })
    expect(new Map(stored.map((user) => [user.username, user.email_key]))).toEqual(
      new Map([
        ['u0', 'u0@example.com'],
        ['ada', 'ada@bücher.example'],
        ['bob', 'bob@bücher.example'],
        ['bob2', 'bob@xn--bcher-kva.example'],
      ]),
    )
    const users = createUserCore({ repository })
    for (const email of ['ada@bücher.example', 'ADA@xn--bcher-kva.example'])
      expect(await users.accounts.getByEmail(system, email)).toMatchObject({ username: 'ada' })
    // By hand, once one of the two has another address.
    await repository.commit([{ delete: 'users', where: { username: 'bob' } }])
    await renewKeys(db, options)
    expect(await users.accounts.getByEmail(system, 'bob@bücher.example')).toMatchObject({ username: 'bob2' })
    const recoveries = await repository.select('account_recoveries', {})
    expect(recoveries).toMatchObject([{ secondary_email, secondary_email_key: 'second@bücher.example' }])
  })

  it('keeps people under one prefix apart from those under another', async () => {
    const other = { ...options, prefix: `t${++count}_` }
    for (const each of [options, other]) await migrate(db, each)
    const [ours, theirs] = [options, other].map((each) => createUserCore({ repository: kyselyRepository(db, each) }))
    await ours?.accounts.create(system, { username: 'ada', email: 'ada@example.com', name: 'Ada' })
    expect(await ours?.accounts.get({ username: 'ada' }, 'ada')).toHaveProperty('username', 'ada')
    await expect(theirs?.accounts.get({ username: 'ada' }, 'ada')).rejects.toMatchObject({ code: 'user_not_found' })
  })

  it('leaves the migrations of the host alone', async () => {
    await sql`create table kysely_migration (name varchar(20))`.execute(db)
    await migrate(db, options)
    expect((await sql`select * from kysely_migration`.execute(db)).rows).toEqual([])
    await sql`drop table kysely_migration`.execute(db)
  })

  it('prints the statements that it would run: they make the same schema, and write down that it is made', async () => {
    for (const statement of await migrationSql(options)) await sql.raw(statement).execute(db)
    expect(await checkSchema(db, options)).toEqual([])
    expect(await migrate(db, options)).toEqual([])
    const plain = { dialect: options.dialect }
    await migrate(db, plain)
    expect(await schemaText(db, options)).toBe(await schemaText(db, plain))
  })

  it('prints the statements that are left after each step, for a schema that it made itself so far', async () => {
    for (const step of stepNames.slice(0, -1)) {
      const older = { ...options, prefix: `t${++count}_` }
      await migrateTo(db, older, step)
      for (const statement of await migrationSql({ ...older, since: step })) await sql.raw(statement).execute(db)
      expect(await checkSchema(db, older)).toEqual([])
      expect(await migrate(db, older)).toEqual([])
    }
    await expect(migrationSql({ ...options, since: '0000-nothing' })).rejects.toMatchObject({
      code: 'config_error',
      params: { option: 'since' },
    })
  }, 120_000)

  it('says on the first call that it was not run', async () => {
    const repository = kyselyRepository(db, options)
    const users = createUserCore({ repository })
    const ada = { username: 'ada', email: 'ada@example.com', name: 'Ada' }
    const said = { code: 'config_error', params: { schema: 'missing', driver_code: expect.any(String) } }
    const calls = [() => users.accounts.create(system, ada), () => users.accounts.get(system, 'ada')]
    for (const call of calls) await expect(call()).rejects.toMatchObject(said)
    const write = repository.commit([{ delete: 'outbox', where: {} }])
    await expect(write).rejects.toThrow(
      /^storage failed: unit of work \(\w+\): a table or column is not there, run `migrate`$/,
    )
    // A table that is older than the code.
    await migrateTo(db, options, stepNames[0] ?? '')
    const read = repository.select('registrations', {})
    await expect(read).rejects.toMatchObject({ isSchemaMissing: true })
  })

  it('goes on from every earlier step, and keeps the stored rows', async () => {
    for (const step of stepNames.slice(0, -1)) {
      const older = { ...options, prefix: `t${++count}_` }
      await migrateTo(db, older, step)
      const repository = kyselyRepository(db, older)
      const insert = repository.insertUser(
        {
          username: 'ada',
          username_key: 'ada',
          email: 'ada@example.com',
          email_key: 'ada@example.com',
          first_name: 'Ada',
          last_name: '',
          is_active: true,
          date_joined: '1999-12-31T23:59:59.000001Z',
          last_login: null,
        },
        () => [],
      )
      const id = await insert
      expect(await migrate(db, older)).toEqual(stepNames.slice(stepNames.indexOf(step) + 1))
      expect(await checkSchema(db, older)).toEqual([])
      const [user] = await repository.select('users', { username_key: 'ada' })
      expect(user).toMatchObject({ id, first_name: 'Ada', date_joined: '1999-12-31T23:59:59.000001Z' })
    }
  }, 120_000)

  it('lets one of two migrators take each step, and the other wait', async () => {
    const second = (await database)?.connect() ?? db
    const taken = await Promise.all([migrate(db, options), migrate(second, options), migrate(db, options)])
    expect(taken.flat().sort()).toEqual(stepNames)
    expect(await checkSchema(db, options)).toEqual([])
  })

  const isServer = name in serverUrls
  if (isServer)
    it('goes on while tables of others come and go', async () => {
      const other = (await database)?.connect() ?? db
      let isOver = false
      const comeAndGo = async () => {
        while (!isOver) {
          await sql`create table passing (id serial primary key, note varchar(20))`.execute(other)
          await sql`drop table passing`.execute(other)
        }
      }
      const migrateOften = async () => {
        try {
          for (let turn = 0; turn < 20; turn++) await migrate(db, options)
        } finally {
          isOver = true
        }
      }
      await Promise.all([comeAndGo(), migrateOften()])
      expect(await checkSchema(db, options)).toEqual([])
    })

  it('can be a step among the migrations of the host', async () => {
    const names = { migrationTableName: `t${count}_host`, migrationLockTableName: `t${count}_host_lock` }
    const up: Migration['up'] = async (inside) => void (await migrate(inside, options))
    const migrator = new Migrator({ db, ...names, provider: { getMigrations: async () => ({ usercore: { up } }) } })
    const { error } = await migrator.migrateToLatest()
    expect(error).toBeUndefined()
    expect(await checkSchema(db, options)).toEqual([])
  })

  it('goes with the transaction of the host where the database can, and refuses it elsewhere', async () => {
    const rollback = new Error('rollback')
    const work = db.transaction().execute(async (transaction: Transaction<unknown>) => {
      await migrate(transaction, options)
      throw rollback
    })
    if (options.dialect === 'sqlite' || options.dialect === 'mysql') {
      const params = { transaction: options.dialect }
      await expect(work).rejects.toMatchObject({ code: 'config_error', params })
    } else {
      await expect(work).rejects.toBe(rollback)
    }
    expect((await checkSchema(db, options)).filter(({ code }) => code === 'no_table')).toHaveLength(
      Object.keys(tables).length,
    )
  })

  it('refuses a schema that is newer than the code', async () => {
    await migrate(db, options)
    await sql`insert into ${sql.table(`${options.prefix}migrations`)} values ('9999-later', '2999')`.execute(db)
    await expect(migrate(db, options)).rejects.toMatchObject({
      code: 'config_error',
      params: { schema: 'newer', step: '9999-later' },
    })
    expect(await checkSchema(db, options)).toEqual([{ code: 'step_unknown', name: '9999-later' }])
  })

  it('says which step failed, and why', async () => {
    await sql`create table ${sql.table(`${options.prefix}profiles`)} (id integer)`.execute(db)
    await sql`create table ${sql.table(`${options.prefix}account_history`)} (id integer)`.execute(db)
    // The index of a table that has no such column; MySQL leaves a table that is there as it is, until a later step.
    const message =
      options.dialect === 'mysql'
        ? /^storage failed: migration 0014-search-values \(1072\)$/
        : /^storage failed: migration 0001-accounts \((42703|SQLITE_ERROR|SQLITE_1)\)$/
    await expect(migrate(db, options)).rejects.toMatchObject({
      name: 'StorageError',
      message: expect.stringMatching(message),
      cause: expect.anything(),
    })
    expect(await checkSchema(db, options)).not.toEqual([])
  })

  it('finds missing tables, columns and keys', async () => {
    await migrate(db, options)
    await addUser(kyselyRepository(db, options), 'ada')
    await sql`drop table ${sql.table(`${options.prefix}course_tags`)}`.execute(db)
    await sql`alter table ${sql.table(`${options.prefix}profiles`)} drop column bio`.execute(db)
    expect(await checkSchema(db, options)).toEqual([
      { code: 'no_column', name: 'profiles.bio' },
      { code: 'no_table', name: 'course_tags' },
    ])
  })
})
