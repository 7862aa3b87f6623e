import { describe, it } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import { testRepository } from '../../src/testing/index.ts'
import { sqliteFile } from './sqlite.ts'

describe('SQLite repository', () =>
  testRepository(it, async () => {
    const file = await sqliteFile()
    const db = file.connect()
    return {
      repository: kyselyRepository(db, { dialect: 'sqlite' }),
      second: kyselyRepository(file.connect(), { dialect: 'sqlite' }),
      transaction: (work) => db.transaction().execute(work),
      close: () => file.close(),
    }
  }))
