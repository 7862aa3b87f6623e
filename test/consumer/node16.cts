/** CommonJS as TypeScript has it with `module: node16`, where `require` of an ES module is error TS1479. */
import type { UserCore } from 'usercore' with { 'resolution-mode': 'import' }

async function open(): Promise<UserCore<unknown>> {
  const { createUserCore } = await import('usercore')
  const { memoryRepository } = await import('usercore/memory')
  return createUserCore({ repository: memoryRepository() })
}

module.exports = { open }
