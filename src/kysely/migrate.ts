import { setTimeout as sleep } from 'node:timers/promises'
import { DummyDriver, Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { type Migration, type MigrationResultSet, Migrator } from 'kysely/migration'
import { StorageError } from '../port/repository.ts'
import { UserCoreError } from '../values/errors.ts'
import { document, recordOf as objectOf, oneOf, optional } from '../values/kinds.ts'
import { requireOption, requireOptions } from '../values/options.ts'
import { type Dialect, type DialectName, dialectOf } from './dialect.ts'
import { prepareErasure } from './erasure.ts'
import { inSchemaOf, plain } from './host-database.ts'
import { inTurn } from './migration-turn.ts'
import { accounts } from './migrations/0001-accounts.ts'
import { tags } from './migrations/0002-tags.ts'
import { extendedProfiles } from './migrations/0003-extended-profiles.ts'
import { retirement } from './migrations/0004-retirement.ts'
import { proofs } from './migrations/0005-proofs.ts'
import { usernamesAndImages } from './migrations/0006-usernames-and-images.ts'
import { keys } from './migrations/0007-keys.ts'
import { leases } from './migrations/0008-leases.ts'
import { idempotency } from './migrations/0009-idempotency.ts'
import { outbox } from './migrations/0010-outbox.ts'
import { retirementWork } from './migrations/0011-retirement-work.ts'
import { proof } from './migrations/0012-proof.ts'
import { generations } from './migrations/0013-generations.ts'
import { searchValues } from './migrations/0014-search-values.ts'
import { deactivations } from './migrations/0015-deactivations.ts'
import { type MigrationSite, migrationSite } from './migrations/migration-site.ts'
import { knowingOnly } from './migrator-database.ts'
import { type NamingOptions, namesOf } from './names.ts'
import { requireDatabase, requireNaming } from './options.ts'
import { settingProblems, settingText } from './session.ts'

/** The steps of the schema, in order. A released step is never changed: a change is a new step. */
const steps: Readonly<Record<string, (site: MigrationSite) => Promise<void>>> = {
  '0001-accounts': accounts,
  '0002-tags': tags,
  '0003-extended-profiles': extendedProfiles,
  '0004-retirement': retirement,
  '0005-proofs': proofs,
  '0006-usernames-and-images': usernamesAndImages,
  '0007-keys': keys,
  '0008-leases': leases,
  '0009-idempotency': idempotency,
  '0010-outbox': outbox,
  '0011-retirement-work': retirementWork,
  '0012-proof': proof,
  '0013-generations': generations,
  '0014-search-values': searchValues,
  '0015-deactivations': deactivations,
}

/** The names of the steps that this code knows. */
export const stepNames: readonly string[] = Object.keys(steps)

/** Options of a migration: its database, and the names of tables in it. The same as for `kyselyRepository`. */
export interface MigrateOptions extends NamingOptions {
  readonly dialect: DialectName
}

/**
 * Brings the tables up to date, and does nothing where they are. Returns the steps that it took. Of several callers at
 * once one takes them, and the others wait, on other nodes of a cluster too.
 *
 * The table `<prefix>migrations` records the steps, apart from the migrations of the host. A transaction can be given
 * on PostgreSQL and PGlite only; other databases would end it, so it is refused. Inside of a migration of the host,
 * give the connection that the migration got: waiting on another one would never end.
 *
 * Throws `config_error` for a schema that is newer than this code (`params.schema` is `newer`), a transaction that is
 * refused (`params.transaction`) or a setting of the session that changes the meaning of statements (`params.setting`);
 * `StorageError` when a step fails, whose `cause` is the error of the driver.
 */
export async function migrate<DB>(db: Kysely<DB> | Transaction<DB>, options: MigrateOptions): Promise<string[]> {
  return migrateTo(db, options, stepNames.at(-1) ?? '')
}

/** Migrates as `migrate` does, no further than a step. */
export async function migrateTo<DB>(
  db: Kysely<DB> | Transaction<DB>,
  given: MigrateOptions,
  last: string,
): Promise<string[]> {
  requireDatabase(db, given)
  const options = inSchemaOf(db, given)
  const dialect = dialectOf(options.dialect)
  if (db.isTransaction && !dialect.schema.isTransactional) {
    throw new UserCoreError('config_error', { params: { transaction: options.dialect } })
  }
  const database = plain(db)
  const [wrong] = await settingProblems(database, dialect.schema.session)
  if (wrong !== undefined) throw new UserCoreError('config_error', { params: { setting: settingText(wrong) } })
  await refuseNewerSchema(database, options)
  await prepareErasure(database, dialect)
  const names = namesOf(options)
  const { schema } = names
  const [table, lock] = [names.own(migrationTable), names.own('migration_lock')]
  const migrator = new Migrator({
    db: knowingOnly([table, lock], database, dialect.schema.describeTable, schema),
    migrationTableName: table,
    migrationLockTableName: lock,
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          Object.entries(steps).map(([name, step]): [string, Migration] => [
            name,
            { up: (on) => step(migrationSite(on, dialect, names, dialect.schema.describeTable)) },
          ]),
        ),
    },
  })
  const run = () => untilUndisturbed(dialect, () => migrator.migrateTo(last))
  // The lock of Kysely's migrator does not reach other nodes.
  const isAlone = (await dialect.schema.hasNodesApart?.(database)) !== true
  const outcome = await (isAlone ? run() : inTurn(database, dialect, { name: lock, schema }, run))
  const { error, results = [] } = outcome
  if (error !== undefined) {
    const failed = results.find((result) => result.status === 'Error')
    throw new StorageError(`migration ${failed?.migrationName ?? ''}`.trim(), dialect.codeOf(error), { cause: error })
  }
  return results.map((result) => result.migrationName)
}

/** Attempts of a migration while another caller is at it, where the database does not make it wait. */
const attempts = 50

async function untilUndisturbed(dialect: Dialect, run: () => Promise<MigrationResultSet>): Promise<MigrationResultSet> {
  let outcome = await run()
  for (let attempt = 1; attempt < attempts && outcome.error !== undefined; attempt++) {
    // `taken`: another caller has just recorded the step.
    if (dialect.meaningOf(outcome.error) === 'failure') break
    await sleep(Math.random() * 100)
    outcome = await run()
  }
  return outcome
}

/** The table that records the steps that were taken. */
const migrationTable = 'migrations'

/** Returns the steps that a database has, in no particular order. */
export async function stepsTaken(db: Kysely<unknown>, options: MigrateOptions): Promise<string[]> {
  const names = namesOf(options)
  const { describeTable } = dialectOf(options.dialect).schema
  if ((await describeTable(db, names.own(migrationTable), names.schema)) === undefined) return []
  const table = sql.table(names.place(names.own(migrationTable)))
  const { rows } = await sql<{ name: string }>`select name from ${table}`.execute(db)
  return rows.map(({ name }) => name)
}

async function refuseNewerSchema(db: Kysely<unknown>, options: MigrateOptions): Promise<void> {
  const [unknown] = (await stepsTaken(db, options)).filter((name) => !(name in steps))
  if (unknown !== undefined) {
    throw new UserCoreError('config_error', { params: { schema: 'newer', step: unknown } })
  }
}

/** Returns the statement that records a step. Records are read in the order of their times, then of their names. */
function recordOf(step: string, table: string): RawBuilder<unknown> {
  const time = sql.ref('timestamp')
  const latest = sql`coalesce(max(${time}), ${sql.lit('1970-01-01T00:00:00.000Z')})`
  return sql`insert into ${sql.table(table)} (name, ${time}) select ${sql.lit(step)}, ${latest} from ${sql.table(table)}`
}

/** Options of `migrationSql`. */
export interface MigrationSqlOptions extends MigrateOptions {
  /** The last step that the database has, such as `0004-retirement`. Default: none, all are printed. */
  readonly since?: string
}

/**
 * Returns the statements that `migrate` would run, for operators who run them by hand: every step, or those behind
 * `since`, each followed by its record in the table `<prefix>migrations`. Runs nothing; the same options give the same
 * text.
 *
 * Throws `config_error` for a `since` that is no step.
 */
export async function migrationSql(options: MigrationSqlOptions): Promise<string[]> {
  requireOptions(options, objectOf(document))
  const { since, ...naming } = options
  requireNaming(naming)
  requireOption(since, optional(oneOf(...stepNames)), 'since')
  const dialect = dialectOf(options.dialect)
  const statements: string[] = []
  const recording = new Kysely<unknown>({
    dialect: { ...dialect.kyselyParts, createDriver: () => new DummyDriver() },
    log: (event) => void statements.push(event.query.sql),
  })
  const names = namesOf(options)
  const table = names.place(names.own(migrationTable))
  // The table has the form that Kysely's migrator gives it.
  await recording.schema
    .createTable(table)
    .ifNotExists()
    .addColumn('name', 'varchar(255)', (column) => column.notNull().primaryKey())
    .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
    .execute()
  for (const name of since === undefined ? stepNames : stepNames.slice(stepNames.indexOf(since) + 1)) {
    const site = migrationSite(recording, dialect, names, async () => undefined)
    await steps[name]?.({ ...site, renewKeys: async () => {} })
    await recordOf(name, table).execute(recording)
  }
  return statements.map((statement) => `${statement};`)
}
