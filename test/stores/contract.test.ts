import { describe, it } from 'vitest'
import { testRepository } from '../../src/testing/index.ts'
import { contractStores } from './contract-stores.ts'

describe.each(contractStores())('the repository contract on %s', (_, open) =>
  // PGlite is slow, and a machine can be busy.
  testRepository((name, test) => it(name, test, 120_000), open),
)
