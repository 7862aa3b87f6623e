import { describe, it } from 'vitest'
import { testPersonalData } from '../../src/testing/index.ts'
import { contractSourceStores } from './contract-stores.ts'

describe.each(contractSourceStores())('the contract of personal data on %s', (_, open) =>
  // PGlite is slow, and a machine can be busy.
  testPersonalData((name, test) => it(name, test, 120_000), open),
)
