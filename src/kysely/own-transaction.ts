import type { IsolationLevel, Kysely, Transaction } from 'kysely'
import { configError } from '../values/arguments.ts'
import type { UserCoreError } from '../values/errors.ts'
import type { Dialect } from './dialect.ts'
import { driverError } from './driver-error.ts'
import { connectionOf } from './host-database.ts'

/**
 * Runs work in a transaction of our own.
 *
 * Throws `config_error` where the connection is in a transaction of the host, as in a pool of the one client that a host
 * is using: PostgreSQL and MySQL would commit that one, without a word.
 */
export async function ownTransaction<Result>(
  db: Kysely<unknown>,
  dialect: Dialect,
  isolation: IsolationLevel | undefined,
  run: (db: Transaction<unknown>) => Promise<Result>,
): Promise<Result> {
  const begin = (on: Kysely<unknown>) =>
    (isolation === undefined ? on.transaction() : on.transaction().setIsolationLevel(isolation)).execute(run)
  const { isInTransaction } = dialect
  if (isInTransaction === undefined) {
    return begin(db).catch((error: unknown) => {
      throw isNested(error) ? alreadyBegun() : error
    })
  }
  return db.connection().execute(async (single) => {
    if (isDoubtful(db, await connectionOf(single)) && (await isInTransaction(single))) throw alreadyBegun()
    return begin(single)
  })
}

/** Tells whether SQLite refuses to begin a transaction within another one. */
function isNested(error: unknown): boolean {
  return /cannot start a transaction within a transaction/.test(String(driverError(error).message))
}

function alreadyBegun(): UserCoreError {
  return configError(
    'db',
    'outside of transactions: one of the host is open on its connection, which must not be committed here. Use `users.with(transactionOver(client))`',
  )
}

/** The connections that a database has given. */
interface Given {
  /** The one that it has given alone; undefined once there were several. */
  only: object | undefined
  readonly known: WeakSet<object>
}

const givenBy = new WeakMap<Kysely<unknown>, Given>()

/**
 * Tells whether a connection can belong to the host: a pool has given several, and keeps each from its host while it is in
 * use here. One that is new, or the only one so far, is asked.
 */
function isDoubtful(db: Kysely<unknown>, connection: object): boolean {
  const given = givenBy.get(db) ?? { only: connection, known: new WeakSet() }
  givenBy.set(db, given)
  if (given.only !== connection) given.only = undefined
  const isNew = !given.known.has(connection)
  given.known.add(connection)
  return isNew || given.only === connection
}
