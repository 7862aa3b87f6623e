import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { kyselyRepository, migrate } from '../../src/kysely/index.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/repository.ts'

/** A store that cases run on, one after the other. */
export interface ConformanceStore {
  /** Empties the store and gives access to it. */
  fresh(): Promise<Repository>
  close(): Promise<void>
}

async function sqlite(): Promise<ConformanceStore> {
  let db: Kysely<unknown> | undefined
  return {
    async fresh() {
      await db?.destroy()
      db = new Kysely({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
      await migrate(db, { dialect: 'sqlite' })
      return kyselyRepository(db, { dialect: 'sqlite' })
    },
    close: async () => db?.destroy(),
  }
}

/** Every store that cases can run on, by the name that `CONFORMANCE_STORE` takes. */
export const stores: Readonly<Record<string, () => Promise<ConformanceStore>>> = {
  memory: async () => ({ fresh: async () => memoryRepository(), close: async () => {} }),
  sqlite,
}
