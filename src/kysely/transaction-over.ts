import {
  type ConnectionProvider,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Driver,
  Transaction,
} from 'kysely'
import { configError } from '../values/arguments.ts'
import { isUserCoreError, type UserCoreError } from '../values/errors.ts'
import { methods } from '../values/kinds.ts'
import { requireOption } from '../values/options.ts'
import { hasMethod, notInTransaction, type OverClient } from './over/over-client.ts'
import { overMysql } from './over/over-mysql.ts'
import { overPglite, overPostgres } from './over/over-postgres.ts'
import { overSqlite } from './over/over-sqlite.ts'

/**
 * A client that is in a transaction: of node-postgres, of mysql2 with callbacks or promises, a transaction of PGlite, or a
 * database of better-sqlite3 or `node:sqlite`.
 */
export type TransactionClient =
  | {
      /** Runs a statement, as clients of node-postgres, mysql2 and PGlite do. */
      query(...values: never[]): unknown
    }
  | {
      /** Prepares a statement, as better-sqlite3 does. */
      prepare(...values: never[]): unknown
      /** Whether a transaction is open. */
      readonly inTransaction: boolean
    }
  | {
      /** Prepares a statement, as `node:sqlite` does. */
      prepare(...values: never[]): unknown
      /** Whether a transaction is open. */
      readonly isTransaction: boolean
    }

/**
 * Returns the transaction that a client of a driver is in, for `users.with`: whatever ORM or query builder has begun it,
 * what usercore writes is stored with it, or not at all. Nothing is begun, committed or rolled back here; units of work
 * are put under savepoints, so that one that is stopped leaves the transaction usable.
 *
 * Make it anew for each transaction, from the client that holds it, and await the calls of both sides one after the other.
 * Once the transaction is over, every statement is refused with `config_error`; a client of SQLite or MySQL that is in a
 * new transaction by then counts as in that one. Reads on MySQL cost a further round trip, by which the server says
 * whether the transaction is open; so do those of other clients that do not tell.
 *
 * Throws `config_error` for a pool, for any other object, and for a client that is known to be in no transaction; where
 * only the server knows (mysql2), the first call throws it.
 *
 * ```ts
 * const client = new DatabaseSync(':memory:')
 * const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: nodeSqlite(client) }) })
 * await migrate(db, { dialect: 'sqlite' })
 * const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) })
 * client.exec('begin') // by whatever ORM
 * await users.with(transactionOver(client)).accounts.create(system, { username: 'cy', email: 'cy@example.com', name: 'Cy' })
 * client.exec('commit')
 * ```
 */
export function transactionOver<DB = unknown>(client: TransactionClient): Transaction<DB> {
  requireOption(client, methods(), 'client')
  const over = readable(client)
  if (over.isOver()) throw notInTransaction()
  const { dialect, driver, provider } = heldOf(over)
  const executor = new DefaultQueryExecutor(dialect.createQueryCompiler(), dialect.createAdapter(), provider)
  return new Transaction<DB>({ config: { dialect }, dialect, driver, executor })
}

/** Returns a client with what is known of its kind. Throws `config_error` for an object that cannot be read, too. */
function readable(client: object): OverClient {
  try {
    return overOf(client)
  } catch (error) {
    throw isUserCoreError(error) ? error : noClient()
  }
}

function noClient(): UserCoreError {
  return configError('client', 'a client of node-postgres, mysql2, PGlite, better-sqlite3 or node:sqlite')
}

/** Returns the client with what is known of its kind. */
function overOf(client: object): OverClient {
  if ('totalCount' in client || hasMethod(client, 'getConnection'))
    throw configError('client', 'one client that is in a transaction: a pool gives each statement another one')
  const over = held.get(client)?.over
  if (over !== undefined && !over.isOver()) return over
  const known = overSqlite(client) ?? overMysql(client) ?? overPglite(client) ?? overPostgres(client)
  if (known === undefined) throw noClient()
  return known
}

/** A client whose connection is one object, whichever transaction of Kysely stands over it: calls take turns on it. */
interface Held {
  readonly over: OverClient
  readonly dialect: OverClient['dialect']
  readonly driver: Driver
  readonly provider: ConnectionProvider
}

const held = new WeakMap<object, Held>()

function heldOf(over: OverClient): Held {
  const known = held.get(over.client)
  if (known !== undefined && !known.over.isOver()) return known
  const { dialect } = over
  const driver = dialect.createDriver()
  let connection: Promise<DatabaseConnection> | undefined
  const open = async () => {
    await driver.init()
    return driver.acquireConnection()
  }
  const provider: ConnectionProvider = {
    async provideConnection(consumer) {
      connection ??= open()
      return consumer(await connection)
    },
  }
  const made = { over, dialect, driver, provider }
  held.set(over.client, made)
  return made
}
