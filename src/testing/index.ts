export type { StatementControl, StoreUnderTest } from './contract/store.ts'
export { type ManualClock, manualClock } from './manual-clock.ts'
export { type It, testRepository } from './repository-contract.ts'
