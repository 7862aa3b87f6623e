import { describe, it } from 'vitest'
import { memoryRepository } from '../../src/memory/index.ts'
import { testRepository } from '../../src/testing/index.ts'

describe('memory repository', () =>
  testRepository(it, async () => {
    const repository = memoryRepository()
    return { repository, transaction: (work) => repository.transaction(work), close: async () => {} }
  }))
