import { MysqlDialect, type MysqlPool, type MysqlPoolConnection, type MysqlQueryResult } from 'kysely'
import { hasMethod, notInTransaction, type OverClient } from './over-client.ts'

type Done = (error: unknown, result?: MysqlQueryResult) => void

/** The members of a connection of mysql2 that are used. */
interface Client {
  query(text: string, values: unknown, done: Done): unknown
  readonly threadId?: number
}

/** Returns a connection of mysql2, with callbacks or promises, as an `OverClient`; `undefined` for any other object. */
export function overMysql(given: object): OverClient | undefined {
  const client = withCallbacks(given)
  if (client === undefined) return undefined
  /** The savepoints of units of work that are open: the transaction cannot end meanwhile without an error. */
  let depth = 0
  const run = (text: string, values: unknown, done: Done) => {
    const isBeginning = /^savepoint /.test(text)
    const isEnd = /^release savepoint /.test(text)
    client.query(text, values, (error, result) => {
      if (error) {
        if (isEnd || /^rollback to /.test(text)) depth = 0
        return done(error)
      }
      // Outside of a transaction the savepoint is gone already, and nothing was written.
      if (isBeginning && !isInTransaction(result)) return done(notInTransaction())
      if (isBeginning) depth++
      if (isEnd) depth = Math.max(0, depth - 1)
      done(null, result)
    })
  }
  const connection = {
    ...(client.threadId === undefined ? {} : { threadId: client.threadId }),
    query(text: string, values: unknown, done: Done) {
      if (depth > 0 || /^savepoint /.test(text)) return run(text, values, done)
      // The smallest statement: its answer says whether a transaction is open.
      client.query('do 0', [], (error, result) => {
        if (error || !isInTransaction(result)) return done(error || notInTransaction())
        run(text, values, done)
      })
    },
    release() {},
    destroy() {},
  } as unknown as MysqlPoolConnection
  const pool: MysqlPool = { getConnection: (done) => done(null, connection), end: (done) => done(null) }
  return { client, dialect: new MysqlDialect({ pool }), isOver: () => false }
}

/** Returns the connection with callbacks that a connection of mysql2 is, or wraps. A thread of the server has it alone. */
function withCallbacks(given: object): Client | undefined {
  const inner: unknown = Reflect.get(given, 'connection')
  const isConnection = (value: unknown): value is Client & object =>
    typeof value === 'object' && value !== null && 'threadId' in value && hasMethod(value, 'query')
  if (isConnection(inner)) return inner
  return isConnection(given) ? given : undefined
}

/** The flag of the protocol for an open transaction. */
const inTransaction = 1

function isInTransaction(result: unknown): boolean {
  const status: unknown =
    typeof result === 'object' && result !== null ? Reflect.get(result, 'serverStatus') : undefined
  return typeof status === 'number' && (status & inTransaction) !== 0
}
