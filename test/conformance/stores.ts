import { kyselyRepository } from '../../src/kysely/index.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { databases, optionsOf, type TestDatabase } from '../stores/databases.ts'
import { openEdxDatabases } from '../stores/open-edx.ts'

/** A store that cases run on, one after the other. */
export interface ConformanceStore {
  /** Empties the store and gives access to it. */
  fresh(): Promise<Repository>
  close(): Promise<void>
}

async function over(create: () => Promise<TestDatabase>): Promise<ConformanceStore> {
  const database = await create()
  const repository = kyselyRepository(database.connect(), optionsOf(database))
  return {
    async fresh() {
      await database.clean()
      return repository as Repository
    },
    close: database.close,
  }
}

/** Every store that cases can run on, by the name that `CONFORMANCE_STORE` takes. */
export const stores: Readonly<Record<string, () => Promise<ConformanceStore>>> = {
  memory: async () => ({ fresh: async () => memoryRepository(), close: async () => {} }),
  ...Object.fromEntries(
    Object.entries({ ...databases, ...openEdxDatabases }).map(([name, create]) => [name, () => over(create)]),
  ),
}
