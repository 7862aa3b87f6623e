import { describe } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import type { Repository } from '../../src/repository.ts'
import { sqliteFile } from '../stores/sqlite.ts'

/** A store for one test, and what tests want to know of it. */
export interface TestStore extends AsyncDisposable {
  readonly repository: Repository
  /** Another connection to the same store; in memory there is only one. */
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

async function openSqlite(): Promise<TestStore> {
  const file = await sqliteFile()
  const db = file.connect()
  return {
    repository: kyselyRepository(db, { dialect: 'sqlite' }) as Repository,
    second: kyselyRepository(file.connect(), { dialect: 'sqlite' }) as Repository,
    transaction: (work) => db.transaction().execute(work),
    [Symbol.asyncDispose]: () => file.close(),
  }
}

/** Runs a suite on every store that needs no server. */
export function onEachStore(suite: string, tests: (open: () => Promise<TestStore>) => void): void {
  describe.each([
    ['memory', openMemory],
    ['SQLite', openSqlite],
  ] as const)(`${suite} (%s)`, (_, open) => tests(open))
}
