import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from 'kysely'
import { driverError } from '../driver-error.ts'
import { type LeastUsed, leastUsed } from '../least-used.ts'
import { probes } from '../probes.ts'

type Callback = (error: unknown, result: MysqlQueryResult) => void

/** The members of a connection of mysql2 that are used, beside those that Kysely uses. */
interface Connection extends MysqlPoolConnection {
  execute(text: string, values: readonly unknown[], callback: Callback): unknown
  /** Makes the server forget a statement. */
  unprepare(text: string): unknown
  /** The pool that has made it, which mysql2 does not document. */
  readonly _pool?: unknown
}

/** Most parameters of a prepared statement. */
const mostParameters = 65_535

/** Sends the statements of a pool of mysql2 prepared, so that the server parses each text once on a connection. */
export function keptByMysql(pool: MysqlPool, max: number): MysqlPool {
  const connections = new WeakMap<MysqlPoolConnection, MysqlPoolConnection>()
  const seen = leastUsed<true>(4 * max)
  const unsupported = leastUsed<true>(4 * max)
  return {
    getConnection(callback) {
      pool.getConnection((error, connection) => {
        if (error) return callback(error, connection)
        const known =
          connections.get(connection) ?? keptByConnection(connection as Connection, seen, unsupported, max, pool)
        connections.set(connection, known)
        callback(error, known)
      })
    },
    end: (callback) => pool.end(callback),
  }
}

/** The answer to a statement that need not be sent. */
const nothingDone: MysqlQueryResult = { affectedRows: 0, changedRows: 0, insertId: 0 }

function keptByConnection(
  connection: Connection,
  seen: LeastUsed<true>,
  unsupported: LeastUsed<true>,
  max: number,
  pool: MysqlPool,
): MysqlPoolConnection {
  // A pool that has made the connection lends it to one caller at a time: no transaction of another one is open.
  const isLent = connection._pool === pool
  const texts = leastUsed<string>(max)

  function isPrepared(text: string, values: unknown): values is readonly unknown[] {
    if (!Array.isArray(values) || values.length === 0 || values.length > mostParameters || !values.every(isBindable))
      return false
    if (unsupported.get(text) !== undefined) return false
    if (texts.get(text) !== undefined) return true
    if (seen.get(text) === undefined) {
      seen.set(text, true)
      return false
    }
    const forgotten = texts.set(text, text)
    if (forgotten !== undefined) connection.unprepare(forgotten)
    return true
  }

  return Object.create(connection, {
    query: {
      value(text: string, values: unknown, callback?: Callback) {
        if (isLent && text === probes.mysql && callback !== undefined) return callback(null, nothingDone)
        if (callback === undefined || !isPrepared(text, values)) return connection.query(text, values, callback)
        return connection.execute(text, values, (error, result) => {
          if (!isUnsupported(error)) return callback(error, result)
          unsupported.set(text, true)
          texts.delete(text)
          connection.query(text, values, callback)
        })
      },
    },
    release: { value: () => connection.release() },
    destroy: { value: () => connection.destroy() },
  })
}

/**
 * Tells whether a value means the same in a prepared statement as in a text: lists, objects and missing values do not.
 */
function isBindable(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof value) || Buffer.isBuffer(value)
}

/** Tells whether an error is that of a text that cannot be prepared, or of a server that keeps no more statements. */
function isUnsupported(error: unknown): boolean {
  const { errno } = driverError(error)
  return errno === 1295 || errno === 1461
}
