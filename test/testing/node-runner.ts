/** The published contract under the test runner of Node. Started by node-test.test.ts. */
import { test } from 'node:test'
import { memoryRepository } from 'usercore/memory'
import { testRepository } from 'usercore/testing'

testRepository(test, async () => {
  const repository = memoryRepository()
  const { transaction } = repository
  return { repository, transaction, statements: undefined, close: async () => {} }
})
