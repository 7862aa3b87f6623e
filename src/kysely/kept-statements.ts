import type { MysqlPool, PostgresPool, SqliteDatabase } from 'kysely'
import { problemOf } from '../values/arguments.ts'
import { count, methods, object, optional } from '../values/kinds.ts'
import { requireOption, requireOptions } from '../values/options.ts'
import { keptByMysql } from './kept/kept-mysql.ts'
import { keptByPostgres } from './kept/kept-postgres.ts'
import { keptBySqlite } from './kept/kept-sqlite.ts'

/** Options of `keptStatements`. */
export interface KeptStatementsOptions {
  /** The most statements that are kept on each connection; the least used ones go. Default 500. */
  readonly max?: number
}

/**
 * Wraps a pool of node-postgres or mysql2, or a database of better-sqlite3, so that a repeated text is not parsed
 * again. Kysely gives its driver no names for statements, so this stands between the two.
 *
 * - node-postgres: a text gets a name at its second use. A server that no longer knows the name (after `discard all`,
 *   or because tables were altered) gets the text once more; inside a transaction only where nothing was sent in it
 *   before, otherwise the error 26000 is passed on.
 * - mysql2: a text is sent by `execute` from its second use on. A `typeCast` of the pool gets other bytes then: leave
 *   it out there.
 * - better-sqlite3: a text is compiled at its first use. `nodeSqlite` keeps statements by itself.
 *
 * Without effect behind a pooler that gives each transaction another server and keeps no names, such as PgBouncer
 * before 1.21: leave it out there.
 *
 * Throws `config_error` for a value that is neither a pool nor a database, and for an invalid `max`.
 *
 * ```ts
 * new Kysely({ dialect: new PostgresDialect({ pool: keptStatements(new Pool()) }) })
 * ```
 */
export function keptStatements(pool: PostgresPool, options?: KeptStatementsOptions): PostgresPool
export function keptStatements(pool: MysqlPool, options?: KeptStatementsOptions): MysqlPool
export function keptStatements(database: SqliteDatabase, options?: KeptStatementsOptions): SqliteDatabase
export function keptStatements(pool: Pool, options: KeptStatementsOptions = {}): Pool {
  requireOptions(options, object({ max: optional(count(1, 100_000)) }))
  const { max = 500 } = options
  if (isDatabase(pool)) return keptBySqlite(pool, max)
  if (isPoolOfMysql(pool)) return keptByMysql(pool, max)
  requireOption(pool, methods('connect', 'end'), 'pool')
  return keptByPostgres(pool, max)
}

type Pool = PostgresPool | MysqlPool | SqliteDatabase

function isDatabase(pool: Pool): pool is SqliteDatabase {
  return problemOf(pool, methods('prepare', 'close'), 'pool', 'integer') === undefined
}

function isPoolOfMysql(pool: Pool): pool is MysqlPool {
  return problemOf(pool, methods('getConnection', 'end'), 'pool', 'integer') === undefined
}
