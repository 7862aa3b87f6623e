export {
  type MemoryRepository,
  type MemoryRepositoryOptions,
  type MemoryTransaction,
  memoryRepository,
} from './memory-repository.ts'
