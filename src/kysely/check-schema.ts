import type { Kysely } from 'kysely'
import { type TableName, tables } from '../port/tables.ts'
import type { TableDescription } from './catalog.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { prepareErasure } from './erasure.ts'
import { inSchemaOf, plain } from './host-database.ts'
import { type MigrateOptions, stepNames, stepsTaken } from './migrate.ts'
import { type Names, namesOf } from './names.ts'
import { requireDatabase } from './options.ts'
import { type SettingProblem, settingProblems, settingText } from './session.ts'
import type { ExpectedTable } from './table-definition.ts'

/** A difference between the tables in the database and those that this code works on. */
export interface SchemaProblem {
  /**
   * | code | means |
   * | --- | --- |
   * | `step_missing` | a migration was not taken: run `migrate` |
   * | `step_unknown` | a migration was taken that this code does not know: it is older than the schema |
   * | `no_table`, `no_column` | a table or a column is missing |
   * | `no_key` | no constraint keeps rows apart that have to be unique |
   * | `wrong_setting` | a setting of the session changes the meaning of statements, or leaves bytes of erased values |
   */
  readonly code: 'step_missing' | 'step_unknown' | 'no_table' | 'no_column' | 'no_key' | 'wrong_setting'
  /** The subject: a step, a table with its columns, or a setting with its value and the one that it must have. */
  readonly name: string
}

/**
 * Compares the schema in the database with the one that this code works on, and returns every difference. For a health
 * check, and for tables that were made by hand. Changes nothing, except that it asks SQLite to overwrite removed
 * values, as the repository does. A host may add columns and indexes.
 */
export async function checkSchema<DB>(db: Kysely<DB>, options: MigrateOptions): Promise<SchemaProblem[]> {
  requireDatabase(db, options)
  const database = plain(db)
  const here = inSchemaOf(db, options)
  const names = namesOf(here)
  const dialect = dialectOf(options.dialect)
  const { describeTable, session } = dialect.schema
  const taken = await stepsTaken(database, here)
  const settings = [...(await settingProblems(database, session)), ...(await erasureProblems(database, dialect))]
  const problems: SchemaProblem[] = [
    ...settings.map((problem) => ({ code: 'wrong_setting' as const, name: settingText(problem) })),
    ...stepNames.filter((name) => !taken.includes(name)).map((name) => ({ code: 'step_missing' as const, name })),
    ...taken.filter((name) => !stepNames.includes(name)).map((name) => ({ code: 'step_unknown' as const, name })),
  ]
  for (const wanted of [...ownTables(names), ...(names.layout?.expected ?? [])]) {
    const found = await describeTable(database, wanted.name, wanted.schema)
    problems.push(...differences(wanted, found))
  }
  return problems
}

/**
 * Returns the settings that keep this connection from erasing bytes: those that stay as they are when it asks for
 * others.
 */
async function erasureProblems(db: Kysely<unknown>, dialect: Dialect): Promise<readonly SettingProblem[]> {
  if (dialect.erasure === undefined) return []
  await prepareErasure(db, dialect)
  return settingProblems(db, dialect.erasure.session)
}

/** Returns our tables, except those whose rows another system keeps. */
function ownTables(names: Names): ExpectedTable[] {
  return (Object.keys(tables) as TableName[])
    .filter((table) => (table === 'users' ? names.users === undefined : names.layout?.keeps(table) !== true))
    .map((table) => {
      const { columns, primary, unique } = tables[table]
      return {
        label: table,
        name: names.own(table),
        schema: names.schema,
        columns: Object.keys(columns),
        keys: [primary, ...unique],
      }
    })
}

function differences(wanted: ExpectedTable, found: TableDescription | undefined): SchemaProblem[] {
  if (found === undefined) return [{ code: 'no_table', name: wanted.label }]
  const { columns, indexes } = found
  const there = new Set(columns.map(({ name }) => name))
  const keys = indexes.filter(({ isUnique }) => isUnique).map((index) => index.columns.join(','))
  return [
    ...wanted.columns
      .filter((column) => !there.has(column))
      .map((column) => ({ code: 'no_column' as const, name: `${wanted.label}.${column}` })),
    ...wanted.keys
      .map((key) => key.join(','))
      .filter((key) => !keys.includes(key))
      .map((key) => ({ code: 'no_key' as const, name: `${wanted.label}(${key})` })),
  ]
}
