import { type Dialect, Kysely, MysqlDialect, PostgresDialect, sql } from 'kysely'
import { createPool, type PoolConnection } from 'mysql2'
import { Pool, type PoolClient } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dialectOf } from '../../src/kysely/dialect.ts'
import { type DialectName, keptStatements } from '../../src/kysely/index.ts'
import { ownTransaction } from '../../src/kysely/own-transaction.ts'
import { probes } from '../../src/kysely/probes.ts'
import { type ServerName, serverUrls } from '../stores/servers.ts'

/** Opens a pool on a server. Returns the statements that it sends. */
function open(server: ServerName, isKept: boolean): { dialect: Dialect; sent: string[] } {
  const sent: string[] = []
  const url = String(serverUrls[server])
  const note = (client: object) => {
    const query = Reflect.get(client, 'query')
    Object.assign(client, {
      query(...values: unknown[]) {
        sent.push(String(values[0]))
        return Reflect.apply(query, client, values)
      },
    })
  }
  if (server === 'postgres') {
    const pool = new Pool({ connectionString: url, max: 4 })
    pool.on('connect', (client: PoolClient) => note(client))
    return { dialect: new PostgresDialect({ pool: isKept ? keptStatements(pool) : pool }), sent }
  }
  const pool = createPool({ uri: url, connectionLimit: 4 })
  pool.on('connection', (connection) => note(connection as PoolConnection))
  return { dialect: new MysqlDialect({ pool: isKept ? keptStatements(pool) : pool }), sent }
}

const questions: ReadonlySet<string> = new Set(Object.values(probes))

const servers = ['postgres', 'mariadb', 'mysql'] as const

describe.each(servers)('a transaction of our own on %s', (server) => {
  const name: DialectName = server === 'postgres' ? 'postgres' : 'mysql'

  it.runIf(server in serverUrls).each([true, false])(
    'asks whether another one is open while a pool can be one client (kept: %s)',
    async (isKept) => {
      const { dialect, sent } = open(server, isKept)
      const db = new Kysely<unknown>({ dialect })
      onTestFinished(() => db.destroy())
      const run = (work: () => Promise<unknown> = async () => {}) =>
        ownTransaction(db, dialectOf(name), undefined, async (trx) => {
          await sql`select 1`.execute(trx)
          await work()
        })
      const asked = async (work: () => Promise<unknown>) => {
        sent.length = 0
        await work()
        return sent.filter((text) => questions.has(text)).length
      }
      const each = isKept ? 0 : server === 'postgres' ? 2 : 1
      expect(await asked(run)).toBe(each)
      expect(await asked(run)).toBe(each)
      // Another connection, while the first is in use: it is a pool.
      expect(await asked(() => run(run))).toBe(2 * each)
      expect(await asked(() => run(run))).toBe(0)
      expect(await asked(run)).toBe(0)
    },
  )
})
