import type { PersonNames } from '../../port/personal-data-store.ts'
import { type TableName, tables } from '../../port/tables.ts'
import type { SearchedRows, TextSearch } from '../../port/text-search.ts'
import type { Where } from '../../port/write.ts'
import type { Core } from '../../runtime/core.ts'
import type { JsonValue } from '../../values/json.ts'
import { subjectColumnOf } from '../own-sources.ts'
import { plainTexts, type SearchTerms } from '../search-terms.ts'
import { searchedOwnColumns } from '../searched-columns.ts'
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
export const ownTables = (Object.keys(tables) as TableName[]).filter((table) => {
  const { own, all, identifiers } = searchedOwnColumns(table, true)
  return own.length + all.length + identifiers.length > 0
})

type Row = Readonly<Record<string, JsonValue>>

/** Looks for a person in a table of the library. */
export async function verifyOwnTable(core: Core, table: TableName, quest: Quest): Promise<SourceFindings> {
  const { own, identifiers, all, notLookedAt } = searchedOwnColumns(table, quest.isDeep)
  const subject = subjectColumnOf(table)
  quest.signal?.throwIfAborted()
  const ownRows =
    own.length === 0 || subject === undefined
      ? []
      : await core.repository.select(table, { [subject]: quest.person.user_id } as Where<TableName>)
  const isOwn = (row: Row) => subject !== undefined && String(row[subject]) === String(quest.person.user_id)
  const counts: Readonly<Record<string, number>>[] = [countIn(ownRows as unknown as Row[], own, quest.isTrace)]
  for (const column of quest.isOwnAlone === true ? [] : identifiers) {
    quest.signal?.throwIfAborted()
    const rows = await core.repository.select(table, { [column]: quest.terms.identifiers } as Where<TableName>)
    counts.push({ [column]: (rows as unknown as Row[]).filter((row) => !isOwn(row)).length })
  }
  const scanned = await scan(core, table, all, isOwn, quest)
  return {
    source: `usercore_${table}`,
    columns: addCounts(...counts, scanned.columns),
    lookedAt: {
      columns: new Set([...own, ...identifiers, ...all]).size,
      rows: all.length > 0 ? scanned.rows : ownRows.length,
    },
    notLookedAt,
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
