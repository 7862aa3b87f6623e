import { Kysely, type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll } from 'vitest'
import { type DialectName, kyselyPersonalData } from '../../src/kysely/index.ts'
import { memoryPersonalData, memoryRepository } from '../../src/memory/index.ts'
import type { PersonalDataStore, SourceRow } from '../../src/port/personal-data-store.ts'
import {
  type ContractTable,
  contractSources,
  contractTables,
  type PersonalDataUnderTest,
} from '../../src/testing/index.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'
import { watchedDialect } from '../stores/watched-dialect.ts'

type OpenSources = () => Promise<PersonalDataUnderTest<unknown>>

export const openMemorySources: OpenSources = async () => {
  const tables: Record<string, SourceRow[]> = Object.fromEntries(contractTables.map(({ table }) => [table, []]))
  const memory = memoryRepository()
  const columnsOf = (table: string) => contractTables.find((one) => one.table === table)?.columns ?? {}
  return {
    store: memoryPersonalData({ sources: contractSources, tables }) as PersonalDataStore,
    async insert(table, rows) {
      const empty = Object.fromEntries(Object.keys(columnsOf(table)).map((column) => [column, null]))
      tables[table]?.push(...rows.map((row) => ({ ...empty, ...structuredClone(row) })))
    },
    rows: async (table) => structuredClone(tables[table] ?? []),
    transaction: (work) => memory.transaction(work),
    statements: undefined,
    close: async () => {},
  }
}

type Types = Readonly<Record<ContractTable['columns'][string], string>>

const types: Readonly<Record<DialectName, Types>> = {
  sqlite: { integer: 'integer', text: 'text', instant: 'text', json: 'json' },
  postgres: { integer: 'integer', text: 'text', instant: 'timestamptz', json: 'jsonb' },
  pglite: { integer: 'integer', text: 'varchar(300)', instant: 'timestamp', json: 'json' },
  // A collation that takes letters with and without accents, of either case, for equal.
  mysql: {
    integer: 'bigint',
    text: 'varchar(255) character set utf8mb4 collate utf8mb4_general_ci',
    instant: 'datetime(6)',
    json: 'json',
  },
}

async function createTables(db: Kysely<unknown>, dialect: DialectName): Promise<void> {
  for (const { table, columns, primary } of contractTables) {
    const list = Object.entries(columns).map(([column, type]) => {
      // The keys of the cases differ in letter case and accents.
      const text = types[dialect][type]
      const isExact = primary.includes(column) && dialect === 'mysql' && type === 'text'
      return sql`${sql.id(column)} ${sql.raw(isExact ? text.replace('general_ci', 'bin') : text)}`
    })
    const key = primary.length === 0 ? [] : [sql`primary key (${sql.join(primary.map((column) => sql.id(column)))})`]
    await sql`create table ${sql.id(table)} (${sql.join([...list, ...key])})`.execute(db)
  }
}

/** Opens stores over one database, which is removed at the end of the test file, with their statements watched. */
export function watchedSourcesOver(create: () => Promise<TestDatabase>): OpenSources {
  let opened: ReturnType<typeof openWatched> | undefined
  beforeAll(async () => {
    opened = openWatched(create)
    await opened
  }, 120_000)
  afterAll(async () => (await opened)?.close())
  return async () => (await (opened ?? openWatched(create))).given
}

async function openWatched(create: () => Promise<TestDatabase>) {
  const database = await create()
  const { dialect } = database
  const watched = watchedDialect(database.open(), database.cut)
  const db = new Kysely<unknown>({ dialect: watched.dialect })
  await createTables(db, dialect)
  const given = (): PersonalDataUnderTest<unknown> => ({
    store: kyselyPersonalData(db, { dialect, sources: contractSources }) as PersonalDataStore,
    async insert(table, rows) {
      const { columns } = contractTables.find((one) => one.table === table) ?? {
        columns: {} as ContractTable['columns'],
      }
      const names = Object.keys(columns)
      const cells = rows.map(
        (row) => sql`(${sql.join(names.map((name) => cell(dialect, columns[name] ?? 'text', row[name] ?? null)))})`,
      )
      await sql`insert into ${sql.id(table)} (${sql.join(names.map((name) => sql.id(name)))})
        values ${sql.join(cells)}`.execute(db)
    },
    async rows(table) {
      const { rows } = await sql<SourceRow>`select * from ${sql.id(table)}`.execute(db)
      return rows.map((row) => ({ ...row }))
    },
    transaction: (work) => db.transaction().execute(work),
    statements: watched.control,
    async close() {
      for (const { table } of contractTables) await sql`delete from ${sql.id(table)}`.execute(db)
    },
  })
  return {
    get given() {
      return given()
    },
    async close() {
      await db.destroy()
      await database.close()
    },
  }
}

function cell(dialect: DialectName, type: string, value: unknown): RawBuilder<unknown> {
  if (value === null) return sql`null`
  if (type === 'json') return sql`${JSON.stringify(value)}`
  if (type === 'instant' && dialect === 'mysql') return sql`${String(value).replace('T', ' ').replace('Z', '')}`
  return sql`${value}`
}

/** Returns every store of sources that can be tried here, with its name. */
export function contractSourceStores(): (readonly [name: string, open: OpenSources])[] {
  return [
    ['memory', openMemorySources],
    ...Object.entries(databases).map(([name, create]) => [name, watchedSourcesOver(() => create('empty'))] as const),
  ]
}
