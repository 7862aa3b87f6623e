import type { Instant } from '../values/instant.ts'
import { isPlainObject, type JsonValue } from '../values/json.ts'
import { methods } from '../values/kinds.ts'
import type { UserId } from './tables.ts'

/** An entry of a journal of erasures: it names a person by id and by keyed hashes alone. */
export interface JournalEntry {
  /** `intended`: the erasure begins. `completed`: it is done. */
  readonly kind: 'intended' | 'completed'
  /** Names the erasure: the id that its receipt gets. */
  readonly receipt: string
  readonly user_id: UserId
  /** The username that the person gets, and by which a name that was taken is recognised. */
  readonly username_form: string
  /** The address that the person gets. */
  readonly email_form: string
  /** The moment at which it was made. */
  readonly at: Instant
  /** The hash of the plan. */
  readonly plan: string
}

/**
 * A record of erasures outside of the database, which a restored backup does not take back: `fileJournal`, `kyselyJournal`
 * of `usercore/kysely`, or one of a host's own.
 */
export interface RetirementJournal {
  /** Adds an entry. Once it returns, the entry is kept whatever happens. The same entry can come again. */
  append(entry: JournalEntry): Promise<void>
  /** Yields the entries that were made at a moment or later, in the order of their moments. */
  read(since: Instant): AsyncIterable<JournalEntry>
}

/** The kind of a journal among options. */
export const journalKind = methods('append', 'read')

const texts = ['receipt', 'username_form', 'email_form', 'at', 'plan'] as const

/** Returns a value as an entry; `undefined` for a value that is none. */
export function journalEntry(value: JsonValue | undefined): JournalEntry | undefined {
  if (!isPlainObject(value)) return undefined
  const { kind, user_id } = value
  const isEntry =
    (kind === 'intended' || kind === 'completed') &&
    (typeof user_id === 'string' || Number.isSafeInteger(user_id)) &&
    texts.every((name) => typeof value[name] === 'string')
  return isEntry ? (value as unknown as JournalEntry) : undefined
}
