import type { JsonValue } from '../values/json.ts'
import type { PersonalDataSource } from './personal-data.ts'
import { StorageError } from './repository.ts'
import type { UserId } from './tables.ts'

/** A person, by everything that may name them in rows of a host. */
export interface PersonNames {
  readonly user_id: UserId
  /** Their usernames, in the spelling in which they are stored: earlier ones are among them. */
  readonly usernames: readonly string[]
  /** Their addresses, in the same way. */
  readonly emails: readonly string[]
}

/** A row of a source: the values of its declared columns, as JSON. */
export type SourceRow = Readonly<Record<string, JsonValue>>

/** The rows of a person in a source. */
export interface SourceCount {
  /** The number of rows; `mostCounted` for that many and more. */
  readonly rows: number
  /** The greatest value of each column from which the time of a retained one is counted, of the rows that were counted. */
  readonly latest: Readonly<Record<string, JsonValue>>
}

/** The most rows that `count` counts. */
export const mostCounted = 100_000

/** Rows of a person, and the cursor behind them. */
export interface SourcePage {
  readonly rows: readonly SourceRow[]
  /** The cursor for `after` of the next page; null once there is none. */
  readonly next: string | null
}

/** A chunk of an erasure. */
export interface ErasedChunk {
  /** The number of rows that were deleted or emptied. */
  readonly rows: number
  /** The cursor for `after` of the next chunk; null once there is none. */
  readonly next: string | null
}

/** The most rows of one chunk of an erasure. */
export const chunkRows = 500

/** Where an erasure begins, and how it makes pseudonyms. */
export interface ErasureOptions {
  /** `next` of the chunk before; left out for the first one. */
  readonly after?: string
  /** Returns the pseudonym of a value, for columns whose replacement is `keyed`. */
  readonly pseudonym: (value: string) => string
}

/** The values that rows are looked through for. */
export interface Sought {
  /** Texts of ASCII without capital letters, by which an adapter may leave rows out: see `mayHold`. */
  readonly texts: readonly string[]
  /** Tells whether a value of a column, as `read` gives it, is a trace of what is looked for. It alone decides. */
  readonly isTrace: (value: JsonValue, column: string) => boolean
}

/** Rows to look through. */
export interface SourceSearch {
  /** Columns of the source. */
  readonly columns: readonly string[]
  readonly sought: Sought
  /** `next` of the page before; left out for the first one. */
  readonly after?: string
  readonly limit: number
}

/** The traces that were found in a page of rows. */
export interface FoundTraces {
  /** The number of rows with a trace, by column; none of the others is there. */
  readonly columns: Readonly<Record<string, number>>
  /** The number of rows that were looked at. */
  readonly rows: number
  /** The cursor for `after` of the next page; null once there is none. */
  readonly next: string | null
}

/** A foreign key that references the rows of a source. */
export interface SourceReference {
  /** The source whose rows it references. */
  readonly source: string
  /** The table that has the foreign key; after its schema and a full stop where that is not the one of the connection. */
  readonly table: string
  readonly columns: readonly string[]
  /** The effect of deleting a row on those that reference it: they are deleted too, stop it, or reference none any more. */
  readonly on_delete: 'cascade' | 'stop' | 'release'
}

/**
 * The second port: the tables of a host with data of people, by the sources that it declares. `Repository` has those of the
 * library.
 *
 * A row belongs to a person as `subject` of its source says, at any number of steps: rows that lead to the owner are
 * joined, never loaded. Names count as `identifierKey` compares them, in whatever spelling the row has them; a row of another
 * person is neither counted, read nor erased, however much a collation takes their names for equal. A call for a source that
 * was not declared throws `config_error`. What else storage cannot do is a `StorageError`, whose text never holds values;
 * nothing of the call is kept then, and the next one works. `usercore/testing` proves an adapter against these promises.
 */
export interface PersonalDataStore<Transaction = unknown> {
  /** The sources, in the order in which they were declared. */
  readonly sources: readonly PersonalDataSource[]

  /** Counts the rows of a person, up to `mostCounted`. One statement. */
  count(source: string, person: PersonNames): Promise<SourceCount>

  /**
   * Returns up to `limit` rows of a person along the key of the source, from behind `after` on. The rows of a page are of
   * one moment. Rows that come and go meanwhile may be left out or not; each of the others is in exactly one page. A page
   * may be short though more follow. Of a table without a key all rows come in one page. One statement.
   *
   * A row has every declared column. Values are JSON: moments are text of ISO 8601 in UTC, integers that a number cannot
   * hold exactly and decimals are text, bytes are text in Base64, and columns of JSON come as they are.
   */
  read(
    source: string,
    person: PersonNames,
    page: { readonly after?: string; readonly limit: number },
  ): Promise<SourcePage>

  /**
   * Looks through up to `limit` rows along the key of the source, from behind `after` on: those of a person, or, without one,
   * all that the table has. Pages are like those of `read`, and no value leaves the store. Of all rows, those that hold none
   * of the texts in any form need not be shown to `isTrace`. One statement.
   */
  find(source: string, person: PersonNames | undefined, search: SourceSearch): Promise<FoundTraces>

  /**
   * Counts the rows, of whomever they are, in which a column has one of some values, in whatever spelling `identifierKey` takes
   * for the same; a number counts as its text. Columns of other types than texts and integers have none. Returns the number by
   * column; columns without such a row are left out. One statement.
   */
  findEqual(source: string, columns: readonly string[], values: readonly string[]): Promise<FoundTraces['columns']>

  /**
   * Erases the next rows of a person along the key of the source, `chunkRows` of them at most, as its treatment says:
   * columns are overwritten, and where the treatment is `rows`, the rows are deleted after that. All in one transaction, whole
   * or not at all. A source that a step of the host erases, or that stays, is left as it is.
   *
   * The cursors lead through all rows, however often one is used: a chunk that was done already is erased again to the same
   * effect, so that an erasure goes on with the last cursor that is known, or from the start. Rows of others stay as they
   * are.
   *
   * A row that others keep from being deleted, and a value that breaks a unique key, make it fail with the code
   * `NOT_ERASABLE`. It waits for rows that others have locked as `commit` of a repository does.
   */
  erase(source: string, person: PersonNames, options: ErasureOptions): Promise<ErasedChunk>

  /** Returns the foreign keys that reference the tables of sources whose treatment is `rows`, those of sources among them. */
  references(): Promise<readonly SourceReference[]>

  /**
   * Returns the same store inside a transaction of the host: it commits nothing itself, and its changes are seen by
   * further calls inside and by none outside before the host commits. A chunk that fails leaves nothing there. Calls that
   * are made at once take turns, with those of a repository inside the same transaction too.
   */
  with(transaction: Transaction): PersonalDataStore<Transaction>
}

/** Makes the error of an erasure that other rows, or a unique key, do not let happen. */
export function notErasable(): StorageError {
  return new StorageError('erasure of a source', 'NOT_ERASABLE')
}
