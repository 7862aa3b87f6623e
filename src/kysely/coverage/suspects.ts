import type { CoverageProblem } from './coverage-problem.ts'
import type { KnownColumns } from './known-tables.ts'
import type { LiveForeignKey, LiveTables } from './live-tables.ts'

/**
 * The names of columns that are taken for data of people, unless `checkCoverage` is given others. Names are matched with
 * their words in lower case and underscores between them, so that `userId` is `user_id`.
 */
export const personalColumnNames: readonly RegExp[] = [
  /(^|_)user_?ids?(_|$)/,
  /(^|_)owner(_|$)/,
  /(^|_)author(_|$)/,
  /(^|_)e?mails?(_|$)/,
  /(^|_)phone(_|$)/,
  /(^|_)username(_|$)/,
  /(^|_)ip(_|$)/,
  /(^|_)first_?name(_|$)/,
  /(^|_)last_?name(_|$)/,
  /(^|_)full_?name(_|$)/,
  /(^|_)birth(_|$)/,
  /(^|_)address(_|$)/,
]

/** Returns the name of a column with its words in lower case and underscores between them. */
function wordsOf(column: string): string {
  return column.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

/** Returns the tables that refer to others of a set, at any number of steps, with the foreign keys by which they do. */
export function referringTo(targets: ReadonlySet<string>, foreignKeys: readonly LiveForeignKey[]) {
  const reached = new Set(targets)
  for (let size = 0; size < reached.size; ) {
    size = reached.size
    for (const { from, to } of foreignKeys) if (reached.has(to)) reached.add(from)
  }
  return reached
}

/** Returns a problem for each column that nothing tells the meaning of, where that is needed. */
export function unclassified(
  known: KnownColumns,
  people: string,
  names: readonly RegExp[],
  { tables, foreignKeys }: LiveTables,
): CoverageProblem[] {
  const reaching = referringTo(new Set([people]), foreignKeys)
  return [...tables].flatMap(([table, { columns }]) => {
    const declared = known.get(table)
    if (declared !== undefined) {
      return columns.filter((column) => !declared.has(column)).map((column) => undeclaredColumn(table, column))
    }
    const leading = foreignKeys.filter(({ from, to }) => from === table && reaching.has(to)).map(({ column }) => column)
    return columns.flatMap((column) => {
      if (leading.includes(column)) return suspect(table, column, `${column} leads to the table of people`)
      // Not `test`: with the flags `g` and `y` it begins where the last match ended.
      const isNamed = names.some((name) => wordsOf(column).search(name) >= 0)
      return isNamed ? suspect(table, column, `${column} has a name of personal data`) : []
    })
  })
}

function undeclaredColumn(table: string, column: string): CoverageProblem {
  const sentence = `The column ${table}.${column} is not declared: say in a source what it holds, or waive it.`
  return { code: 'unclassified_column', table, column, sentence }
}

function suspect(table: string, column: string, why: string): CoverageProblem[] {
  return [{ code: 'unclassified_table', table, column, sentence: why }]
}

/** Makes one problem of those of each table that is not declared, as they are once the waivers were heard. */
export function joinSuspects(problems: readonly CoverageProblem[]): CoverageProblem[] {
  const suspects = Map.groupBy(
    problems.filter(({ code }) => code === 'unclassified_table'),
    ({ table }) => table,
  )
  return [
    ...[...suspects].map(([table, found]): CoverageProblem => {
      const reasons = found.map(({ sentence }) => sentence).join(', ')
      const sentence = `The table ${table} may have data of people (${reasons}): declare it as a source, or waive it.`
      return { code: 'unclassified_table', table, column: null, sentence }
    }),
    ...problems.filter(({ code }) => code !== 'unclassified_table'),
  ]
}
