import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { PGlite, type Transaction as PgliteTransaction } from '@electric-sql/pglite'
import Database from 'better-sqlite3'
import {
  type Dialect,
  Kysely,
  MysqlDialect,
  type MysqlPool,
  PGliteDialect,
  PostgresDialect,
  SqliteDialect,
  sql,
} from 'kysely'
import { createPool } from 'mysql2'
import { createPool as createPromisePool } from 'mysql2/promise'
import { Pool } from 'pg'
import {
  type DialectName,
  keptStatements,
  migrate,
  nodeSqlite,
  type TransactionClient,
} from '../../../src/kysely/index.ts'
import { serverUrls } from '../../stores/servers.ts'

/** A transaction that a host has begun by its driver. */
export interface HostTransaction {
  readonly client: TransactionClient
  /** Runs a statement of the host in it. */
  run(text: string): Promise<unknown>
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** A host with a table of its own, `host_rows`, that works on its driver alone. */
export interface Host extends AsyncDisposable {
  readonly dialect: DialectName
  /** The database over the pool of the host. */
  readonly db: Kysely<unknown>
  begin(): Promise<HostTransaction>
  /** A client that is in no transaction. */
  idle(): Promise<TransactionClient>
  /**
   * Makes a dialect over the client of a transaction, as hosts come to think of, with `keptStatements` or without; none for
   * PGlite.
   */
  readonly bridge?: (client: TransactionClient, isKept: boolean) => Dialect
}

/** Makes a database with the tables of the library and of the host. */
async function prepared(dialect: DialectName, made: Dialect, close: () => Promise<void>): Promise<Kysely<unknown>> {
  const db = new Kysely<unknown>({ dialect: made })
  try {
    await migrate(db, { dialect })
    await sql`create table host_rows (name varchar(50) not null)`.execute(db)
    return db
  } catch (error) {
    await close()
    throw error
  }
}

/** Makes a transaction of a host whose driver takes texts. */
function byTexts(client: TransactionClient, run: HostTransaction['run'], end = () => {}): HostTransaction {
  const finish = (text: string) => async () => {
    await run(text)
    end()
  }
  return { client, run, commit: finish('commit'), rollback: finish('rollback') }
}

async function betterSqlite(): Promise<Host> {
  const sqlite = new Database(':memory:')
  const made = () => new SqliteDialect({ database: sqlite })
  const db = await prepared('sqlite', made(), async () => void sqlite.close())
  const run = async (text: string) => sqlite.exec(text)
  return {
    dialect: 'sqlite',
    db,
    async begin() {
      await run('begin')
      return byTexts(sqlite, run)
    },
    idle: async () => sqlite,
    bridge: made,
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

async function ownSqlite(): Promise<Host> {
  const sqlite = new DatabaseSync(':memory:')
  const made = () => new SqliteDialect({ database: nodeSqlite(sqlite) })
  const db = await prepared('sqlite', made(), async () => sqlite.close())
  const run = async (text: string) => sqlite.exec(text)
  return {
    dialect: 'sqlite',
    db,
    async begin() {
      await run('begin')
      return byTexts(sqlite, run)
    },
    idle: async () => sqlite,
    bridge: made,
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

const ownName = () => `usercore_over_${process.pid}_${randomBytes(4).toString('hex')}`

/** A host on PostgreSQL; `hide` takes away what newer clients tell of their transaction. */
async function postgres(url: string, hide: boolean): Promise<Host> {
  const schema = ownName()
  const pool = new Pool({ connectionString: url, max: 4, options: `-c search_path=${schema}` })
  // A client has names of statements for one wrapper alone.
  const clients = new Pool({ connectionString: url, max: 4, options: `-c search_path=${schema}` })
  await pool.query(`create schema ${schema}`)
  const db = await prepared('postgres', new PostgresDialect({ pool: keptStatements(pool) }), () => pool.end())
  const lend = async () => {
    const client = await clients.connect()
    if (!hide) return { client, over: client }
    return { client, over: { query: client.query.bind(client) } }
  }
  return {
    dialect: 'postgres',
    db,
    async begin() {
      const { client, over } = await lend()
      await client.query('begin')
      return byTexts(
        over,
        (text) => client.query(text),
        () => client.release(),
      )
    },
    async idle() {
      const { client, over } = await lend()
      client.release()
      return over
    },
    bridge(client, isKept) {
      const getTransactionStatus = hide ? {} : { getTransactionStatus: () => Reflect.get(client, '_txStatus') }
      const one = { query: Reflect.get(client, 'query').bind(client), ...getTransactionStatus, release() {} }
      const pool = { connect: async () => one, end: async () => {}, options: {} } as never
      return new PostgresDialect({ pool: isKept ? keptStatements(pool) : pool })
    },
    async [Symbol.asyncDispose]() {
      await clients.end()
      await pool.query(`drop schema ${schema} cascade`)
      await db.destroy()
    },
  }
}

type Callback = (error: unknown, result?: unknown) => void

/** A host on MariaDB or MySQL, with callbacks or with promises. */
async function mysql(url: string, form: 'callbacks' | 'promises'): Promise<Host> {
  const database = ownName()
  const server = createPromisePool(url)
  await server.query(`create database ${database} character set utf8mb4`)
  const pool = createPool({ uri: url, database, connectionLimit: 4 })
  const db = await prepared('mysql', new MysqlDialect({ pool: keptStatements(pool) }), () => server.end())
  const lend = async () => {
    const connection = await pool.promise().getConnection()
    const client: TransactionClient = form === 'promises' ? connection : connection.connection
    return { connection, client }
  }
  return {
    dialect: 'mysql',
    db,
    async begin() {
      const { connection, client } = await lend()
      await connection.beginTransaction()
      return byTexts(
        client,
        (text) => connection.query(text),
        () => connection.release(),
      )
    },
    async idle() {
      const { connection, client } = await lend()
      connection.release()
      return client
    },
    bridge(client, isKept) {
      const plain = Reflect.get(client, 'connection') ?? client
      const run = (name: string) => Reflect.get(plain, name).bind(plain)
      const one = { query: run('query'), execute: run('execute'), unprepare() {}, release() {}, destroy() {} }
      const bridging = { getConnection: (done: Callback) => done(null, one), end: (done: Callback) => done(null) }
      const pool = bridging as unknown as MysqlPool
      return new MysqlDialect({ pool: isKept ? keptStatements(pool) : pool })
    },
    async [Symbol.asyncDispose]() {
      await db.destroy()
      await server.query(`drop database ${database}`)
      await server.end()
    },
  }
}

async function pglite(): Promise<Host> {
  const made = await PGlite.create()
  const db = await prepared('pglite', new PGliteDialect({ pglite: made }), () => made.close())
  return {
    dialect: 'pglite',
    db,
    begin: () =>
      new Promise((resolve, reject) => {
        const done = Promise.withResolvers<void>()
        let client: PgliteTransaction | undefined
        const ended = made.transaction(async (transaction) => {
          client = transaction
          resolve({
            client: transaction,
            run: (text) => transaction.query(text),
            async commit() {
              done.resolve()
              await ended
            },
            async rollback() {
              done.reject(new Error('rolled back'))
              await ended.catch(() => {})
            },
          })
          await done.promise
        })
        ended.catch((error) => client === undefined && reject(error))
      }),
    async idle() {
      let kept: TransactionClient | undefined
      await made.transaction(async (transaction) => {
        kept = transaction
      })
      return kept ?? made
    },
    [Symbol.asyncDispose]: () => db.destroy(),
  }
}

/** Every kind of client on the databases at hand. */
export const hosts: readonly (readonly [name: string, open: () => Promise<Host>])[] = [
  ['better-sqlite3', betterSqlite],
  ['node:sqlite', ownSqlite],
  ['PGlite', pglite],
  ...(serverUrls.postgres === undefined
    ? []
    : ([
        ['node-postgres', () => postgres(String(serverUrls.postgres), false)],
        ['a client of PostgreSQL that tells nothing', () => postgres(String(serverUrls.postgres), true)],
      ] as const)),
  ...(['mariadb', 'mysql'] as const).flatMap((name) => {
    const url = serverUrls[name]
    if (url === undefined) return []
    return (['callbacks', 'promises'] as const).map(
      (form) => [`mysql2 with ${form} on ${name}`, () => mysql(url, form)] as const,
    )
  }),
]
