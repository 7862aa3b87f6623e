import { isNativeError } from 'node:util/types'
import type { Instant } from '../values/instant.ts'
import type { AccountPage, AccountPlace } from './account-page.ts'
import type { AccountRecord } from './account-record.ts'
import type { OrgTagRecord } from './org-tag-record.ts'
import type { PreferenceRecord } from './preference-record.ts'
import type { RetirementRecord } from './retirement-record.ts'
import type {
  IdempotencyKeyRow,
  OutboxRow,
  RetirementRow,
  RetirementStateRow,
  RetirementWorkRow,
  TableName,
  Tables,
  UserId,
  UserRow,
} from './tables.ts'
import type { SearchedRows, TextSearch } from './text-search.ts'
import type { OwnedTable, Where, Write } from './write.ts'

/**
 * Selects accounts by one kind of name. Keys are those of `identifierKey`, and they alone decide which account is meant. The
 * names as they were given stand beside them for tables that keep no keys, where a database that folds letter case in
 * another way has to find them; other adapters need not look at them.
 */
export type AccountSelector =
  | { readonly username_keys: readonly string[]; readonly usernames?: readonly string[] }
  | { readonly email_keys: readonly string[]; readonly emails?: readonly string[] }
  | { readonly ids: readonly UserId[] }

/** Selects usernames and addresses: as `identifierKey` returns them, and as they were given (see `AccountSelector`). */
export interface ClaimSelector {
  readonly username_keys: readonly string[]
  readonly usernames?: readonly string[]
  readonly email_keys: readonly string[]
  readonly emails?: readonly string[]
}

/** The hold of one person on a username or an address. */
export interface Claim {
  /** Null for a retired one, which stays taken although its person may be gone. */
  readonly user_id: UserId | null
  readonly kind:
    | 'username'
    | 'former_username'
    | 'original_username'
    | 'retired_username'
    | 'email'
    | 'secondary_email'
    | 'retired_email'
  readonly key: string
}

/** The rows of one table that meet conditions: the arguments of `select`. */
export type RowSelection = { [Name in TableName]: readonly [table: Name, where: Where<Name>] }[TableName]

/** The rows of each of some selections. */
export type Selected<Selections extends readonly RowSelection[]> = {
  -readonly [Index in keyof Selections]: Tables[Selections[Index][0]][]
}

/** A column by whose values the rows of a table are paged. */
export type PageColumn<Name extends TableName> = {
  [Column in keyof Tables[Name] & string]: Exclude<Tables[Name][Column], null> extends string | number ? Column : never
}[keyof Tables[Name] & string]

/** A page of the rows of a table. */
export interface RowPage<Name extends TableName> {
  /** A column of text or of integers, of which no two of the rows have the same value. */
  readonly by: PageColumn<Name>
  /** The value in the last row of the page before. */
  readonly after?: string | number
  /** Takes the rows from the other end. */
  readonly descending?: boolean
  readonly limit: number
}

/** A page of retirements. */
export interface RetirementPage {
  readonly states: readonly string[]
  readonly from?: Instant
  readonly before: Instant
  /** The last retirement of the page before. */
  readonly after?: Pick<RetirementRow, 'created_at' | 'user_id'>
  readonly limit: number
}

/** The retirements that a worker takes, and its hold on them. */
export interface RetirementLease {
  readonly now: Instant
  readonly leased_until: Instant
  /** Names this hold. */
  readonly lease: string
  /** States in which no work is under way. */
  readonly idle: readonly string[]
  /** States in which work is under way; none of them is idle. */
  readonly working: readonly string[]
  /** All states of the site as the caller knows them: while others are stored, none is taken. Left out: any. */
  readonly pipeline?: readonly RetirementStateRow[]
  /** Only those that were requested before this moment. */
  readonly before: Instant
  readonly limit: number
}

/** The number of retirements in one state that the worker treats alike. */
export interface RetirementCount {
  readonly current_state: string
  /** The reason for which the worker leaves them alone; null: it does not. */
  readonly stopped: RetirementWorkRow['stopped']
  /** The code of the last attempt at the step; null: there was none. */
  readonly code: string | null
  readonly retirements: number
  /** Those of them that were requested before the moment that was asked for. */
  readonly late: number
  /** The moment of the earliest request. */
  readonly oldest_at: Instant
}

/** The numbers of messages by their state. */
export interface OutboxCounts {
  /** Messages that are neither under a lease nor dead: also those that were put off. */
  readonly waiting: number
  readonly leased: number
  readonly dead: number
  /** The moment at which the waiting one of the least id was recorded; null while none waits. */
  readonly oldest_waiting_at: Instant | null
}

/** A message that was set aside, without its payload. */
export type DeadMessageRow = Pick<OutboxRow, 'id' | 'kind' | 'name' | 'user_id' | 'created_at' | 'attempts'> & {
  readonly dead_at: Instant
}

/** Selects preferences of some people. */
export interface PreferenceSelector {
  readonly by: AccountSelector
  /** Keys of preferences and tags. Left out: all. */
  readonly keys?: readonly string[]
  /** Selects the tags of this organisation as well. */
  readonly org?: string
  /** Selects the tags of this course as well. */
  readonly course_id?: string
  /** Selects the deactivations that have not ended as well. */
  readonly deactivations?: true
  /** Whether all preferences of each person are counted. Default true. */
  readonly counted?: boolean
}

/** Selects tags of some people under one key. */
export interface OrgTagSelector {
  readonly ids: readonly UserId[]
  readonly orgs: readonly string[]
  readonly key: string
}

/**
 * Runs inside the transaction of a unit of work, after its writes and before its end.
 *
 * When it throws, nothing is kept and the error is passed on. It can run again, in another transaction, when the
 * database breaks the first one off. `transaction` is a transaction of the host's driver; work on the same database
 * through anything else can wait for ever.
 */
export type Inside<Transaction> = (transaction: Transaction) => Promise<void>

/** Options of storing a unit of work. */
export interface CommitOptions {
  /**
   * Tells that the unit erases: no copy of what it replaces and removes may stay in the files of the database. Default
   * false.
   */
  readonly erases?: boolean
}

/**
 * The port: all that the rules need of storage.
 *
 * An adapter keeps rows and knows no rule. It copies what goes in and what comes out, throws only when storage itself
 * fails (a `StorageError`, whose text never holds values), and returns a fact for everything that can happen between
 * two callers. After a failure nothing of a unit is kept, and the next call works. `usercore/testing` proves an adapter
 * against the promises of these comments.
 *
 * Texts, keys and lists of names are compared exactly, code point by code point. Asking for a value that no row can
 * have (text with a NUL or half a surrogate pair, a number that its column cannot hold, an invalid id, a value of
 * another type) finds nothing.
 */
export interface Repository<Transaction = unknown> {
  /**
   * The type of ids in the user table: look-ups by id refuse any other value before they ask. An integer that is too
   * great for a number to hold exactly is text.
   */
  readonly idType: 'integer' | 'text'

  /**
   * The source of usernames. Left out: people have usernames of their own. `ids`: a username is the id as text, which
   * is never chosen and never changes; `insertUser` and `commit` ignore the username that they get.
   */
  readonly usernames?: 'ids' | undefined

  /**
   * Returns the accounts that match, each with all its parts, in no particular order; unknown names are left out.
   *
   * One statement, however many names. The parts of an account are of one moment: a change that commits meanwhile shows
   * in all of them or in none. Each call returns row objects of its own, which no later call changes: what is read from a
   * row is kept for that object.
   */
  findAccounts(by: AccountSelector): Promise<AccountRecord[]>

  /**
   * Returns the preferences of people, their tags for one organisation and one course, and the deactivations that have
   * not ended, in no particular order; unknown people are left out, those without preferences are not.
   *
   * One statement, however many people and keys. All that is returned of one person is of one moment.
   */
  findPreferences(request: PreferenceSelector): Promise<PreferenceRecord[]>

  /**
   * Returns the people with some ids, each with their tags for some organisations under one key: a record for every tag,
   * and at least one for every person, in no particular order. Unknown people are left out.
   *
   * One statement, however many people and organisations.
   */
  findOrgTags(request: OrgTagSelector): Promise<OrgTagRecord[]>

  /**
   * Returns the people who hold some usernames and e-mail addresses: who have them now, have them as second address, had
   * the username before they got another one, or had it until a retirement that is not at its end; and those names that are
   * retired (`retired_identifiers`), whose person may be gone. Keys are those of `identifierKey`.
   *
   * One statement, so that a name which moves from one holder to another meanwhile is found with at least one of them.
   */
  findClaims(by: ClaimSelector): Promise<Claim[]>

  /**
   * Returns up to `limit` retirements in some states, requested within a period (`from` included, `before` not), each
   * with the person as they are now: oldest first, from behind `after` on. A keyset page, in one statement.
   */
  pageRetirements(page: RetirementPage): Promise<RetirementRecord[]>

  /**
   * Returns up to `limit` people who meet every condition, in an order, from behind `after` on: by their ids, by the keys
   * of usernames or addresses, by search values `name`, or by the moments at which they joined, in each case then by
   * their ids. Of `name` those alone who have such a value. Texts are in an order of the store, in which `after` is
   * compared too; all that begin alike follow one another. People whose retirement has begun are left out.
   *
   * One statement, which reads no more rows than the page has along an index of the order, where one condition is about
   * the value of the order or the order is by ids; further conditions are tested on these rows. In a table that another
   * system keeps, the index is that system's (see `searchIndexes` of `usercore/kysely`), and its database compares
   * beginnings by its own rule: people of names that are alike to it can be among them.
   *
   * A keyset page. People who come and go, or get another value, meanwhile may be in it or not; each of the others is in
   * exactly one page.
   */
  pageAccounts(page: AccountPage): Promise<AccountPlace[]>

  /**
   * Returns the ids of up to `limit` people who have a row of a table that matches every condition, in ascending order,
   * from behind `after` on: a keyset page, in one statement. People who come and go meanwhile may be in it or not; each
   * of the others is in it exactly once.
   */
  pageUsers<Name extends OwnedTable>(
    table: Name,
    where: Where<Name>,
    page: { readonly after?: UserId; readonly limit: number },
  ): Promise<UserId[]>

  /**
   * Returns the rows of one table that match every condition, in no particular order.
   *
   * An empty list matches nothing. One statement, however long the lists.
   */
  select<Name extends TableName>(table: Name, where: Where<Name>): Promise<Tables[Name][]>

  /**
   * Returns what `select` returns for each of some selections, in their order, all of one moment. A table can be among them
   * more than once.
   *
   * One statement, however many there are; none where there are none. Ask for the rows of one person, or of a small table:
   * rows come one by one as JSON, which databases are slower with than `select`.
   */
  selectEach<const Selections extends readonly RowSelection[]>(selections: Selections): Promise<Selected<Selections>>

  /**
   * Returns up to `limit` rows of one table that match every condition and have a value in the column `by`, in the order of
   * its values, from behind `after` on: integers ascend, texts are in an order of the store, in which `after` is compared
   * too. A keyset page, in one statement. Rows that come and go meanwhile may be in it or not; each of the others is in it
   * exactly once.
   */
  pageRows<Name extends TableName>(table: Name, where: Where<Name>, page: RowPage<Name>): Promise<Tables[Name][]>

  /**
   * Looks at up to `limit` rows of a table along its primary key, from behind `after` on, and returns those of which a column
   * may hold one of some texts: see `mayHold`. No character of a text stands for others. A row whose columns are texts that
   * can hold none is not among them; one with JSON may be.
   *
   * One statement. Rows that come and go meanwhile may be looked at or not; each of the others is in exactly one page. A
   * column without a value holds no text.
   */
  searchTexts<Name extends TableName>(table: Name, search: TextSearch<Name>): Promise<SearchedRows<Tables[Name]>>

  /**
   * Stores a new person, and the writes that `rest` makes of their new id, in one transaction.
   *
   * Returns the id, or `undefined` when the username or the address is taken, or one of `rest` is stopped: then nothing
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
   * A row that references one that is not there stops any write that would store it (see `references`). Each write sees
   * the changes of those before it. Ids of people that a unit brings along are never given to other people.
   *
   * A value that a column cannot hold makes the unit fail, with `NOT_STORABLE` as its code, and nothing of it is written:
   * a value that is no plain value of the column's type, text with a NUL or half a surrogate pair, a number that is no
   * integer, JSON that is no object or has anything in it that JSON cannot say (see `areStorable`).
   *
   * Returns `true` once everything is stored for good, `false` when the unit was stopped: then nothing is kept, and
   * loading again shows why. Of several units that are guarded by the same version or key exactly one gets `true`.
   * No caller sees part of a unit. `false` is about rows alone. A unit that loses a race which the database itself settles
   * (deadlock, serialization failure) is applied again; when it has lost several, it fails with a `StorageError` whose
   * `isLostRace` is true. It waits for rows that others have locked, ten seconds or as long as one statement of the
   * database does, and then fails with a `StorageError` whose `isLocked` is true.
   *
   * Inside a transaction of the host it is stored with that transaction, and a stopped unit leaves the transaction
   * usable; after a `StorageError` the host has to roll it back. Nothing is applied again there.
   *
   * The values that a unit with `erases` replaces and removes are in no file that the repository's own connection can
   * reach, once the unit is stored, unless another connection still reads an earlier state; then the next such unit makes
   * up for it. The promise does not reach the files and logs of a server, nor commits and copies that the host makes itself.
   *
   * A unit of one `insert` of one row (people apart), or of one `update` or `delete` of at most one row by its primary
   * key, is one statement. In others each write is two at most, however many rows, beside begin and end; more only where
   * the database cannot take the rows at once, or where `upsert` replaces rows of a table with further unique keys.
   */
  commit(writes: readonly Write[], inside?: Inside<Transaction>, options?: CommitOptions): Promise<boolean>

  /**
   * Returns up to `limit` idempotency keys whose `expires_at` is no later than `now`, those first that expired first.
   *
   * One statement.
   */
  expiredKeys(page: { readonly now: Instant; readonly limit: number }): Promise<IdempotencyKeyRow[]>

  /**
   * Takes up to `limit` messages, marks them as taken until `leased_until`, and counts an attempt of each.
   *
   * Taken are heads that are due: messages that are not dead and whose `next_attempt_at` has come, where no earlier one
   * of the same person waits and none of that person is under a lease. So of one person at most one message is out at a
   * time, over all callers, and people do not wait for each other; a dead message holds up none. Earlier is the lesser id:
   * exact for the ids of one process, across processes as good as their clocks. A message that another transaction
   * stores behind a later one of its person waits for that while it is out; only one whose transaction ends while this
   * method takes the other can be out beside it.
   *
   * With `kinds` it takes those heads alone that are of one of them: a message behind one of another kind waits.
   *
   * Oldest first. Of more than `limit` heads it takes those of the least ids; of those that were taken before, which are
   * due again, it looks at the `limit` that have been due the longest.
   *
   * Of several callers at once each message goes to one. Messages that another transaction has locked or not yet committed
   * hold up no other people where the database can tell; a caller who loses a race may get none. A message that was
   * neither deleted nor given back when its lease ends is taken again, under a new `lease`: delivery is at least once.
   * Messages that a failed call has taken come back in this way too. Two statements at most, beside begin and end.
   */
  leaseOutbox(request: {
    readonly now: Instant
    readonly leased_until: Instant
    /** Names this delivery: only rows that still have it may be deleted or given back. */
    readonly lease: string
    readonly limit: number
    /** Left out: all. */
    readonly kinds?: readonly OutboxRow['kind'][]
  }): Promise<OutboxRow[]>

  /** Counts messages by their state. One statement, so that the counts are of one moment. */
  countOutbox(request: { readonly now: Instant }): Promise<OutboxCounts>

  /**
   * Returns up to `limit` dead messages in the order in which they were set aside, then of their ids, from behind `after`
   * on. A keyset page, in one statement.
   */
  pageDeadMessages(page: {
    /** The last message of the page before. */
    readonly after?: Pick<DeadMessageRow, 'dead_at' | 'id'>
    readonly limit: number
  }): Promise<DeadMessageRow[]>

  /**
   * Takes up to `limit` retirements, oldest first: those in idle states that are under no lease, and those in working
   * states whose lease has ended. Work that was begun without a lease belongs to a driver that keeps none, and is left to
   * it. Marks them as taken until `leased_until`, with the next version, and returns them as they are then, each with the
   * person as they are now, oldest first.
   *
   * Of several callers at once each retirement goes to one. Retirements that another transaction has locked hold up no
   * others where the database can tell; a caller who loses a race may get fewer, or none. A retirement that was not given
   * back when its lease ends is taken again, under a new `lease`. Those that a failed call has taken come back in this way
   * too. With `pipeline` it takes none while the stored states differ from those in any column. Two statements at most,
   * however many states and retirements; where another system keeps the rows (`openEdxTables`), two for each page of
   * `limit` of them and three more, with `pipeline` four, beside begin and end.
   */
  leaseRetirements(request: RetirementLease): Promise<RetirementRecord[]>

  /**
   * Counts all retirements by state, and by what the work on them says of the worker (null where there is no work), in no
   * particular order. One statement, so that the counts are of one moment.
   */
  countRetirements(request: { readonly before: Instant }): Promise<RetirementCount[]>

  /**
   * Returns the same repository inside a transaction of the host: it commits nothing itself, and its changes are seen
   * by further calls inside and by none outside before the host commits.
   *
   * Calls that are made at once take turns, on whichever repository of the transaction they are made: none sees or
   * undoes part of another. Code inside of a unit may call on the transaction that it gets, and on the one that the
   * unit is part of, without waiting for its unit to end. See `takingTurns`.
   */
  with(transaction: Transaction): Repository<Transaction>
}

/**
 * Thrown by an adapter when storage itself fails.
 *
 * Carries the driver's code and the name of the action that failed. The driver's own error is the `cause` only where it
 * cannot hold values of rows, as in a migration.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  /** The SQLSTATE, errno or name that the driver gives; `unknown` where it gives none. */
  readonly driver_code: string
  /**
   * Tells whether other transactions kept a row locked until the wait for it was over: the same call can succeed later.
   */
  readonly isLocked: boolean
  /**
   * Tells whether the unit lost several races which the database settles (deadlock, serialization failure): nothing of
   * it is kept, and an operation loads again and decides again. Never inside a transaction of the host, which is over
   * then.
   */
  readonly isLostRace: boolean
  /** Tells whether a table or column that the adapter works on is missing: its schema was not made, or is older. */
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

/** Makes the error of a unit with a value that its column cannot hold; see `Repository.commit`. */
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
