import { describe, it } from 'vitest'
import { testRepository } from '../../src/testing/index.ts'
import { eachStore } from './stores.ts'

describe.each(eachStore())('the repository contract on %s', (_, open) =>
  testRepository(it, async () => {
    const store = await open()
    const { repository, second, transaction } = store
    return {
      repository,
      ...(second === repository ? {} : { second }),
      transaction,
      close: async () => store[Symbol.asyncDispose](),
    }
  }),
)
