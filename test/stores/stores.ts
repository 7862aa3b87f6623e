import { afterAll } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/repository.ts'
import { databases, type TestDatabase } from './databases.ts'
import { openEdxDatabases } from './open-edx.ts'

/** A store for one test, and what tests want to know of it. */
export interface TestStore extends AsyncDisposable {
  readonly repository: Repository
  /** Another connection to the same store; the same one where there can be only one. */
  readonly second: Repository
  /** Runs work in a transaction of the host. */
  transaction(work: (transaction: unknown) => Promise<void>): Promise<void>
}

async function openMemory(): Promise<TestStore> {
  const repository = memoryRepository()
  return {
    repository: repository as Repository,
    second: repository as Repository,
    transaction: (work) => repository.transaction(work),
    async [Symbol.asyncDispose]() {},
  }
}

/**
 * Opens stores over one database, which goes away at the end of the test file: making a database takes longer than
 * emptying it.
 */
export function storesOver(create: () => Promise<TestDatabase>): () => Promise<TestStore> {
  let opened: ReturnType<typeof openTwice> | undefined
  afterAll(async () => (await opened)?.database.close(), 60_000)
  return async () => {
    opened ??= openTwice(create)
    const { database, first, second } = await opened
    const repositoryOver = (db: typeof first) => kyselyRepository(db, database) as Repository
    const repository = repositoryOver(first)
    return {
      repository,
      second: second === first ? repository : repositoryOver(second),
      transaction: (work) => first.transaction().execute(work),
      [Symbol.asyncDispose]: database.clean,
    }
  }
}

async function openTwice(create: () => Promise<TestDatabase>) {
  const database = await create()
  return { database, first: database.connect(), second: database.connect() }
}

/** Every store that can be tried here, with its name. */
export function eachStore(): (readonly [name: string, open: () => Promise<TestStore>])[] {
  return [
    ['memory', openMemory],
    ...Object.entries(databases).map(([name, create]) => [name, storesOver(create)] as const),
  ]
}

/**
 * The stores that every operation is tried on, an existing Open edX database among them. The contract and the vectors
 * run on the others too: PGlite takes seconds to start, and `node:sqlite` is SQLite again.
 */
export function eachQuickStore(): ReturnType<typeof eachStore> {
  return [
    ...eachStore().filter(([name]) => name !== 'pglite' && name !== 'node-sqlite'),
    ...Object.entries(openEdxDatabases).map(([name, create]) => [name, storesOver(create)] as const),
  ]
}
