import Database from 'better-sqlite3'
import {
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteDialect,
} from 'kysely'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  createUserCore,
  defineExtendedProfile,
  definePipeline,
  definePreferences,
  type PersonalDataSource,
} from '../src/index.ts'
import {
  checkCoverage,
  checkSchema,
  keptStatements,
  kyselyPersonalData,
  kyselyRepository,
  migrate,
  migrationSql,
  nodeSqlite,
  openEdxTables,
  renewKeys,
  searchIndexes,
  verifyMapping,
} from '../src/kysely/index.ts'
import { memoryPersonalData, memoryRepository } from '../src/memory/index.ts'
import { testPersonalData, testRepository } from '../src/testing/index.ts'
import { isUserCoreError } from '../src/values/errors.ts'
import { odd } from './support/hostile.ts'

const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
const onPostgres = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (on) => new PostgresIntrospector(on),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})
const onMysql = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new MysqlAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (on) => new MysqlIntrospector(on),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  },
})
const people = {
  table: 'people',
  idType: 'integer',
  columns: { id: 'id', username: 'name', email: 'mail', is_active: 'active', date_joined: 'joined' },
}
const schema = z.string()

type Options = Readonly<Record<string, unknown>>

/** Functions that take a database and options, by name. */
const onDatabase: Readonly<Record<string, (on: never, options: never) => unknown>> = {
  kyselyRepository,
  migrate,
  checkSchema,
  verifyMapping,
  renewKeys,
  checkCoverage,
}
/** The same, and the one that takes options alone, each with right options but for those that are given. */
const naming: Readonly<Record<string, (options: Options) => unknown>> = {
  ...Object.fromEntries(
    Object.entries(onDatabase).map(([name, call]) => [
      name,
      (options: Options) => call(db as never, { dialect: 'sqlite', users: people, ...options } as never),
    ]),
  ),
  migrationSql: (options) => migrationSql({ dialect: 'sqlite', users: people, ...options } as never),
  searchIndexes: (options) => searchIndexes({ dialect: 'sqlite', users: people, ...options } as never),
}
const core = (options: Options) => createUserCore({ repository: memoryRepository(), ...options } as never)
const kept = (options: Options) => keptStatements(new Database(':memory:'), options as never)
const preferences = (definition: Options) =>
  definePreferences({ theme: { schema, default: '', ...definition } as never }, {})
const profile = (definition: Options) => defineExtendedProfile({ motto: { schema, ...definition } as never })
const step = (options: Options) => definePipeline([{ step: 's', working: 'W', done: 'D', ...options } as never])

/** A source whose rows lead to no person. */
const wandering: PersonalDataSource = {
  source: 'lines',
  table: 'lines',
  subject: { through: 'orders', column: 'order_id', references: 'id' },
  columns: { id: 'key', order_id: 'key' },
  treatment: { erase: 'rows', redacted: {} },
}

/** Sources whose rows lead to each other. */
const circle = [wandering, { ...wandering, source: 'orders', subject: { ...wandering.subject, through: 'lines' } }]

type Case = readonly [what: string, option: string, call: () => unknown]

/** The same wrong options for each function of a database. */
const ofNaming: readonly (readonly [option: string, options: Options])[] = [
  ['colour', { colour: 'red' }],
  ['users.colour', { users: { ...people, colour: 'red' } }],
  ['users.columns.colour', { users: { ...people, columns: { ...people.columns, colour: 'red' } } }],
  ['users.columns.id', { users: { ...people, columns: { ...people.columns, id: 7 } } }],
  ['users.table', { users: { ...people, table: '' } }],
  ['dialect', { dialect: 'oracle' }],
  ['dialect', { dialect: undefined }],
  ['dialect', { dialect: '__proto__' }],
  ['prefix', { prefix: 'a-b' }],
  ['prefix', { prefix: 7 }],
  ['prefix', { prefix: 'a'.repeat(25) }],
  ['schema', { schema: 7 }],
  ['schema', { schema: '' }],
  ['schema', { schema: 'app' }],
  ['tables', { tables: 'openEdxTables' }],
  ['tables.dialect', { tables: {} }],
  ['tables.colour', { tables: { ...openEdxTables, colour: 'red' }, users: undefined }],
  ['tables', { tables: openEdxTables }],
  ['readAfterWrite', { readAfterWrite: 'yes' }],
]

const cases: readonly Case[] = [
  ...Object.entries(naming).flatMap(([name, call]) =>
    ofNaming.map(([option, options]): Case => [`${name} ${JSON.stringify(options)}`, option, () => call(options)]),
  ),
  ...Object.entries(onDatabase).flatMap(([name, call]): Case[] => [
    [`${name} of no database`, 'db', () => call({} as never, { dialect: 'sqlite' } as never)],
    [`${name} of a database of another kind`, 'dialect', () => call(db as never, { dialect: 'mysql' } as never)],
    [
      `${name} of SQLite as Open edX`,
      'dialect',
      () => {
        return call(db as never, { dialect: 'mysql', tables: openEdxTables } as never)
      },
    ],
    [`${name} of PostgreSQL`, 'dialect', () => call(onPostgres as never, { dialect: 'sqlite' } as never)],
    [`${name} of MySQL`, 'dialect', () => call(onMysql as never, { dialect: 'postgres' } as never)],
  ]),
  ['verifyMapping without a mapping', 'users', () => naming.verifyMapping?.({ users: undefined })],
  ['checkCoverage without sources', 'sources', () => naming.checkCoverage?.({})],
  ['checkCoverage', 'sources', () => naming.checkCoverage?.({ sources: [{ source: 'orders' }] })],
  ['checkCoverage', 'patterns', () => naming.checkCoverage?.({ sources: [], patterns: [{ test: () => true }] })],
  ['checkCoverage', 'waivers.0.why', () => naming.checkCoverage?.({ sources: [], waivers: [{ table: 'orders' }] })],
  ['migrationSql', 'since', () => naming.migrationSql?.({ since: 'yesterday' })],
  ['createUserCore', 'colour', () => core({ colour: 'red' })],
  ['createUserCore', 'repository', () => core({ repository: {} })],
  ['createUserCore', 'hookTimeoutMs', () => core({ hookTimeoutMs: 0 })],
  ['createUserCore', 'preferences.colour', () => core({ preferences: { ...definePreferences({}), colour: 'red' } })],
  [
    'createUserCore',
    'extendedProfile.colour',
    () => {
      return core({ extendedProfile: { ...defineExtendedProfile({}), colour: 'red' } })
    },
  ],
  ['keptStatements', 'colour', () => kept({ colour: 'red' })],
  ['keptStatements', 'max', () => kept({ max: 0 })],
  ['keptStatements', 'pool', () => keptStatements({} as never)],
  ['nodeSqlite', 'database', () => nodeSqlite({} as never)],
  ['memoryRepository', 'colour', () => memoryRepository({ colour: 'red' } as never)],
  ['memoryRepository', 'idType', () => memoryRepository({ idType: 'uuid' } as never)],
  ['memoryPersonalData', 'colour', () => memoryPersonalData({ sources: [], tables: {}, colour: 'red' } as never)],
  ['memoryPersonalData', 'tables', () => memoryPersonalData({ sources: [] } as never)],
  ['memoryPersonalData', 'tables', () => memoryPersonalData({ sources: [], tables: { orders: 7 } } as never)],
  ['createUserCore', 'personalData', () => core({ personalData: {} })],
  ['definePreferences', 'colour', () => definePreferences({}, { colour: 'red' } as never)],
  ['definePreferences', 'definitions.theme.colour', () => preferences({ colour: 'red' })],
  ['definePreferences', 'definitions.theme.scopes.0', () => preferences({ scopes: ['site'] })],
  ['definePreferences', 'definitions.theme.schema', () => preferences({ schema: 7 })],
  ['defineExtendedProfile', 'colour', () => defineExtendedProfile({}, { colour: 'red' } as never)],
  ['defineExtendedProfile', 'fields.motto.colour', () => profile({ colour: 'red' })],
  ['defineExtendedProfile', 'fields.motto.erase', () => profile({ erase: 'never' })],
  ['definePipeline', 'pipeline.0.colour', () => step({ colour: 'red' })],
  ['defineExtendedProfile', 'fields.motto.why', () => profile({ exported: false })],
  ['testPersonalData', 'it', () => testPersonalData(undefined as never, async () => ({}) as never)],
  ['testPersonalData', 'open', () => testPersonalData(it, undefined as never)],
  ['testRepository', 'it', () => testRepository(undefined as never, async () => ({}) as never)],
  ['testRepository', 'open', () => testRepository(it, undefined as never)],
]

async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return undefined
}

describe('an option that is wrong', () => {
  it.each(cases)('of %s is refused as %s, in the params and in the message', async (_, option, call) => {
    const error = await thrownBy(call)
    expect(error).toMatchObject({ code: 'config_error', params: { option } })
    expect(String(error)).toContain(`config_error: ${option} must be `)
    expect(String(error)).not.toMatch(/\bred\b|oracle|a-b|yesterday|uuid/)
  })

  it.each<[string, () => unknown]>([
    ['are left out', () => kyselyPersonalData(db, { dialect: 'sqlite' } as never)],
    ['are no sources', () => memoryPersonalData({ sources: [{}], tables: {} } as never)],
    ['lead to no person', () => kyselyPersonalData(db, { dialect: 'sqlite', sources: [wandering] })],
    ['lead in a circle', () => memoryPersonalData({ sources: circle, tables: {} })],
  ])('is sources that %s', (_, call) => {
    const refusal = { code: 'config_error', params: { option: 'sources' } }
    expect(call).toThrow(expect.objectContaining(refusal))
  })

  it.each([
    ['setings', { settings: { setings: 1 } }],
    ['cool_off_days', { settings: { cool_off_days: 'seven' } }],
    ['account_visibility_configuration.colour', { settings: { account_visibility_configuration: { colour: [] } } }],
  ])('of the settings is refused as %s', (setting, options) => {
    const refusal = { code: 'config_error', params: { settings: setting } }
    expect(() => core(options)).toThrow(expect.objectContaining(refusal))
    expect(() => core(options)).toThrow(new RegExp(`config_error: ${setting}`))
  })

  it('is a transaction of something else', async () => {
    const refusal = { code: 'config_error', params: { option: 'transaction' } }
    const other = await new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
      .startTransaction()
      .execute()
    const repositories = [memoryRepository(), kyselyRepository(db, { dialect: 'sqlite' })]
    const values = [...odd, db, ...['get', 'has'].map(trapped)]
    for (const repository of repositories) {
      const users = createUserCore({ repository } as never)
      const wrong = repository === repositories[0] ? [...values, other] : values
      for (const transaction of wrong) {
        expect(() => repository.with(transaction as never)).toThrow(expect.objectContaining(refusal))
        expect(() => users.with(transaction as never)).toThrow(expect.objectContaining(refusal))
      }
    }
    expect(() => kyselyRepository(db, { dialect: 'sqlite' }).with(other)).not.toThrow()
  })
})

/** A copy of what a transaction looks like, of which one way of reading throws. */
function trapped(trap: string): object {
  const open = { isTransaction: true, withoutPlugins: () => db, selectFrom: () => db }
  return new Proxy(open, {
    [trap]: () => {
      throw new RangeError('this cannot be read')
    },
  })
}

it('options that are none at all are refused without another error', async () => {
  const calls: Readonly<Record<string, (value: never) => unknown>> = {
    createUserCore,
    migrationSql,
    searchIndexes,
    memoryRepository,
    memoryPersonalData,
    keptStatements: (value) => keptStatements(new Database(':memory:'), value),
    'keptStatements of a pool': (value) => keptStatements(value),
    definePreferences: (value) => definePreferences({}, value),
    defineExtendedProfile: (value) => defineExtendedProfile({}, value),
    ...Object.fromEntries(
      Object.entries(onDatabase).map(([name, call]) => [name, (value) => call(db as never, value)]),
    ),
    ...Object.fromEntries(
      Object.entries(onDatabase).map(([name, call]) => [
        `${name} of a database`,
        (value) => call(value, { dialect: 'sqlite' } as never),
      ]),
    ),
  }
  const others: string[] = []
  for (const [name, call] of Object.entries(calls)) {
    for (const value of [...odd, ...['get', 'has', 'ownKeys', 'getPrototypeOf'].map(trapped)]) {
      const error = await thrownBy(() => call(value as never))
      if (error !== undefined && !isUserCoreError(error, 'config_error')) others.push(`${name}: ${error}`)
    }
  }
  expect(others).toEqual([])
})
