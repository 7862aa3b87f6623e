import { type Kysely as Db, Kysely, MysqlDialect, PostgresDialect } from 'kysely'
import { createPool } from 'mysql2'
import { Pool } from 'pg'
import type { Site } from './journal.ts'

/** Connects to one server of a site, with up to `max` connections; `server`: beside its schema, to watch over it. */
export function connect(
  { dialect, name }: Site,
  url: string,
  max: number,
  where: 'site' | 'server' = 'site',
): Db<unknown> {
  if (dialect === 'mysql') {
    const database = where === 'site' ? { database: name } : {}
    return new Kysely({
      dialect: new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: max, ...database }) }),
    })
  }
  const own = where === 'site' ? { application_name: name, options: `-c search_path=${name}` } : {}
  const pool = new Pool({ connectionString: url, max, ...own })
  // Without these, a connection that dies ends the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}
