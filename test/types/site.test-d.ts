import Database from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import {
  type AccountDocument,
  type AccountDocumentOf,
  type AccountPatchOf,
  createUserCore,
  defineExtendedProfile,
  definePreferences,
  type PreferencesOf,
} from '../../src/index.ts'
import {
  checkSchema,
  keptStatements,
  kyselyRepository,
  migrate,
  migrationSql,
  renewKeys,
  type UserTable,
  verifyMapping,
} from '../../src/kysely/index.ts'
import { memoryRepository } from '../../src/memory/index.ts'
import { type StoreUnderTest, testRepository } from '../../src/testing/index.ts'

declare const people: UserTable
declare const store: StoreUnderTest<undefined>

const users = createUserCore({
  repository: memoryRepository(),
  preferences: definePreferences({ theme: { schema: z.enum(['light', 'dark']), default: 'light' } }),
  extendedProfile: { since: z.int() },
})

describe('the types of a site', () => {
  it('have names of their own', () => {
    expectTypeOf<PreferencesOf<typeof users>>().toEqualTypeOf<{ readonly theme: 'light' | 'dark' }>()
    expectTypeOf<AccountDocumentOf<typeof users>>().toEqualTypeOf<AccountDocument>()
    expectTypeOf<{ extended_profile: { since: 1 } }>().toExtend<AccountPatchOf<typeof users>>()
    expectTypeOf<{ extended_profile: { since: 'x' } }>().not.toExtend<AccountPatchOf<typeof users>>()
  })
})

describe('an unknown option', () => {
  it('does not compile', () => {
    // @ts-expect-error a misspelt option
    createUserCore({ repository: memoryRepository(), setings: {} })
    // @ts-expect-error a misspelt setting
    createUserCore({ repository: memoryRepository(), settings: { cool_of_days: 1 } })
    const schema = z.string()
    // @ts-expect-error of the declared preferences
    definePreferences({ theme: { schema, default: '' } }, { colour: 'red' })
    // @ts-expect-error of the extended profile
    defineExtendedProfile({ motto: schema }, { colour: 'red' })
    const sqlite = { dialect: 'sqlite' } as const
    // @ts-expect-error of a repository over a database of any type
    const repositoryOf = <DB>(db: Kysely<DB>) => kyselyRepository(db, { ...sqlite, colour: 'red' })
    // @ts-expect-error of a migration
    const migrateAny = <DB>(db: Kysely<DB>) => migrate(db, { ...sqlite, colour: 'red' })
    // @ts-expect-error of a check of the schema
    const checkAny = <DB>(db: Kysely<DB>) => checkSchema(db, { ...sqlite, colour: 'red' })
    // @ts-expect-error of new keys
    const renewAny = <DB>(db: Kysely<DB>) => renewKeys(db, { ...sqlite, colour: 'red' })
    // @ts-expect-error of statements to run by hand
    const printed = () => migrationSql({ ...sqlite, colour: 'red' })
    // @ts-expect-error of a check of the host's table
    const verifyAny = <DB>(db: Kysely<DB>) => verifyMapping(db, { ...sqlite, users: people, colour: 'red' })
    // @ts-expect-error of statements that are kept
    const kept = () => keptStatements(new Database(':memory:'), { colour: 'red' })
    expect([repositoryOf, migrateAny, checkAny, renewAny, printed, verifyAny, kept]).toHaveLength(7)
  })

  it('does not compile in the contract of repositories', () => {
    // @ts-expect-error of the contract
    const contract = () => testRepository(it, async () => store, { colour: 'red' })
    expect(contract).toBeDefined()
  })

  it('does not compile inside a definition', () => {
    const schema = z.string()
    // @ts-expect-error of one preference
    definePreferences({ theme: { schema, default: '', colour: 'red' } })
    // @ts-expect-error of one field
    defineExtendedProfile({ motto: { schema, colour: 'red' } })
    // @ts-expect-error of one field, given to the core
    createUserCore({ repository: memoryRepository(), extendedProfile: { motto: { schema, colour: 'red' } } })
  })
})
