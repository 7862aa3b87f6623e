import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { driverError } from '../driver-error.ts'
import { type LeastUsed, leastUsed } from '../least-used.ts'
import { probes } from '../probes.ts'

/** A query with a name, as node-postgres takes it: the server keeps the parsed text under the name. */
interface NamedQuery {
  readonly name: string
  readonly text: string
}

/** The members of a client of node-postgres that are used, beside those that Kysely uses. */
interface Client extends Omit<PostgresPoolClient, 'query'> {
  query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>
  query<Row>(query: NamedQuery, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>
  /** `I` outside of a transaction, `T` inside, `E` inside of one that has failed. Clients before 8.17 lack it. */
  getTransactionStatus?(): string | null
}

/** Names the statements of each connection of a pool, so that the server parses and plans each text once. */
export function keptByPostgres(pool: PostgresPool, max: number): PostgresPool {
  const clients = new WeakMap<PostgresPoolClient, PostgresPoolClient>()
  // The first use of a text sends it without a name: most texts of a migration or a report come once.
  const seen = leastUsed<true>(4 * max)
  return {
    ...(pool.Client !== undefined && { Client: pool.Client }),
    options: pool.options,
    async connect() {
      const client = await pool.connect()
      const known = clients.get(client) ?? keptByClient(client as unknown as Client, seen, max)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
}

function keptByClient(client: Client, seen: LeastUsed<true>, max: number): PostgresPoolClient {
  const queries = leastUsed<NamedQuery>(max)
  let drawn = 0
  /** The statement that began the transaction, while nothing else was sent in it. */
  let beginning: string | undefined

  /** Names a text at its second use. */
  async function newQuery(text: string): Promise<NamedQuery | undefined> {
    if (seen.get(text) === undefined) {
      seen.set(text, true)
      return undefined
    }
    // A name is never used twice: node-postgres remembers the texts that it has sent by their names.
    const query = { name: `usercore_${++drawn}`, text }
    const forgotten = queries.set(text, query)
    if (forgotten !== undefined) await client.query(`deallocate ${forgotten.name}`, []).catch(() => {})
    return query
  }

  /** Tells whether the text can be sent again: no earlier work of a transaction would be lost. */
  async function canStartAgain(began: string | undefined): Promise<boolean> {
    if (client.getTransactionStatus?.() === 'I') return true
    if (began === undefined) return false
    await client.query('rollback', [])
    await client.query(began, [])
    return true
  }

  async function send<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    const status = text === probes.postgres ? client.getTransactionStatus?.() : undefined
    if (typeof status === 'string') return { command: 'SELECT', rowCount: 1, rows: [{ probe: status } as Row] }
    const began = beginning
    // Commands take no parameters.
    const isCommand = values.length === 0
    beginning = isCommand && /^\s*(begin|start\s+transaction)\b/i.test(text) ? text : undefined
    if (isCommand && /^\s*(discard|deallocate)\b/i.test(text)) queries.clear()
    const query = isCommand ? undefined : (queries.get(text) ?? (await newQuery(text)))
    if (query === undefined) return client.query<Row>(text, values)
    try {
      // Each call gets an object of its own. It inherits, since node-postgres copies own members by their descriptors.
      return await client.query<Row>(Object.create(query), values)
    } catch (error) {
      if (!isForgotten(error)) throw error
      // A server that has lost one name has lost the others too.
      queries.clear()
      if (!(await canStartAgain(began))) throw error
      return client.query<Row>(text, values)
    }
  }

  return {
    ...(client.processID !== undefined && { processID: client.processID }),
    query: ((query: string | object, values?: readonly unknown[]) =>
      typeof query === 'string' && values !== undefined
        ? send(query, values)
        : Reflect.apply(client.query, client, [query, values])) as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy),
  }
}

/**
 * Tells whether an error is that of a statement that the server does not have under its name, as after `discard all` or
 * on another server behind a pooler, or of one whose tables were altered since.
 */
function isForgotten(error: unknown): boolean {
  const { code } = driverError(error)
  const routine = typeof error === 'object' && error !== null ? Reflect.get(error, 'routine') : undefined
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery')
}
