import { UsageError } from './usage-error.ts'

/** Loads the entry over Kysely when a command needs it. Throws `UsageError` in a project without Kysely. */
export async function loadKyselyEntry(): Promise<typeof import('../kysely/index.ts')> {
  return import('../kysely/index.ts').catch((error) => {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new UsageError('kysely cannot be loaded: install it in this project')
  })
}
