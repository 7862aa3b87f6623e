import { describe, it } from 'vitest'
import { testRepository } from '../../src/testing/index.ts'
import { contractStores } from './contract-stores.ts'

describe.each(contractStores)('the repository contract on %s', (_, open) => testRepository(it, open))
