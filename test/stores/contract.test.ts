import { beforeAll, describe, it } from 'vitest'
import { testRepository } from '../../src/testing/index.ts'
import { contractStores } from './contract-stores.ts'

/** Milliseconds. PGlite takes long to start, and a machine can be busy. */
const patience = 120_000

describe.each(contractStores)('the repository contract on %s', (_, open) => {
  beforeAll(async () => (await open()).close(), patience)
  testRepository((name, test) => it(name, test, patience), open)
})
