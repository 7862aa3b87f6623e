import { isNativeError } from 'node:util/types'
import type { Instant } from '../values/instant.ts'
import type { AccountRecord } from './account-record.ts'
import type { PreferenceRecord } from './preference-record.ts'
import type { RetirementRecord } from './retirement-record.ts'
import type { OutboxRow, RetirementRow, TableName, Tables, UserId, UserRow } from './tables.ts'
import type { OwnedTable, Where, Write } from './write.ts'

/**
 * Which accounts: by one kind of name. The keys are those of `identifierKey`, and decide who is meant. The names as they
 * were given stand beside them for tables that keep no keys, where a database with another idea of letter case has to
 * find them; others need not look at them.
 */
export type AccountSelector =
  | { readonly username_keys: readonly string[]; readonly usernames?: readonly string[] }
  | { readonly email_keys: readonly string[]; readonly emails?: readonly string[] }
  | { readonly ids: readonly UserId[] }

/** Which usernames and addresses: as `identifierKey` gives them, and as they were given (see `AccountSelector`). */
export interface ClaimSelector {
  readonly username_keys: readonly string[]
  readonly usernames?: readonly string[]
  readonly email_keys: readonly string[]
  readonly emails?: readonly string[]
}

/** Somebody's hold on a username or an address. */
export interface Claim {
  readonly user_id: UserId
  readonly kind: 'username' | 'former_username' | 'original_username' | 'email' | 'secondary_email'
  readonly key: string
}

/** Which retirements. */
export interface RetirementPage {
  readonly states: readonly string[]
  readonly from?: Instant
  readonly before: Instant
  /** The last one of the page before. */
  readonly after?: Pick<RetirementRow, 'created_at' | 'user_id'>
  readonly limit: number
}

/** Which preferences: of whom, and which of them. */
export interface PreferenceSelector {
  readonly by: AccountSelector
  /** Keys of preferences and tags; all when it is left out. */
  readonly keys?: readonly string[]
  /** Tags of this organisation as well. */
  readonly org?: string
  /** Tags of this course as well. */
  readonly course_id?: string
}

/**
 * Runs inside the transaction of a unit of work, after its writes and before its end.
 *
 * When it throws, nothing is kept and the error is passed on. It can run again, in another transaction, when the
 * database breaks the first one off. `transaction` is what the host's driver calls a transaction; work on anything else
 * of the same database can wait for ever.
 */
export type Inside<Transaction> = (transaction: Transaction) => Promise<void>

/** How a unit of work is stored. */
export interface CommitOptions {
  /** Whether the unit erases: what it replaces and removes is to be nowhere any more. Default false. */
  readonly erases?: boolean
}

/**
 * The port: all that the rules need of storage.
 *
 * An adapter keeps rows and knows no rule. It copies what goes in and what comes out, throws only when storage itself
 * fails (a `StorageError`, never with values in its text), and answers everything that can happen between two callers
 * with a fact. After a failure nothing of a unit is kept, and the next call works. `usercore/testing` proves an adapter
 * against what the comments here promise.
 *
 * Texts, keys and lists of names are compared exactly, code point by code point. Asking for what no row can have (text
 * with a NUL or half a surrogate pair, a number that its column cannot hold, an id that is none, a value of another type)
 * finds nothing.
 */
export interface Repository<Transaction = unknown> {
  /**
   * The type of ids in the user table: look-ups by id refuse anything else before they ask. Integers that are too
   * great for a number to hold exactly are text.
   */
  readonly idType: 'integer' | 'text'

  /**
   * Where the usernames of people come from. Left out: they have them. `ids`: a username is the id as text, which nobody
   * chooses and nothing changes; `insertUser` passes over the one that it gets, and so does `commit`.
   */
  readonly usernames?: 'ids' | undefined

  /**
   * The accounts that match, each with all its parts, in no particular order; unknown names are left out.
   *
   * One statement, however many names. The parts of an account are of one moment: a change that commits meanwhile shows
   * in all of them or in none.
   */
  findAccounts(by: AccountSelector): Promise<AccountRecord[]>

  /**
   * The preferences of people, and their tags for one organisation and one course, in no particular order; unknown
   * people are left out, those without preferences are not.
   *
   * One statement, however many people and keys. Everything of one person is of one moment.
   */
  findPreferences(request: PreferenceSelector): Promise<PreferenceRecord[]>

  /**
   * Who holds some usernames and e-mail addresses: has them now, has them as second address, had the username before they
   * got another one, or had it until a retirement that still goes on. Keys are those of `identifierKey`.
   *
   * One statement, so that what moves from one holder to another meanwhile is found with at least one of them.
   */
  findClaims(by: ClaimSelector): Promise<Claim[]>

  /**
   * Up to `limit` retirements in some states, asked for within a period (`from` included, `before` not), each with the
   * person as they are now: oldest first, from behind `after` on. A keyset page, in one statement.
   */
  pageRetirements(page: RetirementPage): Promise<RetirementRecord[]>

  /**
   * The ids of up to `limit` people who have a row of a table that matches every condition, in ascending order, from
   * behind `after` on: a keyset page, in one statement. People who come and go meanwhile are in it or not; nobody else
   * is left out or comes twice.
   */
  pageUsers<Name extends OwnedTable>(
    table: Name,
    where: Where<Name>,
    page: { readonly after?: UserId; readonly limit: number },
  ): Promise<UserId[]>

  /**
   * The rows of one table that match every condition, in no particular order.
   *
   * An empty list matches nothing. One statement, however long the lists.
   */
  select<Name extends TableName>(table: Name, where: Where<Name>): Promise<Tables[Name][]>

  /**
   * Stores a new person, and whatever `rest` makes of their new id, in one transaction.
   *
   * Answers the id, or `undefined` when the username or the address is taken, or one of `rest` is stopped: then nothing
   * is kept. Of several calls with the same username or address exactly one gets an id. Two statements beside those of
   * `rest`, begin and end.
   */
  insertUser(
    user: Omit<UserRow, 'id'>,
    rest: (id: UserId) => readonly Write[],
    inside?: (transaction: Transaction, id: UserId) => Promise<void>,
  ): Promise<UserId | undefined>

  /**
   * Applies a unit of work: all writes in order, or none.
   *
   * | write | does | stops the unit when |
   * | --- | --- | --- |
   * | `insert` | adds rows | a row or one of its unique keys exists, or a row that it references does not |
   * | `upsert` | adds rows, or replaces those with the same primary key | another row has one of the unique keys |
   * | `put` | adds rows of version 1, replaces the others where version - 1 is stored | a row of version 1 exists, or another's version is not the one before |
   * | `update` | sets columns of the rows that match | it breaks a unique key; `guarded`: not exactly one row matched |
   * | `delete` | removes the rows that match, and those that belong to a person who is | a row that stays references one of them; `guarded`: not exactly one row matched |
   * | `require` | keeps others from changing these people before the unit has ended | one of them is not there, or has another username, or another address where one is given |
   *
   * A row that references one that is not there stops whatever write would store it (see `references`). Each write sees
   * what those before it did. Ids of people that a unit brings along are never given to anybody else.
   *
   * A value that a column cannot hold makes the unit fail, with `NOT_STORABLE` as its code, and nothing of it is written:
   * what is no plain value of the column's type, text with a NUL or half a surrogate pair, a number that is no
   * integer, JSON that is no object or has anything in it that JSON cannot say (see `areStorable`).
   *
   * Answers `true` once everything is stored for good, `false` when the unit was stopped: then nothing is kept, and
   * loading again shows why. Of several units that are guarded by the same version or key exactly one gets `true`.
   * Nobody sees part of a unit. `false` is about rows alone. A unit that loses a race that the database itself settles
   * (deadlock, serialization failure) is applied again, and when it has lost several fails with a `StorageError` that says
   * `isLostRace`. For what others have locked it waits, ten seconds or as long as one statement of the database does, and
   * then fails with a `StorageError` that says `isLocked`.
   *
   * Inside a transaction of the host it is stored with that transaction, and a stopped unit leaves the transaction
   * usable; after a `StorageError` the host has to roll it back. Nothing is applied again there.
   *
   * What a unit with `erases` replaces and removes is in no file that the repository's own connection can reach, once the
   * unit is stored and as long as nobody else reads an earlier state; where somebody does, the next such unit makes up for
   * it. What a server does with its files and logs is its own, as is what the host commits or copies itself.
   *
   * A unit of one `insert` of one row (people apart), or of one `update` or `delete` of at most one row by its primary
   * key, is one statement. In others each write is two at most, however many rows, beside begin and end; more only where
   * the database cannot take the rows at once, or where `upsert` replaces rows of a table with further unique keys.
   */
  commit(writes: readonly Write[], inside?: Inside<Transaction>, options?: CommitOptions): Promise<boolean>

  /**
   * Takes up to `limit` messages that nobody is delivering, oldest first, and marks them as taken until `leased_until`.
   *
   * Of several callers at once each message goes to one, and messages that somebody has locked or not yet committed hold
   * up no others where the database can tell; a caller who loses a race may get none. A message that was neither deleted
   * nor given back when its lease ends is taken again, under a new `lease`: delivery is at least once. What was taken by
   * a call that fails comes back in this way too. Two statements at most.
   */
  leaseOutbox(request: {
    readonly now: Instant
    readonly leased_until: Instant
    /** Names this delivery; delete and give back only rows that still have it. */
    readonly lease: string
    readonly limit: number
  }): Promise<OutboxRow[]>

  /**
   * The same repository inside a transaction of the host: nothing is committed here, and what was written is seen
   * by further calls inside and by nobody outside before the host commits.
   *
   * Calls that are made at once take turns, whichever repository of the transaction they are made on: none sees or undoes
   * part of another. Code inside of a unit may call on the transaction that it gets, and on the one that the unit is part
   * of, without waiting for its unit to end. See `takingTurns`.
   */
  with(transaction: Transaction): Repository<Transaction>
}

/**
 * Thrown by an adapter when storage itself fails.
 *
 * Carries the driver's code and what was being done. The driver's own error is the `cause` only where it cannot hold
 * values of rows, as in a migration.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  /** SQLSTATE, errno or name, as the driver gives it; `unknown` where it gives none. */
  readonly driver_code: string
  /** Whether others kept what was asked for locked until the wait for it was over: the same call can succeed later. */
  readonly isLocked: boolean
  /**
   * Whether it is a unit that lost several races which the database settles (deadlock, serialization failure): nothing of
   * it is kept, and an operation loads again and decides again. Never inside a transaction of the host, which is over then.
   */
  readonly isLostRace: boolean
  /** Whether a table or column that the adapter works on is not there: its schema was not made, or is older. */
  readonly isSchemaMissing: boolean

  constructor(
    doing: string,
    driver_code: string,
    options: {
      readonly cause?: unknown
      readonly isLocked?: boolean
      readonly isLostRace?: boolean
      readonly isSchemaMissing?: boolean
    } = {},
  ) {
    const hint = options.isSchemaMissing === true ? ': a table or column is not there, run `migrate`' : ''
    super(
      `storage failed: ${doing} (${driver_code})${hint}`,
      options.cause === undefined ? {} : { cause: options.cause },
    )
    this.driver_code = driver_code
    this.isLocked = options.isLocked === true
    this.isLostRace = options.isLostRace === true
    this.isSchemaMissing = options.isSchemaMissing === true
  }
}

/** The error of a unit with a value that its column cannot hold: see `Repository.commit`. */
export function notStorable(): StorageError {
  return new StorageError('unit of work', 'NOT_STORABLE')
}

/** Tells whether a value is a `StorageError`, also one of another installed copy of the package or of another realm. */
export function isStorageError(value: unknown): value is StorageError {
  return (
    isNativeError(value) &&
    value.name === 'StorageError' &&
    'driver_code' in value &&
    typeof value.driver_code === 'string'
  )
}
