import type { Kysely, Dialect as KyselyDialect, RawBuilder } from 'kysely'
import type { ColumnType } from '../port/tables.ts'
import type { DescribeTable, ForeignTypes, ListTables, ReadForeignKeys } from './catalog.ts'
import { mysql } from './dialects/mysql.ts'
import { pglite, postgres } from './dialects/postgres.ts'
import { sqlite } from './dialects/sqlite.ts'
import type { ReadHostCell } from './host-cells.ts'
import type { ListedColumn } from './listed-columns.ts'
import type { SessionRules } from './session.ts'
import type { Step } from './step.ts'

/** The databases that the Kysely repository serves. `mysql` is MySQL from 8.0.17 on and MariaDB from 10.6 on. */
export type DialectName = 'postgres' | 'mysql' | 'sqlite' | 'pglite'

/** A list of values, in the form in which a condition takes it. */
export interface ValueList {
  /** Tells texts of a statement apart; empty where one parameter takes lists of any length. */
  readonly shape: string
  readonly parameters: readonly unknown[]
  /** Makes the condition that a column has one of the values. With an empty list it never holds. */
  contains(column: RawBuilder<unknown>): RawBuilder<boolean>
  /** The values as rows, each once, where a join with them is faster than `contains`. */
  readonly asRows?: { readonly source: RawBuilder<unknown>; readonly value: RawBuilder<unknown> }
}

/** Rows to insert, as a statement takes them. */
export interface RowsToInsert {
  readonly table: RawBuilder<unknown>
  readonly columns: readonly string[]
  readonly types: readonly ColumnType[]
  /** The SQL type of the ids of people. */
  readonly idType: string
  /** The columns of the primary key. */
  readonly primary: readonly string[]
  readonly count: number
}

/** Rows to change, found by a select. */
interface FoundRows {
  readonly table: RawBuilder<unknown>
  readonly set: RawBuilder<unknown>
  /** The column of their ids. */
  readonly primary: string
  /** A select of the ids. */
  readonly found: RawBuilder<unknown>
  /** The columns that the statement returns where it can. */
  readonly columns: readonly RawBuilder<unknown>[]
}

/** The parts of a statement that reads along primary keys. */
interface AlongPrimary {
  /** Stands behind a table and its alias: no statistics, which can be old, make the database read the whole table. */
  readonly hint: RawBuilder<unknown>
  finish(text: string): string
}

/**
 * The differences of one database, and their consequences. There is one object per database; no other code asks which
 * one it is.
 */
export interface Dialect {
  readonly name: DialectName
  /** The most parameters of one statement. */
  readonly maxParameters: number
  /** Returns a value in the form that the driver takes for a parameter. */
  encode(type: ColumnType, value: unknown): unknown
  list(type: ColumnType, values: readonly unknown[]): ValueList
  /** Returns the most bits, sign included, of an integer that can be compared with a column of a SQL type. */
  bitsOf(integerType: string): number
  /** Returns a column as statements select it: text of a fixed form where drivers would differ in reading it. */
  read(type: ColumnType, column: RawBuilder<unknown>): RawBuilder<unknown>
  /** Returns a column of a host, whose exact type is not known, as statements select it. */
  readForeign(type: ColumnType, column: RawBuilder<unknown>): RawBuilder<unknown>
  /** Returns how a column of a host is read, whatever its type is. */
  readonly hostCell: ReadHostCell
  /** Folds the letter case of a column of a host, as the host compares it itself. */
  foldCase(column: RawBuilder<unknown>): RawBuilder<unknown>
  /**
   * Returns a column of a host, whose letter case is folded as for `foldCase`, as lists of people use it: with an index
   * of the host, see `searchIndexes`.
   */
  listedForeign(folded: RawBuilder<unknown>): ListedColumn
  /**
   * Tells whether the database finds a place in an index of several columns by a comparison of rows. Otherwise it does by
   * alternatives.
   */
  readonly comparesRows: boolean
  /** The parts of a search in texts. */
  readonly search: SearchDialect
  /** Makes a JSON array of cells. */
  cellsAsJson(cells: readonly RawBuilder<unknown>[]): RawBuilder<unknown>
  /**
   * Makes JSON of people with the rows that belong to them. Left out where such rows are read as rows of their own in a
   * union: see `readPeople`.
   */
  readonly nested?: NestedJson
  /** Makes one text of the rows of many people in a table. Left out where a row for each costs less. */
  readonly joined?: JoinedRows
  /** Returns the text of a read that waits for the commits of others, where the database has a way to ask for that. */
  afterWrites(text: string): string
  /**
   * Makes a statement read lists of ids along primary keys, without a look at the index for each id beforehand: such looks take
   * a sixth of a read of 50 people. Undefined where the database takes none.
   */
  readonly alongPrimary: AlongPrimary | undefined
  /**
   * Returns parameters for a read that the database refused because a column cannot hold the letters of one: no row has
   * them. Returns `undefined` when it failed for another reason.
   */
  withoutForeignLetters(error: unknown, text: string, parameters: readonly unknown[]): unknown[] | undefined
  /** Returns the text of a statement on columns of a host, which then writes and reads moments in UTC. */
  inUtc(text: string): string
  /** The end of a select that locks its rows until the transaction ends, and reads their latest committed state. */
  readonly keeping: RawBuilder<unknown>
  /** The same for rows that are changed next: it keeps others from locking them too. */
  readonly locking: RawBuilder<unknown>
  /** Adds rows, or replaces those with the same primary key. `undefined` where that takes `delete` and `insert`. */
  upsert(rows: RowsToInsert, hasOtherKeys: boolean): RawBuilder<unknown> | undefined
  /** Replaces rows where the version before is stored; with `putsNewRows` also adds those of version 1. */
  put(rows: RowsToInsert): RawBuilder<unknown>
  /**
   * Tells whether `put` can see that a row of version 1 is new. Then it takes effect as a whole or not at all.
   * Otherwise new rows are inserted apart, and a row that should have been there is missed only afterwards.
   */
  readonly putsNewRows: boolean
  /** The number of rows that count as affected for each row that was put. */
  readonly affectedPerPut: 1 | 2
  /**
   * Sets columns in the rows whose ids a select finds, without waiting for rows that others have locked. The parameters
   * of `set` come before those of `found`; with `setsLast` behind them. With `returnsUpdated` the statement returns the
   * columns of those rows. See `updateFirst`.
   */
  updateFound(rows: FoundRows): RawBuilder<unknown>
  /** The end of the select that finds them: it locks them, and skips those that others have locked. */
  readonly skippingLocked: RawBuilder<unknown>
  /** Stands behind a table and makes the database use one of its indexes; empty where it cannot be told. */
  usingIndex(index: string): RawBuilder<unknown>
  /**
   * Tells whether a column of an index that a condition sets to null has to stand in an order as well, for the rows to
   * come from the index in that order. Otherwise it must not.
   */
  readonly ordersByNulls: boolean
  readonly setsLast: boolean
  readonly returnsUpdated: boolean
  /** Runs after rows got ids that the caller chose, so that the database does not give them again. */
  afterChosenIds(table: string, column: string): RawBuilder<unknown> | undefined
  /**
   * Makes one statement of the steps of a unit, which fails unless each affects as many rows as it has to. Left out
   * where the database has no such statement.
   */
  readonly asOneStatement?: (steps: readonly Step[]) => RawBuilder<unknown>
  /**
   * Tells whether the connection of an instance is in a transaction of the host, which `begin` would join or commit.
   * Left out where it would be refused.
   */
  readonly isInTransaction?: (db: Kysely<unknown>) => Promise<boolean>
  /**
   * Returns the meaning of a driver's error for a unit of work; `stopped`: a step of `asOneStatement` did not affect
   * its rows.
   */
  meaningOf(error: unknown): 'taken' | 'stopped' | 'busy' | 'failure'
  /** The codes of busy errors that mean a lock of another transaction, for which a statement no longer waits. */
  readonly lockedCodes: ReadonlySet<string>
  /** Tells whether an error of the driver means that a table, a column or an index is missing. */
  isSchemaMissing(error: unknown): boolean
  /** Returns the code under which the driver reports an error. */
  codeOf(error: unknown): string
  /** Kysely's own parts for this database, all but the driver: enough to make statements without running them. */
  readonly kyselyParts: Omit<KyselyDialect, 'createDriver'>
  readonly schema: SchemaDialect
  /** The statements that leave no bytes of removed values in files. `undefined` where statements are not enough. */
  readonly erasure: ErasureDialect | undefined
}

/** The parts of a search in texts, whatever the collations of columns and the locale of the database are. */
interface SearchDialect {
  /** Returns a cell as text, JSON too. */
  asText(cell: RawBuilder<unknown>): RawBuilder<unknown>
  /** Makes the condition that a text holds another, of ASCII in lower case, with its letters in either case. */
  holds(text: RawBuilder<unknown>, wanted: RawBuilder<unknown>): RawBuilder<unknown>
  /** Makes the condition that a text has a character beyond ASCII. */
  isBeyondAscii(text: RawBuilder<unknown>): RawBuilder<unknown>
  /** Folds the letter case of a column of a host, of whatever type of text; an index over it is used where there is one. */
  folded(column: RawBuilder<unknown>): RawBuilder<unknown>
}

/** JSON within JSON. */
export interface NestedJson {
  /** Makes a JSON array of the rows of a subquery, each row an array of its cells; null or `[]` without rows. */
  rows(cells: readonly RawBuilder<unknown>[], from: RawBuilder<unknown>): RawBuilder<unknown>
  /** Makes one JSON array of parts that are JSON or null. */
  all(parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown>
}

/** Rows of the people whose ids a table `people` of the statement has in its column `id`. */
export interface JoinedRows {
  /** Makes the JSON of the cells of a row, as text. */
  cells(cells: readonly RawBuilder<unknown>[]): RawBuilder<unknown>
  /** Makes one JSON array of the JSON in each row, as text; null without rows. */
  text(row: RawBuilder<unknown>): RawBuilder<unknown>
  /** Makes the end of a select of the rows of a source, as `part`, whose column `user_id` names one of the people. */
  ofPeople(source: RawBuilder<unknown>): RawBuilder<unknown>
}

/** The statements and settings that leave no bytes of removed values in files. */
interface ErasureDialect {
  /** Runs on a connection before its first write. */
  readonly prepare: RawBuilder<unknown>
  /** Runs after an erasure was stored, outside of transactions. */
  readonly finish: RawBuilder<unknown>
  /** The settings that a session must have. */
  readonly session: SessionRules
}

/** The facts about a database that migrations need. Types are SQL. */
export interface SchemaDialect {
  readonly types: Readonly<Record<'id' | 'integer' | 'boolean' | 'instant' | 'json' | 'short' | 'long', string>>
  /** The way in which an id column of ours numbers itself, never giving a number twice. */
  readonly selfNumbering: 'autoIncrement' | 'identity'
  /** The text behind the columns of each table. */
  readonly tableOptions: RawBuilder<unknown> | undefined
  /** Tells whether an index can be made where it may exist already; otherwise it is made with its table. */
  readonly hasIndexIfNotExists: boolean
  readonly describeTable: DescribeTable
  readonly listTables: ListTables
  readonly foreignKeys: ReadForeignKeys
  /** Returns the columns of a table whose values are JSON though their type does not tell; left out where it does. */
  readonly jsonColumns?: (db: Kysely<unknown>, table: string, schema: string | undefined) => Promise<readonly string[]>
  readonly foreignTypes: ForeignTypes
  /** Asks whether ASCII letters are equal in either case by a collation, that of the database for `undefined`. */
  hasAsciiCase(collation: string | undefined): RawBuilder<boolean>
  /** Asks whether the zone of the session is UTC all year. */
  readonly isInUtc: RawBuilder<boolean>
  /** The settings that a session must have. */
  readonly session: SessionRules
  /**
   * Tells whether other nodes can alter tables while this one does: the locks of a session hold at its own node alone.
   */
  readonly hasNodesApart: ((db: Kysely<unknown>) => Promise<boolean>) | undefined
  /** Tells whether the migrations can run inside a transaction of the host. */
  readonly isTransactional: boolean
}

const dialects: Readonly<Record<DialectName, Dialect>> = { postgres, mysql, sqlite, pglite }

/** Returns the differences of one database. */
export function dialectOf(name: DialectName): Dialect {
  return dialects[name]
}
