import { type Kysely, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { PersonalDataSource } from '../../src/index.ts'
import {
  type CoverageOptions,
  type CoverageProblem,
  checkCoverage,
  type DialectName,
  migrate,
  type UserTable,
} from '../../src/kysely/index.ts'
import { createHostSchema, hostSources } from '../personal-data/host-schema.ts'
import { databases, optionsOf, type TestDatabase } from '../stores/databases.ts'
import { openEdxDatabases } from '../stores/open-edx.ts'

const short = ({ code, table, column }: CoverageProblem) => `${code} ${table}${column === null ? '' : `.${column}`}`

describe.each(Object.entries({ ...databases, ...openEdxDatabases }))('ours on %s', (_, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create()
  }, 120_000)
  afterAll(() => database.close())

  it('are declared, to the last column', async () => {
    const options = { ...optionsOf(database), sources: [] }
    const db = database.connect()
    expect(await checkCoverage(db, options)).toEqual([])
    // Whatever a column is called.
    expect(await checkCoverage(db, { ...options, patterns: [/./] })).toEqual([])
  })
})

describe.each(Object.entries(databases))('ours beside a table of people of the host on %s', (_, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create('empty')
  }, 120_000)
  afterAll(() => database.close())

  it('are declared, and so are its columns that are mapped', async () => {
    const { dialect } = database
    const db = database.connect()
    await sql.raw(members[dialect]).execute(db)
    const options = { dialect, prefix: 'own_', users }
    await migrate(db, options)
    const found = await checkCoverage(db, { ...options, sources: [] })
    expect(found.map(short)).toEqual(['unclassified_column members.birthday'])
    const source: PersonalDataSource = {
      source: 'members',
      table: 'members',
      subject: { user_id: 'id' },
      columns: { id: 'key', birthday: 'personal' },
      treatment: { erase: 'columns', emptied: { birthday: null } },
    }
    expect(await checkCoverage(db, { ...options, sources: [source], patterns: [/./] })).toEqual([])
    // Without the mapping, the tables refer to a table that is not known for one of people.
    const unmapped = await checkCoverage(db, { dialect, sources: [] })
    expect(unmapped.map(short)).toContain('unclassified_table own_profiles')
  })
})

const users: UserTable = {
  table: 'members',
  idType: 'bigint',
  columns: { id: 'id', username: 'login', email: 'mail', is_active: 'enabled', date_joined: 'joined' },
  deleted: { column: 'gone' },
  defaults: { tenant: 1 },
}

const members: Readonly<Record<DialectName, string>> = {
  sqlite: `create table members (id integer primary key, login text not null unique, mail text not null unique,
    enabled integer not null, joined text not null, gone text, tenant integer not null, birthday text)`,
  postgres: `create table members (id bigint primary key, login varchar(150) not null unique,
    mail varchar(254) not null unique, enabled boolean not null, joined timestamptz not null, gone timestamptz,
    tenant integer not null, birthday date)`,
  pglite: `create table members (id bigint primary key, login varchar(150) not null unique,
    mail varchar(254) not null unique, enabled boolean not null, joined timestamptz not null, gone timestamptz,
    tenant integer not null, birthday date)`,
  mysql: `create table members (id bigint primary key, login varchar(150) not null unique,
    mail varchar(254) not null unique, enabled boolean not null, joined datetime(6) not null, gone datetime(6),
    tenant integer not null, birthday date)`,
}

/** The sources without one column of one of them, wherever it stands. */
function withoutColumn(source: PersonalDataSource, column: string): PersonalDataSource {
  const left = (members: object) => Object.fromEntries(Object.entries(members).filter(([name]) => name !== column))
  const { treatment } = source
  return {
    ...source,
    columns: left(source.columns) as PersonalDataSource['columns'],
    treatment: {
      ...treatment,
      ...('redacted' in treatment ? { redacted: left(treatment.redacted) } : {}),
      ...('emptied' in treatment ? { emptied: left(treatment.emptied) } : {}),
    } as PersonalDataSource['treatment'],
  }
}

describe.each(Object.entries(databases))('the gate on %s', (_, create) => {
  let database: TestDatabase
  let db: Kysely<unknown>
  const check = async (more: Partial<CoverageOptions> = {}) =>
    (await checkCoverage(db, { dialect: database.dialect, sources: hostSources, ...more })).map(short)
  const made: string[] = []
  /** Makes a table for the length of a test. */
  const make = async (name: string, columns: string) => {
    await sql.raw(`create table ${name} (${columns})`).execute(db)
    made.unshift(name)
  }
  beforeAll(async () => {
    database = await create()
    db = database.connect()
    await createHostSchema(db, database.dialect)
  }, 120_000)
  afterEach(async () => {
    for (const name of made.splice(0)) await db.schema.dropTable(name).execute()
  })
  afterAll(() => database.close())

  it('finds nothing where all is declared', async () => expect(await check()).toEqual([]))

  it.each(hostSources)('misses the source $source', async ({ source, table }) => {
    const found = await check({ sources: hostSources.filter((other) => other.source !== source) })
    expect(found).toContain(`unclassified_table ${table}`)
  })

  it.each(hostSources.flatMap((source) => Object.keys(source.columns).map((column) => ({ source, column }))))(
    'misses the column $column of $source.source',
    async ({ source, column }) => {
      const sources = hostSources.map((other) => (other === source ? withoutColumn(source, column) : other))
      const found = await check({ sources }).catch(({ code }) => [code])
      // Where the column tells whose a row is, names it, or begins a time, the declaration itself does not fit any more.
      expect([[`unclassified_column ${source.table}.${column}`], ['config_error']]).toContainEqual(found)
    },
  )

  const source = (more: Partial<PersonalDataSource> = {}): PersonalDataSource => ({
    source: 'extra',
    table: 'extra',
    subject: { user_id: 'user_id' },
    columns: { id: 'key', user_id: 'key' },
    treatment: { erase: 'rows', redacted: {} },
    ...more,
  })
  const rows = { erase: 'rows', redacted: {} } as const
  const toPeople = 'foreign key (user_id) references usercore_users (id)'

  it('finds what is declared and not there', async () => {
    const missing = source({ table: 'gone', columns: { id: 'key', user_id: 'key' } })
    const [orders, ...others] = hostSources
    const more = {
      ...orders,
      columns: { ...orders?.columns, colour: 'personal' },
      treatment: { erase: 'step', by: 'x' },
    }
    const sources = [more as PersonalDataSource, ...others, missing]
    expect(await check({ sources })).toEqual(['no_table gone', 'no_column orders.colour'])
  })

  it('finds paths that lead to no person', async () => {
    await make('extra', 'id bigint not null primary key, order_id bigint, back_id bigint')
    await sql`create index extra_order on extra (order_id)`.execute(db)
    const columns = { id: 'key', order_id: 'key', back_id: 'key' } as const
    const through = (through: string, references: string) => ({ through, column: 'order_id', references })
    const one = (subject: PersonalDataSource['subject']) => source({ columns, subject })
    const found = async (...more: readonly PersonalDataSource[]) => check({ sources: [...hostSources, ...more] })
    expect(await found(one(through('orders', 'id')))).toEqual([])
    expect(await found(one(through('nothing', 'id')))).toEqual(['broken_path extra.order_id'])
    expect(await found(one(through('orders', 'number')))).toEqual(['broken_path extra.order_id'])
    const circle = source({
      source: 'back',
      columns,
      subject: { through: 'extra', column: 'order_id', references: 'id' },
    })
    expect(await found(one(through('back', 'id')), circle)).toEqual([
      'broken_path extra.order_id',
      'broken_path extra.order_id',
    ])
  })

  it('finds people who are looked for without an index, and rows that nothing names', async () => {
    await make('extra', `id bigint, user_id bigint, nick varchar(20) unique`)
    const columns = { id: 'key', user_id: 'key', nick: 'personal' } as const
    const found = async (more: Partial<PersonalDataSource>) =>
      check({ sources: [...hostSources, source({ columns, ...more })] })
    const unindexed = 'unindexed_subject extra.user_id'
    expect(await found({})).toEqual(['no_key extra', unindexed])
    expect(await found({ key: ['id'] })).toEqual(['no_key extra', unindexed])
    // Rows without a value are not told apart by it.
    expect(await found({ key: ['nick'] })).toEqual(['no_key extra', unindexed])
    expect(await found({ treatment: { erase: 'step', by: 'x' } })).toEqual([unindexed])
    await sql`create index extra_user on extra (user_id, id)`.execute(db)
    expect(await found({ treatment: { erase: 'step', by: 'x' } })).toEqual([])
  })

  it('finds columns that name people and have no index, unless the rows stay', async () => {
    await make('extra', `id bigint primary key, user_id bigint not null, nick varchar(20), ${toPeople}`)
    await sql`create index extra_user on extra (user_id, nick)`.execute(db)
    const columns = { id: 'key', user_id: 'key', nick: 'identifier' } as const
    const treatment = { erase: 'columns', emptied: { nick: null } } as const
    const found = async (more: Partial<PersonalDataSource>) =>
      check({ sources: [...hostSources, source({ columns, treatment, ...more })] })
    expect(await found({})).toEqual(['unindexed_identifier extra.nick'])
    expect(await found({ treatment: { erase: 'never', why: 'test' } })).toEqual([])
    expect(await found({ columns: { ...columns, nick: 'personal' } })).toEqual([])
    await sql`create index extra_nick on extra (nick)`.execute(db)
    expect(await found({})).toEqual([])
  })

  it('takes a key beside the primary one, and more columns than it needs', async () => {
    await make('extra', `id bigint not null unique, user_id bigint not null, ${toPeople}`)
    await sql`create index extra_user on extra (user_id)`.execute(db)
    const found = async (key: readonly string[]) => check({ sources: [...hostSources, source({ key })] })
    expect(await found(['id'])).toEqual([])
    expect(await found(['user_id', 'id'])).toEqual([])
    expect(await found(['user_id'])).toEqual(['no_key extra'])
  })

  describe('of foreign keys', () => {
    it('suspects tables at any number of steps', async () => {
      await make('near', `id bigint primary key, who bigint, foreign key (who) references orders (id)`)
      await make('far', 'id bigint primary key, what bigint, foreign key (what) references near (id)')
      await make('apart', 'id bigint primary key, what bigint')
      expect(await check()).toEqual(['unclassified_table far', 'unclassified_table near'])
    })

    it('tells of those that delete rows which no source declares', async () => {
      await make('near', `id bigint primary key, user_id bigint, ${toPeople} on delete cascade`)
      await make('far', 'id bigint primary key, what bigint, foreign key (what) references near (id) on delete cascade')
      await make('apart', `id bigint primary key, user_id bigint, ${toPeople} on delete set null`)
      expect(await check()).toEqual([
        'unclassified_table apart',
        'cascade far.what',
        'unclassified_table far',
        'cascade near.user_id',
        'unclassified_table near',
      ])
      const columns = { id: 'key', what: 'key' } as const
      const subject = { through: 'near', column: 'what', references: 'id' } as const
      const far = source({ source: 'far', table: 'far', columns, subject, treatment: { erase: 'step', by: 'x' } })
      const near = source({ source: 'near', table: 'near' })
      const waivers = [{ table: 'apart', why: 'test' }]
      const found = await check({ sources: [...hostSources, near, far], waivers })
      expect(found.filter((problem) => !problem.startsWith('unindexed'))).toEqual([])
    })

    it('tells of those that keep people from being deleted', async () => {
      await make('extra', `id bigint primary key, user_id bigint not null, ${toPeople}`)
      await sql`create index extra_user on extra (user_id)`.execute(db)
      expect(await check()).toEqual(['blocks extra.user_id', 'unclassified_table extra'])
      expect(await check({ sources: [...hostSources, source()] })).toEqual([])
    })

    it('tells of those that keep rows from being deleted which an erasure deletes', async () => {
      await make(
        'extra',
        `id bigint primary key, user_id bigint not null, parent bigint, ${toPeople},
        foreign key (parent) references extra (id)`,
      )
      await sql`create index extra_user on extra (user_id)`.execute(db)
      await make('parts', 'id bigint primary key, whole bigint not null, foreign key (whole) references extra (id)')
      await sql`create index parts_whole on parts (whole)`.execute(db)
      const extra = source({ columns: { id: 'key', user_id: 'key', parent: 'others' } })
      const parts = (treatment: PersonalDataSource['treatment']) =>
        source({
          source: 'parts',
          table: 'parts',
          subject: { through: 'extra', column: 'whole', references: 'id' },
          columns: { id: 'key', whole: 'key' },
          treatment,
        })
      // A row of one person can be the parent of a row of another.
      const parent = 'blocks extra.parent'
      const found = async (...more: readonly PersonalDataSource[]) => check({ sources: [...hostSources, ...more] })
      expect(await found(extra, parts(rows))).toEqual([parent])
      expect(await found(extra, parts({ erase: 'step', by: 'x' }))).toEqual([parent])
      expect(await found(extra, parts({ erase: 'columns', emptied: {} }))).toEqual([parent, 'blocks parts.whole'])
      expect(await found(extra, parts({ erase: 'never', why: 'test' }))).toEqual([parent, 'blocks parts.whole'])
      expect(await found({ ...extra, treatment: { erase: 'columns', emptied: {} } }, parts(rows))).toEqual([])
    })
  })

  describe('of waivers', () => {
    const found = (...waivers: NonNullable<CoverageOptions['waivers']>) =>
      check({ waivers, at: '2030-06-15T12:00:00Z' })
    const why = 'test'
    const problems = ['blocks extra.user_id', 'unclassified_table extra']

    it('takes back what is waived, of a table or column by column', async () => {
      await make('extra', `id bigint primary key, user_id bigint, phone varchar(20), ${toPeople}`)
      expect(await found()).toEqual(problems)
      expect(await found({ table: 'extra', why })).toEqual([])
      expect(await found({ table: 'extra', column: 'user_id', why })).toEqual(['unclassified_table extra'])
      expect(await found({ table: 'extra', column: 'phone', why })).toEqual(problems)
      expect(await found({ table: 'extra', column: 'user_id', why }, { table: 'extra', column: 'phone', why })).toEqual(
        [],
      )
    })

    it('tells of those that have come to their end, and no longer count', async () => {
      await make('extra', `id bigint primary key, user_id bigint, ${toPeople}`)
      for (const until of ['2030-06-15', '2030-06-15T12:00:00Z', '2030-06-15T14:00:00+02:00']) {
        expect(await found({ table: 'extra', why, until }), until).toEqual([
          problems[0],
          'expired_waiver extra',
          problems[1],
        ])
      }
      expect(await found({ table: 'extra', why, until: '2030-06-16' })).toEqual([])
      expect(await found({ table: 'extra', why, until: '2030-06-15T12:00:00.000001Z' })).toEqual([])
      await expect(found({ table: 'extra', why, until: 'soon' })).rejects.toMatchObject({
        code: 'config_error',
        params: { option: 'waivers.0.until' },
      })
    })

    it('tells of those that nothing needs, in whatever form', async () => {
      const stale = ['stale_waiver extra', 'stale_waiver orders', 'stale_waiver orders.phone', 'stale_waiver order.x']
      const waivers = [
        { table: 'extra', why },
        { table: 'orders', why, until: '2001-01-01' },
        { table: 'orders', column: 'phone', why },
        { table: 'order', column: 'x', why },
      ]
      expect((await found(...waivers)).toSorted()).toEqual(stale.toSorted())
    })

    it('leaves mistakes of a declaration as they are', async () => {
      const sources = [...hostSources, source({ table: 'gone' })]
      expect(await check({ sources, waivers: [{ table: 'gone', why }] })).toEqual([
        'no_table gone',
        'stale_waiver gone',
      ])
    })
  })

  it('takes columns for data of people by their names', async () => {
    const suspects =
      'userId,user_ids,Owner,author,e_mail,contactEmail,phone,ip,ip_address,firstname,last_name,birth_date'
    const others = 'description,zip,shipping,ownership,authority,rebirths,ident'
    for (const [index, column] of suspects.split(',').entries())
      await make(`s${index}`, `"${column}" int`.replaceAll('"', quote()))
    for (const [index, column] of others.split(',').entries()) await make(`o${index}`, `${column} int`)
    const tables = suspects.split(',').map((_, index) => `unclassified_table s${index}`)
    expect(await check()).toEqual(tables.toSorted())
    // Those of a host are in their place.
    expect(await check({ patterns: [/^ident$/g, /^ZIP$/i] })).toEqual([
      'unclassified_table o1',
      'unclassified_table o6',
    ])
  })
  const quote = () => (database.dialect === 'mysql' ? '`' : '"')

  it('tells each problem in a sentence with its table', async () => {
    await make('extra', `id bigint primary key, user_id bigint, ${toPeople}`)
    const sources = hostSources.slice(1)
    for (const { table, column, sentence } of await checkCoverage(db, { dialect: database.dialect, sources })) {
      expect(sentence).toMatch(/^[A-Z].*\.$/)
      expect(sentence).toContain(table)
      if (column !== null) expect(sentence).toContain(column)
    }
  })
})
