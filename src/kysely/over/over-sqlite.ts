import { type SqliteDatabase, SqliteDialect } from 'kysely'
import { type NodeSqliteDatabase, nodeSqlite } from '../node-sqlite.ts'
import { notInTransaction, type OverClient } from './over-client.ts'

/** Returns a database of better-sqlite3 or `node:sqlite` as an `OverClient`; `undefined` for any other object. */
export function overSqlite(client: object): OverClient | undefined {
  const isBetter = typeof Reflect.get(client, 'inTransaction') === 'boolean'
  const isNode = typeof Reflect.get(client, 'isTransaction') === 'boolean'
  if (!isBetter && !isNode) return undefined
  const isOver = () => Reflect.get(client, isBetter ? 'inTransaction' : 'isTransaction') !== true
  const database = isBetter ? (client as SqliteDatabase) : nodeSqlite(client as NodeSqliteDatabase)
  const guarded: SqliteDatabase = {
    close() {},
    prepare(text) {
      if (isOver()) throw notInTransaction()
      return database.prepare(text)
    },
  }
  return { client, dialect: new SqliteDialect({ database: guarded }), isOver }
}
