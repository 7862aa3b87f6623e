import { describe } from 'vitest'
import { eachStore, everyStore, type TestStore } from '../stores/stores.ts'

export type { TestStore } from '../stores/stores.ts'

/** Runs a suite on every store that can be tried here, but for PGlite. */
export function onEachStore(suite: string, tests: (open: () => Promise<TestStore>) => void): void {
  describe.each(eachStore())(`${suite} (%s)`, (_, open) => tests(open))
}

/** Runs a suite on every store that can be tried here, PGlite among them. */
export function onEveryStore(suite: string, tests: (open: () => Promise<TestStore>) => void): void {
  describe.each(everyStore())(`${suite} (%s)`, (_, open) => tests(open))
}
