import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type Dialect, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'
import { createPool } from 'mysql2'
import { createPool as createPromisePool } from 'mysql2/promise'
import { Pool } from 'pg'
import { type DialectName, keptStatements } from '../../src/kysely/index.ts'
import { serverUrls } from '../stores/servers.ts'

export type DatabaseName = 'sqlite' | 'postgres' | 'mariadb' | 'mysql'

/** A database of one run. It is plain data, so that another process can open it too. */
export interface Place {
  readonly database: DatabaseName
  readonly dialect: Extract<DialectName, 'sqlite' | 'postgres' | 'mysql'>
  /** The address of the server, or the folder of the file. */
  readonly address: string
  /** The name of the schema, the database or the file. */
  readonly name: string
}

/** The connections of every pool that is measured. */
const poolSize = 16

/** Returns the databases that are at hand: SQLite, and each server whose address is in the environment. */
export function databasesAtHand(): DatabaseName[] {
  const servers = (['postgres', 'mariadb', 'mysql'] as const).filter((name) => serverUrls[name] !== undefined)
  return ['sqlite', ...servers]
}

/** Makes an empty database. Throws for a server whose address is not in the environment. */
export async function makePlace(database: DatabaseName): Promise<Place> {
  const name = `usercore_bench_${process.pid}_${randomBytes(3).toString('hex')}`
  if (database === 'sqlite') {
    return { database, dialect: 'sqlite', address: mkdtempSync(join(tmpdir(), 'usercore-bench-')), name }
  }
  const address = serverUrls[database]
  if (address === undefined) throw new TypeError(`the address of ${database} is not in the environment`)
  await onServer(database, address, `create ${schemaWord(database)} ${name}`)
  return { database, dialect: database === 'postgres' ? 'postgres' : 'mysql', address, name }
}

/** Removes a database with all that is in it. */
export async function removePlace({ database, address, name }: Place): Promise<void> {
  if (database === 'sqlite') return rmSync(address, { recursive: true })
  await onServer(database, address, `drop ${schemaWord(database)} ${name}${database === 'postgres' ? ' cascade' : ''}`)
}

const schemaWord = (database: DatabaseName) => (database === 'postgres' ? 'schema' : 'database')

async function onServer(database: DatabaseName, address: string, statement: string): Promise<void> {
  if (database === 'postgres') {
    const pool = new Pool({ connectionString: address, max: 1 })
    await pool.query(statement)
    await pool.end()
    return
  }
  const pool = createPromisePool({ uri: address, connectionLimit: 1 })
  await pool.query(statement)
  await pool.end()
}

/** Opens the file of a place, with the settings of a host that cares for speed. */
export function openSqlite({ address, name }: Place): Database.Database {
  const database = new Database(join(address, name))
  database.pragma('journal_mode = wal')
  database.pragma('synchronous = normal')
  database.pragma('foreign_keys = on')
  return database
}

/** Opens a pool of node-postgres. Commits do not wait for the disk, which would be most of what is measured. */
export function openPostgres({ address, name }: Place): Pool {
  const options = `-c search_path=${name} -c synchronous_commit=off`
  return new Pool({ connectionString: address, max: poolSize, options })
}

/** Opens a pool of mysql2. */
export function openMysql({ address, name }: Place) {
  return createPromisePool({ uri: address, database: name, connectionLimit: poolSize })
}

/** Makes the dialect of Kysely for a place: with statements kept, as README shows, or plain. */
export function dialectOf(place: Place, isKept: boolean): Dialect {
  if (place.database === 'sqlite') {
    const database = openSqlite(place)
    return new SqliteDialect({ database: isKept ? keptStatements(database) : database })
  }
  if (place.database === 'postgres') {
    const pool = openPostgres(place)
    return new PostgresDialect({ pool: isKept ? keptStatements(pool) : pool })
  }
  const pool = createPool({ uri: place.address, database: place.name, connectionLimit: poolSize })
  return new MysqlDialect({ pool: isKept ? keptStatements(pool) : pool })
}
