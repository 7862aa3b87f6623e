export { type MemoryPersonalDataOptions, memoryPersonalData } from './memory-personal-data.ts'
export {
  type MemoryRepository,
  type MemoryRepositoryOptions,
  type MemoryTransaction,
  memoryRepository,
} from './memory-repository.ts'
