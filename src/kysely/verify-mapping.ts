import { type Kysely, type RawBuilder, sql } from 'kysely'
import { configError } from '../values/arguments.ts'
import type { ColumnDescription, TableDescription } from './catalog.ts'
import { type Dialect, type DialectName, dialectOf } from './dialect.ts'
import { inSchemaOf, plain } from './host-database.ts'
import { type MappingProblem, mappingProblems } from './mapping-problems.ts'
import { namesOf } from './names.ts'
import { requireDatabase } from './options.ts'
import { settingProblems } from './session.ts'
import type { UserTable } from './user-table.ts'

/**
 * Compares a mapping with the table in the database: whether its columns exist, with the types, lengths, characters,
 * uniqueness and indexes that the repository relies on, and whether the settings of the session let it keep moments and
 * names. Returns every problem; with none, people can be kept in the table. Changes nothing.
 *
 * Throws the error of the driver when the catalogue cannot be read.
 */
export async function verifyMapping<DB>(
  db: Kysely<DB>,
  options: { readonly dialect: DialectName; readonly users: UserTable },
): Promise<MappingProblem[]> {
  requireDatabase(db, options)
  if (options.users === undefined) throw configError('users', 'a table of people')
  const { users = options.users } = namesOf(inSchemaOf(db, options))
  const database = plain(db)
  const dialect = dialectOf(options.dialect)
  const settings = (await settingProblems(database, dialect.schema.session)).map(({ setting, expected, actual }) => ({
    code: 'wrong_setting' as const,
    column: null,
    expected: `${setting}: ${expected}`,
    actual,
  }))
  const table = await dialect.schema.describeTable(database, users.table, users.schema)
  if (table === undefined)
    return [...settings, { code: 'no_table', column: null, expected: users.table, actual: 'nothing' }]
  return [
    ...settings,
    ...mappingProblems(table, users, dialect),
    ...(await zoneProblems(database, table, users, dialect)),
    ...(await caseProblems(database, table, users, dialect)),
  ]
}

/**
 * Finds columns without a zone that the host's own rows get in the zone of the session, while we write UTC. On MySQL
 * columns that are not mapped are among them: their defaults would be in UTC in our rows alone.
 */
async function zoneProblems(
  db: Kysely<unknown>,
  table: TableDescription,
  { columns }: UserTable,
  dialect: Dialect,
): Promise<MappingProblem[]> {
  const mapped: readonly string[] = Object.values(columns)
  const isOurs = ({ name }: ColumnDescription) => dialect.name === 'mysql' || mapped.includes(name)
  const local = table.columns.filter((column) => column.isLocalTime && isOurs(column))
  if (local.length === 0) return []
  if (await isTrue(db, dialect.schema.isInUtc)) return []
  return local.map(({ name, type }) => ({
    code: 'wrong_zone',
    column: name,
    expected: 'sessions in UTC, or a type with a zone',
    actual: `${type}, whose default is in the zone of the session`,
  }))
}

/**
 * Finds names that the database compares by a collation of Turkish or the like, in which `I` is not the capital of `i`.
 */
async function caseProblems(
  db: Kysely<unknown>,
  { columns: stored }: TableDescription,
  { columns }: UserTable,
  dialect: Dialect,
): Promise<MappingProblem[]> {
  const folded = [columns.username_key ? undefined : columns.username, columns.email_key ? undefined : columns.email]
  const problems: MappingProblem[] = []
  for (const { name, collation } of stored) {
    if (!folded.includes(name) || (dialect.name === 'mysql' && !/^utf8mb4_.*_ci$/.test(collation ?? ''))) continue
    if (await isTrue(db, dialect.schema.hasAsciiCase(collation))) continue
    problems.push({
      code: 'wrong_collation',
      column: name,
      expected: 'a collation in which I is the capital of i',
      actual: collation ?? 'that of the database',
    })
  }
  return problems
}

/** Asks the database for a condition; drivers return booleans in different forms. */
async function isTrue(db: Kysely<unknown>, condition: RawBuilder<boolean>): Promise<boolean> {
  const { rows } = await sql<{ answer: unknown }>`select case when ${condition} then 1 else 0 end as answer`.execute(db)
  return Number(rows[0]?.answer) === 1
}
