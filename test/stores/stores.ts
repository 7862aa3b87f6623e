import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { databases, optionsOf, type TestDatabase } from './databases.ts'
import { openEdxDatabases } from './open-edx.ts'

/** A store for one test, with the facts that tests need of it. */
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
 * Opens stores over one database, which is removed at the end of the test file: making a database takes longer than
 * emptying it.
 */
export function storesOver(
  create: () => Promise<TestDatabase>,
  plugins: KyselyPlugin[] = [],
): () => Promise<TestStore> {
  let opened: ReturnType<typeof openTwice> | undefined
  beforeAll(async () => {
    opened = openTwice(create, plugins)
    await opened
  }, 120_000)
  afterAll(async () => (await opened)?.database.close())
  return async () => {
    const { database, first, second } = await (opened ?? openTwice(create, plugins))
    const repositoryOver = (db: typeof first) => kyselyRepository(db, optionsOf(database)) as Repository
    const repository = repositoryOver(first)
    return {
      repository,
      second: second === first ? repository : repositoryOver(second),
      transaction: (work) => first.transaction().execute(work),
      [Symbol.asyncDispose]: database.clean,
    }
  }
}

async function openTwice(create: () => Promise<TestDatabase>, plugins: KyselyPlugin[]) {
  const database = await create()
  const connect = () => (plugins.length === 0 ? database.connect() : database.connect({ plugins }))
  return { database, first: connect(), second: connect() }
}

/**
 * Returns the stores that every operation is tried on, with their names: an existing Open edX database is among them.
 * PGlite, which takes seconds to start, and `node:sqlite`, which is SQLite again, are left to the contract and the
 * vectors.
 */
export function eachStore(): (readonly [name: string, open: () => Promise<TestStore>])[] {
  const { pglite: _, ...quick } = different
  return storesOf(quick)
}

/** Returns the stores of `eachStore` and PGlite, for what has to be seen on every database. */
export function everyStore(): (readonly [name: string, open: () => Promise<TestStore>])[] {
  return storesOf(different)
}

const { 'node-sqlite': _, ...different } = databases

function storesOf(some: typeof databases): (readonly [name: string, open: () => Promise<TestStore>])[] {
  const opened = Object.entries({ ...some, ...openEdxDatabases })
  return [['memory', openMemory], ...opened.map(([name, create]) => [name, storesOver(create)] as const)]
}
