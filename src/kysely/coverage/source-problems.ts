import type { PersonalDataSource } from '../../port/personal-data.ts'
import { pathOf, subjectColumn } from '../../port/source-path.ts'
import type { TableDescription } from '../catalog.ts'
import type { CoverageProblem } from './coverage-problem.ts'
import type { LiveTables } from './live-tables.ts'

/** Returns what the database does not bear out of a source. */
export function sourceProblems(
  source: PersonalDataSource,
  sources: readonly PersonalDataSource[],
  live: LiveTables,
): CoverageProblem[] {
  const table = live.nameOf(source.table, source.schema)
  const listed = live.tables.get(table)
  const description = live.descriptions.get(table)
  if (listed === undefined || description === undefined) {
    const sentence = `The table ${table} of the source ${source.source} is not there.`
    return [{ code: 'no_table', table, column: null, sentence }]
  }
  const missing = Object.keys(source.columns).filter((column) => !listed.columns.includes(column))
  return [
    ...missing.map((column): CoverageProblem => {
      const sentence = `The column ${table}.${column} of the source ${source.source} is not there.`
      return { code: 'no_column', table, column, sentence }
    }),
    ...keyProblems(source, table, listed.key, description),
    ...pathProblems(source, table, sources, live),
    ...indexProblems(source, table, listed.columns, description),
  ]
}

function keyProblems(
  { source, key, treatment }: PersonalDataSource,
  table: string,
  primary: readonly string[],
  { columns, indexes }: TableDescription,
): CoverageProblem[] {
  if (treatment.erase === 'step') return []
  const named = (key ?? primary).map((column) => column.toLowerCase())
  const nullable = columns.filter(({ isNullable }) => isNullable).map(({ name }) => name.toLowerCase())
  const isKey = indexes.some(
    (index) => index.isUnique && index.columns.every((column) => named.includes(column) && !nullable.includes(column)),
  )
  if (isKey) return []
  const sentence =
    key === undefined
      ? `The table ${table} has no primary key: name columns without null that are unique in \`key\` of the source ${source}, or erase it by a step.`
      : `The \`key\` of the source ${source} does not name a row of ${table}: no unique index of columns without null is part of it.`
  return [{ code: 'no_key', table, column: null, sentence }]
}

function pathProblems(
  source: PersonalDataSource,
  table: string,
  sources: readonly PersonalDataSource[],
  live: LiveTables,
): CoverageProblem[] {
  const { subject } = source
  if (!('through' in subject)) return []
  const broken = (why: string): CoverageProblem[] => {
    const sentence = `Rows of ${table} belong to no person by ${subject.column}: ${why}.`
    return [{ code: 'broken_path', table, column: subject.column, sentence }]
  }
  const owner = sources.find((other) => other.source === subject.through)
  if (owner === undefined) return broken(`there is no source ${subject.through}`)
  if (pathOf(source, sources) === undefined)
    return broken(`the path through ${subject.through} does not end at a person`)
  const owning = live.nameOf(owner.table, owner.schema)
  const there = live.tables.get(owning)
  if (there === undefined || there.columns.includes(subject.references)) return []
  return broken(`${owning} has no column ${subject.references}`)
}

function indexProblems(
  source: PersonalDataSource,
  table: string,
  columns: readonly string[],
  { indexes }: TableDescription,
): CoverageProblem[] {
  // Folded, or its beginning alone: it still leads to the rows.
  const first = indexes.map((index) => (index.columns[0] ?? '').replace(/^lower\((.*)\)$|\(\d+\)$/, '$1'))
  const isUnindexed = (column: string) => columns.includes(column) && !first.includes(column.toLowerCase())
  const subject = subjectColumn(source)
  const problem = (code: CoverageProblem['code'], column: string, what: string): CoverageProblem => {
    return { code, table, column, sentence: `No index of ${table} begins with ${column}, ${what} the whole table.` }
  }
  return [
    ...[subject]
      .filter(isUnindexed)
      .map((column) => problem('unindexed_subject', column, 'which tells whose a row is: each erasure would read')),
    ...identifierColumns(source)
      .filter((column) => column !== subject && isUnindexed(column))
      .map((column) => problem('unindexed_identifier', column, 'which names people: each verification would read')),
  ]
}

/** Returns the columns in which a verification looks for people by name. */
function identifierColumns({ columns, treatment }: PersonalDataSource): string[] {
  if (treatment.erase === 'never') return []
  return Object.entries(columns).flatMap(([column, declared]) => (declared === 'identifier' ? [column] : []))
}
