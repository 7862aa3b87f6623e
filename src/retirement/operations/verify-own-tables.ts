import type { PersonNames } from '../../port/personal-data-store.ts'
import type { RowSelection } from '../../port/repository.ts'
import { type TableName, tables } from '../../port/tables.ts'
import type { SearchedRows, TextSearch } from '../../port/text-search.ts'
import type { Core } from '../../runtime/core.ts'
import type { JsonValue } from '../../values/json.ts'
import { subjectColumnOf } from '../own-sources.ts'
import { plainTexts, type SearchTerms } from '../search-terms.ts'
import { type SearchedColumns, searchedOwnColumns } from '../searched-columns.ts'
import type { TraceMatcher } from '../trace-matcher.ts'
import { addCounts, type SourceFindings } from '../verification.ts'

/** Who is looked for, and how. */
export interface Quest extends TraceMatcher {
  readonly person: PersonNames
  readonly terms: SearchTerms
  /** The terms by which a database can find a row. */
  readonly texts: readonly string[]
  readonly isDeep: boolean
  /** Looks at the rows of the person alone. */
  readonly isOwnAlone?: boolean
  readonly signal: AbortSignal | undefined
}

/** The most rows that are looked at by one statement. */
export const searchedRows = 500

/** The tables of the library in which a person can be found: a table that is added is among them. */
const ownTables = (Object.keys(tables) as TableName[]).filter((table) => {
  const { own, all, identifiers } = searchedOwnColumns(table, true)
  return own.length + all.length + identifiers.length > 0
})

type Row = Readonly<Record<string, JsonValue>>

/** Looks for a person in the tables of the library: in one statement, but for the pages of a deep search. */
export async function verifyOwnTables(core: Core, quest: Quest): Promise<SourceFindings[]> {
  quest.signal?.throwIfAborted()
  const places = ownTables.map((table) => placeIn(table, quest))
  const selections = places.flatMap(({ own, named }) => [...(own === undefined ? [] : [own]), ...named.values()])
  const found: readonly (readonly object[])[] = await core.repository.selectEach(selections)
  const rowsOf = (selection: RowSelection | undefined) =>
    (selection === undefined ? [] : (found[selections.indexOf(selection)] ?? [])) as readonly Row[]
  const findings: SourceFindings[] = []
  for (const place of places) findings.push(await findingsIn(core, place, rowsOf, quest))
  return findings
}

/** A table of the library, with what is read of it. */
interface Place {
  readonly table: TableName
  readonly searched: SearchedColumns
  readonly isOwn: (row: Row) => boolean
  /** The rows of the person, where they are looked through. */
  readonly own: RowSelection | undefined
  /** The rows of all people that hold an identifier, by column. */
  readonly named: ReadonlyMap<string, RowSelection>
}

function placeIn(table: TableName, { person, terms, isDeep, isOwnAlone = false }: Quest): Place {
  const searched = searchedOwnColumns(table, isDeep)
  const subject = subjectColumnOf(table)
  const select = (column: string, value: unknown) => [table, { [column]: value }] as unknown as RowSelection
  const identifiers = isOwnAlone ? [] : searched.identifiers
  return {
    table,
    searched,
    isOwn: (row) => subject !== undefined && String(row[subject]) === String(person.user_id),
    own: searched.own.length > 0 && subject !== undefined ? select(subject, person.user_id) : undefined,
    named: new Map(identifiers.map((column) => [column, select(column, terms.identifiers)])),
  }
}

async function findingsIn(
  core: Core,
  { table, searched, isOwn, own, named }: Place,
  rowsOf: (selection: RowSelection | undefined) => readonly Row[],
  quest: Quest,
): Promise<SourceFindings> {
  const ownRows = rowsOf(own)
  const counts = [...named].map(([column, selection]) => ({
    [column]: rowsOf(selection).filter((row) => !isOwn(row)).length,
  }))
  const scanned = await scan(core, table, searched.all, isOwn, quest)
  return {
    source: `usercore_${table}`,
    columns: addCounts(countIn(ownRows, searched.own, quest.isTrace), ...counts, scanned.columns),
    lookedAt: {
      columns: new Set([...searched.own, ...searched.identifiers, ...searched.all]).size,
      rows: searched.all.length > 0 ? scanned.rows : ownRows.length,
    },
    notLookedAt: searched.notLookedAt,
  }
}

/** Looks through the rows of other people, page by page. */
async function scan(
  { repository }: Core,
  table: TableName,
  columns: readonly string[],
  isOwn: (row: Row) => boolean,
  { terms, texts, isTrace, isIdentifier, signal }: Quest,
): Promise<{ readonly columns: Readonly<Record<string, number>>; readonly rows: number }> {
  const meanings: Readonly<Record<string, string>> = tables[table].meanings
  const names = columns.filter((column) => meanings[column] === 'identifier')
  const others = columns.filter((column) => meanings[column] !== 'identifier')
  const wanted = [...new Set([...texts, ...plainTexts(terms.identifiers)])]
  let found: Readonly<Record<string, number>> = {}
  let rows = 0
  let next: string | null | undefined = columns.length === 0 ? null : undefined
  while (next !== null) {
    signal?.throwIfAborted()
    const after = next === undefined ? {} : { after: next }
    const search = { columns, texts: wanted, limit: searchedRows, ...after } as unknown as TextSearch<TableName>
    const page: SearchedRows<unknown> = await repository.searchTexts(table, search)
    const ofOthers = (page.rows as readonly Row[]).filter((row) => !isOwn(row))
    found = addCounts(found, countIn(ofOthers, names, isIdentifier), countIn(ofOthers, others, isTrace))
    rows += page.lookedAt
    next = page.next
  }
  return { columns: found, rows }
}

function countIn(
  rows: readonly Row[],
  columns: readonly string[],
  isTrace: (value: JsonValue) => boolean,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    columns.map((column) => [column, rows.filter((row) => isTrace(row[column] ?? null)).length]),
  )
}
