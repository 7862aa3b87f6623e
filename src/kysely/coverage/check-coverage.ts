import { types } from 'node:util'
import type { Kysely } from 'kysely'
import { requireSources } from '../../port/define-personal-data.ts'
import type { PersonalDataSource } from '../../port/personal-data.ts'
import { configError } from '../../values/arguments.ts'
import { instantOf, toInstant } from '../../values/instant.ts'
import { type DialectName, dialectOf } from '../dialect.ts'
import { inSchemaOf, plain, schemaOf } from '../host-database.ts'
import { type NamingOptions, namesOf } from '../names.ts'
import { requireDatabase } from '../options.ts'
import type { CoverageProblem, Waiver } from './coverage-problem.ts'
import { deletionProblems } from './deletion-problems.ts'
import { joined, ownColumns } from './known-tables.ts'
import { readLiveTables } from './live-tables.ts'
import { sourceProblems } from './source-problems.ts'
import { joinSuspects, personalColumnNames, unclassified } from './suspects.ts'
import { readWaivers, waive } from './waivers.ts'

/** Options of `checkCoverage`. */
export interface CoverageOptions extends NamingOptions {
  readonly dialect: DialectName
  /** The tables of the host with data of people. Those of the library are known. */
  readonly sources: readonly PersonalDataSource[]
  /** Tables and columns that are no data of people, or whose problems are known. */
  readonly waivers?: readonly Waiver[]
  /** The names of columns that are taken for data of people. Default: `personalColumnNames`. */
  readonly patterns?: readonly RegExp[]
  /** Further schemas to look at, beside those of the connection, of our tables and of the sources. */
  readonly schemas?: readonly string[]
  /** The moment at which waivers are read. Default: now. */
  readonly at?: Date | string
}

/**
 * Compares the declared sources with the live schema, and returns every table and column that may have data of people
 * and is not declared, every declaration that the schema does not bear out, and every foreign key that a deletion would
 * break or follow into tables that are not declared. With none, the declaration is complete as far as a schema can tell.
 *
 * A table is suspect when it refers to people over foreign keys, at any number of steps, or has a column whose name is
 * taken for data of people. Of a table that is declared, every column has to be. Views, partitions of a table that is
 * listed, and tables that the database keeps for itself are left out; data that neither a foreign key nor a name tells of
 * cannot be found. Changes nothing.
 *
 * ```ts
 * const problems = await checkCoverage(db, {
 *   dialect: 'sqlite',
 *   sources: [],
 *   waivers: [{ table: 'newsletters', column: 'owner', why: 'names a department' }],
 * })
 * for (const { code, sentence } of problems) console.log(code, sentence)
 * ```
 *
 * Throws `config_error` for invalid options, and the error of the driver when the catalogue cannot be read.
 */
export async function checkCoverage<DB>(db: Kysely<DB>, options: CoverageOptions): Promise<CoverageProblem[]> {
  requireDatabase(db, options)
  const { dialect, waivers = [], patterns = personalColumnNames, schemas = [], at = new Date() } = options
  if (!patterns.every(types.isRegExp)) throw configError('patterns', 'regular expressions')
  const heard = readWaivers(waivers, toInstant(at) ?? instantOf(new Date()))
  const here = inSchemaOf(db, options)
  const names = namesOf(here)
  const home = schemaOf(db)
  const sources = requireSources(options.sources, 'sources').map((source) =>
    source.schema === undefined && home !== undefined ? { ...source, schema: home } : source,
  )
  const placed = [names.schema, names.users?.schema, here.tables?.schema, ...sources.map(({ schema }) => schema)]
  const live = await readLiveTables(
    plain(db),
    dialectOf(dialect).schema,
    [home, ...placed.filter((schema) => schema !== undefined), ...schemas],
    sources.map(({ table, schema }) => ({ name: table, schema })),
  )
  const people = names.users ?? { table: names.own('users'), schema: names.schema }
  const peopleTable = live.nameOf(people.table, people.schema)
  const declared = sources.map(
    ({ table, schema, columns }) => [live.nameOf(table, schema), Object.keys(columns)] as const,
  )
  const known = joined([...ownColumns(names, live), ...declared])
  const problems = [
    ...unclassified(known, peopleTable, patterns, live),
    ...sources.flatMap((source) => sourceProblems(source, sources, live)),
    ...deletionProblems(known, peopleTable, sources, live),
  ]
  return inOrder(joinSuspects(waive(problems, heard)))
}

/** Sorts problems by table, code and column. */
function inOrder(problems: readonly CoverageProblem[]): CoverageProblem[] {
  const place = ({ table, code, column }: CoverageProblem) => JSON.stringify([table, code, column])
  return problems.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
}
