import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

describe('the built package', () => {
  it('has the core under its name', async () => {
    const usercore = await import('usercore')
    expect(Object.keys(usercore).sort()).toEqual([
      'StorageError',
      'UserCoreError',
      'accountPrivacies',
      'anonymous',
      'applyJsonPatch',
      'applyMergePatch',
      'createUserCore',
      'defaultPipeline',
      'defineExtendedProfile',
      'definePipeline',
      'definePreferences',
      'diffJsonPatch',
      'diffMergePatch',
      'errorStatus',
      'formatSocialLink',
      'genders',
      'identifierKey',
      'isMinorNameEdit',
      'isTimeZone',
      'isUserCoreError',
      'levelsOfEducation',
      'listTimeZones',
      'notNull',
      'orgOfCourse',
      'references',
      'system',
      'tables',
    ])
  })

  it('has the adapters and the contract under names of their own', async () => {
    expect(Object.keys(await import('usercore/kysely')).sort()).toEqual(['kyselyRepository', 'migrate', 'migrationSql'])
    expect(Object.keys(await import('usercore/memory'))).toEqual(['memoryRepository'])
    expect(Object.keys(await import('usercore/testing')).sort()).toEqual(['manualClock', 'testRepository'])
  })

  it('has declarations that type a project of its own', async () => {
    const tsc = join(import.meta.dirname, '..', 'node_modules', '.bin', 'tsc')
    const { stdout, status } = spawnSync(tsc, ['-p', join(import.meta.dirname, 'consumer')], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
    const { use } = await import('./consumer/consumer.ts')
    expect(await use()).toEqual({ title: 'Farmer', since: 1841, theme: 'light', year: null })
  })

  it('has one error class for all of them', async () => {
    const { StorageError, createUserCore, system, UserCoreError } = await import('usercore')
    const { kyselyRepository } = await import('usercore/kysely')
    const { Kysely, SqliteDialect } = await import('kysely')
    const { default: Database } = await import('better-sqlite3')
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
    const users = createUserCore({ repository: kyselyRepository(db, { dialect: 'sqlite' }) })
    const error = await users.accounts.get(system, ['ada']).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(UserCoreError)
    expect(error.cause).toBeInstanceOf(StorageError)
  })
})
