import { Kysely, type KyselyPlugin } from 'kysely'
import { afterAll, beforeAll } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { type MemoryRepositoryOptions, memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import type { StoreUnderTest } from '../../src/testing/index.ts'
import { databases, nodeSqliteDatabase, optionsOf, type TestDatabase } from './databases.ts'
import { watchedDialect } from './watched-dialect.ts'

/** Opens a store for one case of the contract. */
export type OpenStore = () => Promise<StoreUnderTest<unknown>>

export const openMemory = async (options?: MemoryRepositoryOptions): Promise<StoreUnderTest<unknown>> => {
  const memory = memoryRepository(options)
  const repository = memory as Repository
  return {
    repository,
    // Reads do not wait for a transaction, and writes wait their turn: as good as another connection.
    second: repository,
    transaction: (work) => memory.transaction(work),
    statements: undefined,
    close: async () => {},
  }
}

/** Opens stores over one database, which is removed at the end of the test file, with their statements watched. */
export function watchedStoresOver(create: () => Promise<TestDatabase>, plugins: KyselyPlugin[] = []): OpenStore {
  let opened: ReturnType<typeof openWatched> | undefined
  beforeAll(async () => {
    opened = openWatched(create, plugins)
    await opened
  }, 120_000)
  afterAll(async () => (await opened)?.close())
  return async () => (await (opened ?? openWatched(create, plugins))).store
}

async function openWatched(create: () => Promise<TestDatabase>, plugins: KyselyPlugin[]) {
  const database = await create()
  const watched = watchedDialect(database.open(), database.cut)
  const db = new Kysely<unknown>({ dialect: watched.dialect, plugins })
  const second = database.connect({ plugins })
  const store: StoreUnderTest<unknown> = {
    repository: kyselyRepository(db, optionsOf(database)) as Repository,
    ...(database.hasConnections ? { second: kyselyRepository(second, optionsOf(database)) as Repository } : {}),
    transaction: (work) => db.transaction().execute(work),
    statements: watched.control,
    ...(database.bytes === undefined ? {} : { bytes: database.bytes }),
    close: database.clean,
  }
  return {
    store,
    async close() {
      await db.destroy()
      await database.close()
    },
  }
}

/** Returns every store that can be tried here, with its name. */
export function contractStores(): (readonly [name: string, open: OpenStore])[] {
  return [
    ['memory', () => openMemory()],
    ['memory with ids that are text', () => openMemory({ idType: 'text' })],
    ['node-sqlite with a write-ahead log', watchedStoresOver(() => nodeSqliteDatabase('tables', 'wal'))],
    ...Object.entries(databases).map(([name, create]) => [name, watchedStoresOver(create)] as const),
  ]
}
