import type { PersonalDataSource } from '../../port/personal-data.ts'
import type { FoundTraces, PersonalDataStore, PersonNames, Sought } from '../../port/personal-data-store.ts'
import { searchedColumns } from '../searched-columns.ts'
import { addCounts, type SourceFindings } from '../verification.ts'
import { type Quest, searchedRows } from './verify-own-tables.ts'

/** Looks for a person in a table of the host. */
export async function verifyHostSource(
  store: PersonalDataStore,
  declared: PersonalDataSource,
  quest: Quest,
): Promise<SourceFindings> {
  const { person, terms, texts, isTrace, isIdentifier, isDeep, signal } = quest
  const { source } = declared
  const { own, identifiers, all, notLookedAt } = searchedColumns(declared, isDeep)
  const sought: Sought = {
    texts,
    // An identifier as a whole is found in the rows of all people.
    isTrace: (value, column) => isTrace(value) && !(identifiers.includes(column) && isIdentifier(value)),
  }
  signal?.throwIfAborted()
  const equal = identifiers.length === 0 ? {} : await store.findEqual(source, identifiers, terms.identifiers)
  const ofPerson = await findAll(store, source, person, own, sought, signal)
  const ofAll = await findAll(store, source, undefined, all, sought, signal)
  return {
    source,
    columns: addCounts(equal, ofPerson.columns, ofAll.columns),
    lookedAt: {
      columns: new Set([...own, ...identifiers, ...all]).size,
      rows: all.length > 0 ? ofAll.rows : ofPerson.rows,
    },
    notLookedAt,
  }
}

/** Looks through all rows of a person, or of the table, page by page. */
async function findAll(
  store: PersonalDataStore,
  source: string,
  person: PersonNames | undefined,
  columns: readonly string[],
  sought: Sought,
  signal: AbortSignal | undefined,
): Promise<Pick<FoundTraces, 'columns' | 'rows'>> {
  let columnsFound: FoundTraces['columns'] = {}
  let rows = 0
  let next: string | null | undefined = columns.length === 0 ? null : undefined
  while (next !== null) {
    signal?.throwIfAborted()
    const after: { readonly after?: string } = next === undefined ? {} : { after: next }
    const page: FoundTraces = await store.find(source, person, { columns, sought, limit: searchedRows, ...after })
    columnsFound = addCounts(columnsFound, page.columns)
    rows += page.rows
    next = page.next
  }
  return { columns: columnsFound, rows }
}
