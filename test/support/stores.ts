import { describe } from 'vitest'
import { eachStore, type TestStore } from '../stores/stores.ts'

export type { TestStore } from '../stores/stores.ts'

/** Runs a suite on every store that can be tried here, but for PGlite. */
export function onEachStore(suite: string, tests: (open: () => Promise<TestStore>) => void): void {
  describe.each(eachStore())(`${suite} (%s)`, (_, open) => tests(open))
}
