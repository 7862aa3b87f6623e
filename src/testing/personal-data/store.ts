import type { PersonalDataStore, PersonNames, SourceRow } from '../../port/personal-data-store.ts'
import type { StatementControl } from '../contract/store.ts'

/** A store of personal data under test, over the empty tables of `contractTables` and with the sources of `contractSources`. */
export interface PersonalDataUnderTest<Transaction> {
  readonly store: PersonalDataStore<Transaction>
  /** Adds rows to a table, past the store. Moments are text of ISO 8601; columns that are left out are null. */
  insert(table: string, rows: readonly SourceRow[]): Promise<void>
  /** Returns all rows of a table, past the store, with JSON parsed; moments are not looked at. */
  rows(table: string): Promise<SourceRow[]>
  /** Runs work in a transaction of the host, whose changes are kept when it ends and dropped when it throws. */
  transaction(work: (transaction: Transaction) => Promise<void>): Promise<void>
  /** Watches `store`. `undefined` only where there are no statements that could fail, such as in memory. */
  readonly statements: StatementControl | undefined
  /** Removes the tables, with everything in them. */
  close(): Promise<void>
}

/** Checks one promise of the store. */
export type SourceCase = (given: PersonalDataUnderTest<unknown>) => Promise<void>

/** Cases by their promises, as sentences. */
export type SourceGroup = Readonly<Record<string, SourceCase>>

/** The person whose rows the cases are about. */
export const ada: PersonNames = {
  user_id: 7,
  usernames: ['Ada', 'lovelace'],
  emails: ['ada@example.com', 'Ada@Büro.example'],
}

/** Another person, whose rows no call about `ada` may touch. */
export const bob: PersonNames = { user_id: 8, usernames: ['bob'], emails: ['bob@example.com'] }

/** Returns a pseudonym by which the cases know the value. */
export const pseudonym = (value: string): string => `pseudonym-of-${value.toLowerCase()}`

/** Reads all pages of a source, each of so many rows. */
export async function readAll(
  { store }: Pick<PersonalDataUnderTest<unknown>, 'store'>,
  source: string,
  person: PersonNames,
  limit: number,
): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  let next: string | null | undefined
  do {
    const page = await store.read(source, person, { limit, ...(typeof next === 'string' && { after: next }) })
    rows.push(...page.rows)
    next = page.next
  } while (next !== null)
  return rows
}

/** Erases a source to its end. Returns the number of rows of each chunk. */
export async function eraseAll(
  { store }: Pick<PersonalDataUnderTest<unknown>, 'store'>,
  source: string,
  person: PersonNames,
): Promise<number[]> {
  const chunks: number[] = []
  let next: string | null | undefined
  do {
    const chunk = await store.erase(source, person, { pseudonym, ...(typeof next === 'string' && { after: next }) })
    chunks.push(chunk.rows)
    next = chunk.next
  } while (next !== null)
  return chunks
}

/** Makes rows of orders: those with an even number are of the one person, the others of the other one. */
export function orders(count: number, user_id = 7, first = 1): SourceRow[] {
  return Array.from({ length: count }, (_, index) => ({
    id: first + index,
    user_id,
    phone: `+49 ${first + index}`,
    note: 'please call Ada',
    address: { street: 'Straße', floors: [1, null] },
    seller: 'Sue',
    placed_at: '2024-06-15T12:00:00.123456Z',
    invoice: 'R-1',
  }))
}
