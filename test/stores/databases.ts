import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PGlite } from '@electric-sql/pglite'
import Database from 'better-sqlite3'
import {
  type Dialect,
  Kysely,
  type KyselyConfig,
  MysqlDialect,
  PGliteDialect,
  PostgresDialect,
  SqliteDialect,
  sql,
} from 'kysely'
import { createPool, type PoolOptions } from 'mysql2'
import { Pool, type PoolConfig } from 'pg'
import { type DialectName, keptStatements, migrate, nodeSqlite, type TablePreset } from '../../src/kysely/index.ts'
import { type TableName, tables } from '../../src/port/tables.ts'
import { serverUrls } from './servers.ts'
import type { Cut } from './watched-dialect.ts'

/** A database of a single test file. */
export interface TestDatabase {
  readonly dialect: DialectName
  /** The tables that are used in place of ours, if any. */
  readonly tables?: TablePreset
  /** Opens one more connection, or pool of them; where there can be only one it is always the same. */
  connect(config?: Omit<KyselyConfig, 'dialect'>): Kysely<unknown>
  /** A dialect for one more connection, or pool of them, that the caller closes. */
  open(): Dialect
  /** Cuts a connection; undefined where there is none to cut. */
  readonly cut: Cut | undefined
  /** Tells whether `connect` gives connections that see each other's changes only once they are committed. */
  readonly hasConnections: boolean
  /** Returns the content of its files, each byte as a character; left out where they are those of a server. */
  readonly bytes?: () => Promise<string>
  /** Empties every table; people are numbered from 1 again. */
  clean(): Promise<void>
  /** Removes the database. */
  close(): Promise<void>
}

/** Returns the options of `kyselyRepository` and its neighbours for a database. */
export function optionsOf({ dialect, tables }: TestDatabase): { dialect: DialectName; tables?: TablePreset } {
  return { dialect, ...(tables === undefined ? {} : { tables }) }
}

/** The initial content of a database: our tables, unless it is to be empty. */
export type Content = 'tables' | 'empty'

/** Draws a name that no other test file has. */
const ownName = () => `usercore_${process.pid}_${randomBytes(4).toString('hex')}`

export async function sqliteDatabase(content?: Content): Promise<TestDatabase & { readonly path: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
  const path = join(folder, 'users.sqlite')
  const opened = await database('sqlite', {
    // A busy file is reported at once: waiting would block the thread that the other connection runs on.
    open: () => new SqliteDialect({ database: kept(hasty(new Database(path, { timeout: 0 }))) }),
    remove: async () => rmSync(folder, { recursive: true }),
    content,
  })
  return { ...opened, path, bytes: async () => bytesOf(path) }
}

/** Keeps statements, as README shows; `TEST_STATEMENTS=plain` runs all statements without that. */
const kept = (
  process.env.TEST_STATEMENTS === 'plain' ? (pool: unknown) => pool : keptStatements
) as typeof keptStatements

/**
 * Keeps a database from waiting for the disk, which is most of the time of a commit: nothing here has to outlive a
 * crash.
 */
function hasty<Database extends { exec(sql: string): unknown }>(database: Database): Database {
  database.exec('pragma synchronous = off')
  return database
}

/** Makes a database over the SQLite that is part of Node; with a write-ahead log where `journal` says so. */
export async function nodeSqliteDatabase(
  content?: Content,
  journal: 'delete' | 'wal' = 'delete',
): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'usercore-'))
  const path = join(folder, 'users.sqlite')
  const opened = await database('sqlite', {
    open() {
      const raw = hasty(new DatabaseSync(path, { timeout: 0 }))
      raw.exec(`pragma journal_mode = ${journal}`)
      return new SqliteDialect({ database: nodeSqlite(raw) })
    },
    remove: async () => rmSync(folder, { recursive: true }),
    content,
  })
  return { ...opened, bytes: async () => bytesOf(path) }
}

/** Returns the content of a file of SQLite and those beside it. */
export function bytesOf(path: string): string {
  const files = ['', '-wal', '-journal'].map((end) => path + end).filter(existsSync)
  return files.map((file) => readFileSync(file, 'latin1')).join('')
}

/**
 * Makes an empty PGlite. The first one takes seconds, so an image of it is kept where a run of the tests has a folder
 * for it.
 */
async function createPglite(): Promise<PGlite> {
  const image = process.env.TEST_PGLITE_IMAGE
  if (image === undefined) return PGlite.create()
  if (existsSync(image)) return PGlite.create({ loadDataDir: new Blob([readFileSync(image)]) })
  const pglite = await PGlite.create()
  const content = await pglite.dumpDataDir('none')
  // Whole or not at all: other files of the run look for it.
  const draft = `${image}.${process.pid}`
  writeFileSync(draft, Buffer.from(await content.arrayBuffer()))
  renameSync(draft, image)
  return pglite
}

async function pgliteDatabase(content?: Content): Promise<TestDatabase> {
  const pglite = await createPglite()
  const dialect = new PGliteDialect({ pglite })
  return database('pglite', { open: () => dialect, isShared: true, remove: async () => {}, content })
}

/** Drops a schema table by table: one statement about thousands of tables and indexes takes more locks than a server has. */
async function dropSchema(server: Kysely<unknown>, schema: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`select tablename as name from pg_tables
    where schemaname = ${schema}`.execute(server)
  for (let first = 0; first < rows.length; first += 100) {
    const tables = rows.slice(first, first + 100).map(({ name }) => sql.id(schema, name))
    await sql`drop table ${sql.join(tables)} cascade`.execute(server)
  }
  await sql`drop schema ${sql.id(schema)} cascade`.execute(server)
}

/** Makes a schema of a PostgreSQL server. */
export async function postgresDatabase(
  url: string,
  content?: Content,
  settings: PoolConfig = {},
): Promise<TestDatabase> {
  const schema = ownName()
  const server = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: postgresPool(url) }) })
  await sql`create schema ${sql.id(schema)}`.execute(server)
  return database('postgres', {
    open: () =>
      new PostgresDialect({
        pool: kept(
          postgresPool(url, {
            ...settings,
            options: `-c search_path=${schema} -c synchronous_commit=off ${settings.options ?? ''}`,
          }),
        ),
      }),
    async remove() {
      await dropSchema(server, schema)
      await server.destroy()
    },
    async cut(query) {
      // The connection ends itself: its last error is heard here, and its next statement fails.
      await query('select pg_terminate_backend(pg_backend_pid())').catch(() => {})
    },
    content,
  })
}

/** Makes a pool that outlives connections that are killed. */
function postgresPool(connectionString: string, settings: PoolConfig = {}): Pool {
  const pool = new Pool({ connectionString, max: 4, ...settings })
  // An error of an idle connection would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/**
 * Makes a database of a MariaDB or MySQL server. `session` has the settings that a host makes on every connection, such
 * as `sql_safe_updates = 1`.
 */
export async function mysqlDatabase(
  url: string,
  content?: Content,
  settings: PoolOptions = {},
  session?: string,
): Promise<TestDatabase> {
  const name = ownName()
  const server = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: createPool(url) }) })
  await sql`create database ${sql.id(name)} character set latin1`.execute(server)
  const plain = () => createPool({ uri: url, database: name, connectionLimit: 4, ...settings })
  return database('mysql', {
    open() {
      const pool = plain()
      // Statements of a connection wait for each other: this one is the first.
      if (session !== undefined) pool.on('connection', (connection) => connection.query(`set ${session}`))
      return new MysqlDialect({ pool: settings.typeCast === undefined ? kept(pool) : pool })
    },
    ...(session === undefined ? {} : { openPlain: () => new MysqlDialect({ pool: plain() }) }),
    async remove() {
      await sql`drop database ${sql.id(name)}`.execute(server)
      await server.destroy()
    },
    async cut(query) {
      const [id] = (await query('select connection_id() as id')).rows as { readonly id: number }[]
      await sql`kill ${sql.lit(Number(id?.id))}`.execute(server)
    },
    content,
  })
}

interface Source {
  open(): Dialect
  /** Opens a connection without the settings of a host, for emptying tables. */
  openPlain?(): Dialect
  /** Tells that there is one connection for all. */
  readonly isShared?: true
  remove(): Promise<void>
  readonly cut?: Cut
  readonly content: Content | undefined
}

async function database(dialect: DialectName, source: Source): Promise<TestDatabase> {
  const { open, openPlain, isShared, remove, cut, content } = source
  const connections: Kysely<unknown>[] = []
  const connect: TestDatabase['connect'] = (config = {}) => {
    const db = new Kysely<unknown>({ dialect: open(), ...config })
    connections.push(db)
    return db
  }
  const first = connect()
  const plain = openPlain === undefined ? first : new Kysely<unknown>({ dialect: openPlain() })
  if (plain !== first) connections.push(plain)
  if (content !== 'empty') await migrate(first, { dialect })
  return {
    dialect,
    connect: (config) => (isShared === true && config === undefined ? first : connect(config)),
    open,
    cut,
    hasConnections: isShared !== true,
    async clean() {
      for (const table of emptyingOrder) await sql`delete from ${sql.table(`usercore_${table}`)}`.execute(plain)
      await sql.raw(renumber[dialect]).execute(plain)
    },
    async close() {
      for (const db of connections) await db.destroy()
      await remove()
    },
  }
}

const renumberPostgres = 'alter sequence usercore_users_id_seq restart'

/** Makes 1 the id of the next person. */
const renumber: Readonly<Record<DialectName, string>> = {
  sqlite: 'delete from sqlite_sequence',
  postgres: renumberPostgres,
  pglite: renumberPostgres,
  mysql: 'alter table usercore_users auto_increment = 1',
}

/** Rows that refer to people are deleted with them. */
const emptyingOrder = (
  [
    'users',
    'outbox',
    'idempotency_keys',
    'rate_limits',
    'retirement_states',
    'retirement_receipts',
    'retired_identifiers',
    'retirement_holds',
  ] as const satisfies TableName[]
).filter((table) => table in tables)

/** The databases that can be tried here, by the names that `CONFORMANCE_STORE` takes. */
export const databases: Readonly<Record<string, (content?: Content) => Promise<TestDatabase>>> = {
  sqlite: sqliteDatabase,
  'node-sqlite': (content) => nodeSqliteDatabase(content),
  pglite: pgliteDatabase,
  ...Object.fromEntries(
    Object.entries(serverUrls).map(([name, url]) => {
      const open = name === 'postgres' ? postgresDatabase : mysqlDatabase
      return [name, (content?: Content) => open(url, content)]
    }),
  ),
}
