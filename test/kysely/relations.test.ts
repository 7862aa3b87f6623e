import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialectOf } from '../../src/kysely/dialect.ts'
import { checkCoverage, type DialectName } from '../../src/kysely/index.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'

const ofPostgres = [
  // Both kinds of partitions, and a table that inherits in the old way, which has rows of its own.
  'create table parted (id int not null, user_id int, primary key (id)) partition by range (id)',
  'create table parted_low partition of parted for values from (0) to (10)',
  'create table parted_high partition of parted for values from (10) to (20) partition by range (id)',
  'create table parted_top partition of parted_high for values from (15) to (20)',
  'create table heirs (extra int) inherits (lefts)',
  'create table to_parted (parted_id int references parted (id))',
  'create materialized view copied as select * from lefts',
]

/** What each database has beside tables, and its own kinds of tables. */
const more: Readonly<Record<DialectName, readonly string[]>> = {
  sqlite: [
    'create virtual table searched using fts5 (user_id)',
    'create table counted (id integer primary key autoincrement)',
    'create table "Spelt" (id integer primary key)',
    'create table loose (spelt int references SPELT)',
    'create table computed (id int, user_id int generated always as (id + 1))',
  ],
  postgres: ofPostgres,
  pglite: ofPostgres,
  mysql: [
    'create table other_pairs (a int, b int, constraint pairs_to_lefts foreign key (a, b) references lefts (a, b))',
  ],
}

const extra: Readonly<Record<DialectName, readonly string[]>> = {
  sqlite: ['computed', 'counted', 'loose', 'Spelt'],
  postgres: ['heirs', 'parted', 'to_parted'],
  pglite: ['heirs', 'parted', 'to_parted'],
  mysql: ['other_pairs'],
}

describe.each(Object.entries(databases))('the relations on %s', (_, create) => {
  let database: TestDatabase
  let db: Kysely<unknown>
  const schemaOf = () => dialectOf(database.dialect).schema
  beforeAll(async () => {
    database = await create('empty')
    db = database.connect()
    const statements = [
      'create table lefts (c int, b int not null, a int not null, primary key (b, a), unique (a, b))',
      `create table rights (id int primary key, x int, y int, z int,
        constraint rights_to_lefts foreign key (x, y) references lefts (b, a) on delete cascade,
        foreign key (z) references rights (id) on delete set null)`,
      'create table bare (value int)',
      'create view seen as select * from lefts',
      ...more[database.dialect],
    ]
    for (const statement of statements) await sql.raw(statement).execute(db)
  }, 120_000)
  afterAll(() => database.close())

  it('are tables with their columns and keys, in order', async () => {
    const tables = await schemaOf().listTables(db, undefined)
    const names = ['bare', 'lefts', 'rights', ...extra[database.dialect]]
    expect(tables.map((table) => table.name).toSorted()).toEqual(names.toSorted())
    expect(tables.find((table) => table.name === 'lefts')).toMatchObject({ columns: ['c', 'b', 'a'], key: ['b', 'a'] })
    expect(tables.find((table) => table.name === 'bare')).toMatchObject({ columns: ['value'], key: [] })
    if (database.dialect === 'sqlite')
      expect(tables.find((table) => table.name === 'computed')?.columns).toEqual(['id', 'user_id'])
    const [first] = tables
    expect(await schemaOf().listTables(db, first?.schema)).toEqual(tables)
    expect(
      await schemaOf()
        .listTables(db, 'nowhere')
        .catch(() => []),
    ).toEqual([])
  })

  it('are foreign keys, pair by pair', async () => {
    const keys = await schemaOf().foreignKeys(db, undefined)
    const [schema] = new Set((await schemaOf().listTables(db, undefined)).map((table) => table.schema))
    const place = (table: string) => ({ schema, name: table })
    const of = (table: string) =>
      keys.filter(({ from }) => from.name === table).toSorted((a, b) => a.columns.length - b.columns.length)
    expect(of('rights')).toEqual([
      { from: place('rights'), columns: ['z'], to: place('rights'), references: ['id'], onDelete: 'release' },
      { from: place('rights'), columns: ['x', 'y'], to: place('lefts'), references: ['b', 'a'], onDelete: 'cascade' },
    ])
    const pairs = { from: place('other_pairs'), columns: ['a', 'b'], to: place('lefts'), references: ['a', 'b'] }
    expect(of('other_pairs')).toEqual(database.dialect === 'mysql' ? [{ ...pairs, onDelete: 'stop' }] : [])
    const spelt = { from: place('loose'), columns: ['spelt'], to: place('Spelt'), references: ['id'] }
    expect(of('loose')).toEqual(database.dialect === 'sqlite' ? [{ ...spelt, onDelete: 'stop' }] : [])
    const parted = { from: place('to_parted'), columns: ['parted_id'], to: place('parted'), references: ['id'] }
    expect(of('to_parted')).toEqual(extra[database.dialect].includes('parted') ? [{ ...parted, onDelete: 'stop' }] : [])
  })

  it('are read by selects alone', async () => {
    const texts: string[] = []
    const watched = database.connect({ log: ({ query }) => void texts.push(query.sql) })
    await checkCoverage(watched, { dialect: database.dialect, sources: [] })
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.filter((text) => !/^\s*select\b/.test(text))).toEqual([])
  })
})

const { postgres } = databases

describe.runIf(postgres)('the gate over several schemas', () => {
  let database: TestDatabase
  let db: Kysely<unknown>
  const schemas = ['a', 'b'].map((end) => `gate_${process.pid}_${end}`)
  const [other = '', third = ''] = schemas
  beforeAll(async () => {
    database = (await postgres?.()) as TestDatabase
    db = database.connect()
    for (const schema of schemas) await sql`create schema ${sql.id(schema)}`.execute(db)
    await sql`create table ${sql.id(other, 'orders')} (id bigint primary key, who bigint not null references usercore_users)`.execute(
      db,
    )
    await sql`create index on ${sql.id(other, 'orders')} (who)`.execute(db)
    await sql`create table ${sql.id(third, 'lines')} (id bigint primary key, what bigint references ${sql.id(other, 'orders')})`.execute(
      db,
    )
  }, 120_000)
  afterAll(async () => {
    for (const schema of schemas) await sql`drop schema ${sql.id(schema)} cascade`.execute(db)
    await database.close()
  })

  it('looks at those that it is told of, and names their tables with them', async () => {
    const options = { dialect: 'postgres', sources: [] } as const
    expect(await checkCoverage(db, options)).toEqual([])
    const found = await checkCoverage(db, { ...options, schemas })
    expect(found.map(({ code, table }) => `${code} ${table}`)).toEqual([
      `blocks ${other}.orders`,
      `unclassified_table ${other}.orders`,
      `unclassified_table ${third}.lines`,
    ])
  })

  it('looks at that of a source, and at that of `withSchema`', async () => {
    const source = {
      source: 'orders',
      table: 'orders',
      subject: { user_id: 'who' },
      columns: { id: 'key', who: 'key' },
      treatment: { erase: 'step', by: 'shop' },
    } as const
    const options = { dialect: 'postgres' } as const
    expect(await checkCoverage(db, { ...options, sources: [{ ...source, schema: other }] })).toEqual([])
    const lines = (await checkCoverage(db.withSchema(third), { ...options, sources: [] })).map(
      ({ code, table }) => `${code} ${table}`,
    )
    // Whether it is people whom orders belong to cannot be told from there.
    expect(lines).toEqual([])
  })
})
