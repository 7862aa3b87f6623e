import Database from 'better-sqlite3'
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect, sql } from 'kysely'
import { createPool } from 'mysql2'
import { Pool } from 'pg'
import type { TestDatabase } from '../../stores/databases.ts'
import { serverUrls } from '../../stores/servers.ts'

/** A session of a host. `refused`: the check has to report a problem of it. */
export interface Session {
  readonly title: string
  readonly refused?: true
  /** Opens another connection to the same database, under the settings. */
  open(database: TestDatabase): Promise<Kysely<unknown>>
}

const nameOf = async (database: TestDatabase, expression: 'current_schema()' | 'database()') => {
  const { rows } = await sql<{ name: string }>`select ${sql.raw(expression)} as name`.execute(database.connect())
  return rows[0]?.name ?? ''
}

function postgresSession(title: string, options: (schema: string) => string, isWithSchema = false): Session {
  return {
    title,
    async open(database) {
      const schema = await nameOf(database, 'current_schema()')
      const pool = new Pool({
        connectionString: serverUrls.postgres,
        max: 2,
        options: `-c synchronous_commit=off -c jit=off ${options(schema)}`,
      })
      const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
      return isWithSchema ? db.withSchema(schema) : db
    },
  }
}

const postgres: readonly Session[] = [
  ['UTC', ''],
  ['a zone that is not of whole hours', '-c TimeZone=Asia/Kathmandu'],
  ['a zone with summer time, and dates of Germany', '-c TimeZone=America/New_York -c DateStyle=German'],
  ['dates of SQL', '-c TimeZone=Pacific/Kiritimati -c DateStyle=SQL,DMY'],
  ['null that equals null', '-c transform_null_equals=on -c IntervalStyle=iso_8601'],
].map(([title = '', settings = '']) => postgresSession(title, (schema) => `-c search_path=${schema} ${settings}`))

const onPostgres: readonly Session[] = [
  ...postgres,
  postgresSession('another schema behind', (schema) => `-c search_path=${schema},public`),
  postgresSession('withSchema', () => '-c search_path=public', true),
]

function mysqlSession(server: 'mariadb' | 'mysql') {
  return (title: string, settings: string, refused?: true, isWithSchema = false): Session => ({
    title,
    ...(refused && { refused }),
    async open(database) {
      const name = await nameOf(database, 'database()')
      const pool = createPool({
        uri: serverUrls[server] ?? '',
        ...(isWithSchema ? {} : { database: name }),
        connectionLimit: 2,
      })
      pool.on('connection', (connection) => connection.query(`set ${settings}`))
      const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) })
      return isWithSchema ? db.withSchema(name) : db
    },
  })
}

function onMysql(server: 'mariadb' | 'mysql'): readonly Session[] {
  const session = mysqlSession(server)
  return [
    session('UTC', "time_zone = '+00:00'"),
    session('a zone that is not of whole hours', "time_zone = '+05:45'"),
    session('a zone behind', "time_zone = '-11:00'"),
    session('no strictness', "sql_mode = ''"),
    session('ANSI and all that is strict', "sql_mode = 'ANSI,TRADITIONAL'"),
    session('a binary collation', 'collation_connection = utf8mb4_bin'),
    session('another collation', "collation_connection = utf8mb4_turkish_ci, time_zone = '+05:45'"),
    session('withSchema', "time_zone = '-03:30'", undefined, true),
    session('no foreign keys', 'foreign_key_checks = 0', true),
    session('one byte for each letter', 'names latin1', true),
  ]
}

const pragmas = [
  ['as it is', ''],
  ['rows the other way round', 'pragma reverse_unordered_selects = on; pragma case_sensitive_like = on'],
  ['triggers that trigger', 'pragma recursive_triggers = on'],
  ['no foreign keys', 'pragma foreign_keys = off'],
]

const onSqlite: readonly Session[] = pragmas.map(([title = '', text = '']) => ({
  title,
  ...(text.includes('foreign') && { refused: true as const }),
  async open(database) {
    const { rows } = await sql<{ file: string }>`select file from pragma_database_list`.execute(database.connect())
    const raw = new Database(rows[0]?.file ?? '')
    raw.exec(`pragma synchronous = off; ${text}`)
    return new Kysely<unknown>({ dialect: new SqliteDialect({ database: raw }) })
  },
}))

/** PGlite has one connection, whose settings stay. */
const onPglite: readonly Session[] = [
  ['UTC', "set timezone = 'UTC'"],
  ['a zone and dates of its own', "set timezone = 'Asia/Kathmandu'; set datestyle = 'German'"],
].map(([title = '', text = '']) => ({
  title,
  async open(database) {
    for (const statement of text.split(';')) await sql.raw(statement).execute(database.connect())
    return database.connect()
  },
}))

/** The sessions to try on each database. */
export const sessions: Readonly<Record<string, readonly Session[]>> = {
  sqlite: onSqlite,
  'node-sqlite': onSqlite.slice(0, 1),
  pglite: onPglite,
  postgres: onPostgres,
  mariadb: onMysql('mariadb'),
  mysql: onMysql('mysql'),
}
