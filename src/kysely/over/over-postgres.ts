import { PostgresDialect, type PostgresPool, type PostgresPoolClient, type PostgresQueryResult } from 'kysely'
import { driverError } from '../driver-error.ts'
import { probes } from '../probes.ts'
import { hasMethod, notInTransaction, type OverClient } from './over-client.ts'

/** The members of a client of node-postgres, or of a transaction of PGlite, that are used. */
interface Client {
  query(text: string, values: readonly unknown[]): Promise<Answer>
  getTransactionStatus?(): string | null
  readonly connection?: {
    on(event: 'readyForQuery', listen: (message: { readonly status?: string } | undefined) => void): unknown
    off(event: 'readyForQuery', listen: (message: { readonly status?: string } | undefined) => void): unknown
  }
}

interface Answer {
  readonly rows: unknown[]
  readonly command?: string
  readonly rowCount?: number | null
  /** That of PGlite. */
  readonly affectedRows?: number
}

/** Returns a client of node-postgres as an `OverClient`; `undefined` for an object without its method. */
export function overPostgres(client: object): OverClient | undefined {
  if (!hasMethod(client, 'query')) return undefined
  const over = client as Client
  const watch = watchEnd(over)
  const isOver = () => watch.isOver() || over.getTransactionStatus?.() === 'I'
  const isKnown = () => typeof over.getTransactionStatus?.() === 'string'
  let isAsked = false
  /** The savepoints of units of work that are open: they fail outside of a transaction, so that nothing need be asked. */
  let depth = 0
  const dialect = dialectOver(async (text, values) => {
    if (isOver()) throw notInTransaction()
    const isBeginning = /^savepoint /.test(text)
    if (!isKnown() && depth === 0 && !isBeginning && !(isAsked && watch.isWatching)) {
      await ask(over)
      isAsked = true
    }
    const answer = await over.query(text, values)
    if (isBeginning) depth++
    if (/^release savepoint /.test(text)) depth = Math.max(0, depth - 1)
    return answer
  })
  return { client, dialect, isOver }
}

/** Returns a transaction of PGlite as an `OverClient`; `undefined` for any other object. */
export function overPglite(transaction: object): OverClient | undefined {
  const isOne =
    typeof Reflect.get(transaction, 'closed') === 'boolean' &&
    hasMethod(transaction, 'query') &&
    hasMethod(transaction, 'rollback') &&
    !hasMethod(transaction, 'transaction')
  if (!isOne) return undefined
  const isOver = () => Reflect.get(transaction, 'closed') !== false
  const dialect = dialectOver(async (text, values) => {
    if (isOver()) throw notInTransaction()
    const { rows, affectedRows } = await (transaction as Client).query(text, values)
    return { rows, command: 'UPDATE', rowCount: affectedRows ?? rows.length }
  })
  return { client: transaction, dialect, isOver }
}

/** Makes Kysely's dialect over a function that runs statements. */
function dialectOver(run: (text: string, values: readonly unknown[]) => Promise<Answer>): PostgresDialect {
  const query = (text: string, values: readonly unknown[] = []) =>
    run(text, values).catch((error: unknown) => {
      throw driverError(error).code === outside ? notInTransaction() : error
    }) as Promise<PostgresQueryResult<unknown>>
  const client = { query, release() {} } as unknown as PostgresPoolClient
  const pool: PostgresPool = { connect: async () => client, end: async () => {}, options: {} }
  return new PostgresDialect({ pool })
}

/** The code of a statement that is for transactions alone. */
const outside = '25P01'

/** Asks a client that does not tell by itself. Throws where it is in no transaction. */
async function ask(client: Client): Promise<void> {
  await client.query(probes.postgres, [])
  const { rows } = await client.query(probes.postgresAgain, [])
  if ((rows[0] as { readonly probe?: unknown } | undefined)?.probe !== 'set') throw notInTransaction()
}

/** Watches for the end of the transaction, after which the client can be in another one. */
function watchEnd({ connection }: Client): { readonly isWatching: boolean; isOver(): boolean } {
  let isOver = false
  if (connection === undefined || !hasMethod(connection, 'on')) return { isWatching: false, isOver: () => isOver }
  const listen = (message: { readonly status?: string } | undefined) => {
    if (message?.status !== 'I') return
    isOver = true
    connection.off('readyForQuery', listen)
  }
  connection.on('readyForQuery', listen)
  return { isWatching: true, isOver: () => isOver }
}
