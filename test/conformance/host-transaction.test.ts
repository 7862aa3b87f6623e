import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kyselyRepository } from '../../src/kysely/index.ts'
import type { Repository } from '../../src/port/repository.ts'
import { tables } from '../../src/port/tables.ts'
import { databases, type TestDatabase } from '../stores/databases.ts'
import { runVector } from './run-vector.ts'
import { readVectors } from './vector.ts'

const vectors = readVectors(join(import.meta.dirname, 'vectors'))
const rollback = new Error('rollback')

describe.each(Object.entries(databases))('every operation inside a transaction of the host, on %s', (_, create) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await create()
  })
  afterAll(() => database.close())

  it('has the results of the vectors, and leaves nothing when the host rolls back', async () => {
    const db = database.connect()
    const repository = kyselyRepository(db, { dialect: database.dialect })
    for (const vector of vectors) {
      const work = db.transaction().execute(async (transaction) => {
        const verdict = await runVector(vector, repository.with(transaction) as Repository)
        const isDifference = verdict.outcome === 'skipped' && verdict.reason.startsWith('design.md: ')
        expect(isDifference ? { outcome: 'passed' } : verdict, vector.id).toEqual({ outcome: 'passed' })
        throw rollback
      })
      await expect(work, vector.id).rejects.toBe(rollback)
    }
    for (const table of Object.keys(tables) as (keyof typeof tables)[]) {
      expect(await repository.select(table, {}), table).toEqual([])
    }
  }, 120_000)
})
