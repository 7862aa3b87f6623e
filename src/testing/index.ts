export { type ManualClock, manualClock } from './manual-clock.ts'
export { type It, type StoreUnderTest, testRepository } from './repository-contract.ts'
