export { type MemoryRepository, type MemoryTransaction, memoryRepository } from './memory-repository.ts'
