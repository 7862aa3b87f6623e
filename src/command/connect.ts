import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dialect, Kysely } from 'kysely'
import { loadKyselyEntry } from './kysely-entry.ts'
import { UsageError } from './usage-error.ts'

/** The modules of drivers, as far as they are used. */
interface Drivers {
  readonly pg: typeof import('pg')
  readonly mysql2: typeof import('mysql2')
  readonly 'better-sqlite3': typeof import('better-sqlite3')
  readonly 'node:sqlite': typeof import('node:sqlite')
}

/** A database as the command line names it. */
export interface Address {
  readonly url: string | undefined
  /** The folder to which a path belongs, and whose drivers are used. */
  readonly cwd: string
  /** Tells whether a file of SQLite that is not there is made. */
  readonly isNew: boolean
}

/** Opens a database. Throws `UsageError` where the project has no driver for it. */
export async function connectTo(dialect: string, { url, cwd, isNew }: Address): Promise<Kysely<unknown>> {
  if (url === undefined) throw new UsageError('--url: give the address of the database, or set DATABASE_URL')
  const driver = driversOf(cwd)
  const { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } = await import('kysely')
  const open: Readonly<Record<string, () => Dialect>> = {
    postgres: () => new PostgresDialect({ pool: quiet(new (driver('pg').Pool)({ connectionString: url, max: 2 })) }),
    mysql: () => new MysqlDialect({ pool: driver('mysql2').createPool({ uri: url, connectionLimit: 2 }) }),
  }
  if (dialect === 'sqlite') {
    const path = resolve(cwd, url.startsWith('file:') ? fileURLToPath(url) : url)
    if (!isNew && !existsSync(path)) throw new UsageError('--url: there is no such file')
    return new Kysely({ dialect: new SqliteDialect({ database: await openSqlite(path, driver) }) })
  }
  const dialectOf = open[dialect]
  if (dialectOf === undefined) throw new UsageError(`--dialect ${dialect}: give \`connect\` in the file of --config`)
  return new Kysely({ dialect: dialectOf() })
}

/** Keeps a connection that is lost while it is idle from ending the process: the next statement tells it. */
function quiet<Pool extends { on(event: 'error', listener: () => void): unknown }>(pool: Pool): Pool {
  pool.on('error', () => {})
  return pool
}

async function openSqlite(path: string, driver: ReturnType<typeof driversOf>) {
  const wait = { timeout: 5000 }
  try {
    return new (driver('better-sqlite3'))(path, wait)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const { nodeSqlite } = await loadKyselyEntry()
    return nodeSqlite(new (driver('node:sqlite').DatabaseSync)(path, wait))
  }
}

/** Returns a function that loads a driver as code of a folder would: under pnpm this package does not see it. */
function driversOf(cwd: string) {
  const require = createRequire(join(cwd, 'package.json'))
  return <Name extends keyof Drivers>(name: Name): Drivers[Name] => {
    try {
      return require(name)
    } catch {
      throw new UsageError(
        `the driver ${name} cannot be loaded: install it in this project, or give \`connect\` in the file of --config`,
      )
    }
  }
}
