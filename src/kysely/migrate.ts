import { DummyDriver, Kysely, type Transaction } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StorageError } from '../repository.ts'
import { type DialectName, dialectOf } from './dialect.ts'
import { defaultPrefix } from './kysely-repository.ts'
import { accounts } from './migrations/0001-accounts.ts'
import { tags } from './migrations/0002-tags.ts'
import { extendedProfiles } from './migrations/0003-extended-profiles.ts'
import { retirement } from './migrations/0004-retirement.ts'
import type { MigrationSite } from './migrations/migration-site.ts'

/** Steps of the schema, in order. A released step is never changed: a change is a new step. */
const steps: Readonly<Record<string, (db: Kysely<unknown>, site: MigrationSite) => Promise<void>>> = {
  '0001-accounts': accounts,
  '0002-tags': tags,
  '0003-extended-profiles': extendedProfiles,
  '0004-retirement': retirement,
}

/** Which database, and what our tables are called in it. */
export interface MigrateOptions {
  readonly dialect: DialectName
  /** What the names of our tables begin with. Default `usercore_`. */
  readonly prefix?: string
}

/**
 * Brings the tables up to date, and does nothing where they are. Answers the steps that it took.
 *
 * What was done is kept in the table `<prefix>migrations`, apart from the migrations of the host. Throws
 * `StorageError` when a step fails; its `cause` is the error of the driver.
 */
export async function migrate<DB>(db: Kysely<DB> | Transaction<DB>, options: MigrateOptions): Promise<string[]> {
  const { prefix = defaultPrefix } = options
  const site = siteOf(options)
  const migrator = new Migrator({
    db: db.withoutPlugins(),
    migrationTableName: `${prefix}migrations`,
    migrationLockTableName: `${prefix}migration_lock`,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          Object.entries(steps).map(([name, step]): [string, Migration] => [name, { up: (on) => step(on, site) }]),
        ),
    },
  })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) {
    const failed = results.find((result) => result.status === 'Error')
    throw new StorageError(
      `migration ${failed?.migrationName ?? ''}`.trim(),
      dialectOf(options.dialect).codeOf(error),
      error,
    )
  }
  return results.map((result) => result.migrationName)
}

/** The statements of every step, for those who run them by hand. Runs nothing. */
export async function migrationSql(options: MigrateOptions): Promise<string[]> {
  const dialect = dialectOf(options.dialect)
  const statements: string[] = []
  const recording = new Kysely<unknown>({
    dialect: { ...dialect.kyselyParts, createDriver: () => new DummyDriver() },
    log: (event) => void statements.push(event.query.sql),
  })
  for (const step of Object.values(steps)) await step(recording, siteOf(options))
  return statements.map((statement) => `${statement};`)
}

function siteOf({ dialect, prefix = defaultPrefix }: MigrateOptions): MigrationSite {
  return { table: (name) => prefix + name, types: dialectOf(dialect).columnTypes }
}
