import type { Kysely, Dialect as KyselyDialect, RawBuilder } from 'kysely'
import type { ColumnType } from '../port/tables.ts'
import type { DescribeTable, ForeignTypes } from './catalog.ts'
import { mysql } from './dialects/mysql.ts'
import { pglite, postgres } from './dialects/postgres.ts'
import { sqlite } from './dialects/sqlite.ts'
import type { SessionRules } from './session.ts'
import type { Step } from './step.ts'

/** Databases that the Kysely repository serves. `mysql` is MySQL from 8.0.17 on and MariaDB from 10.6 on. */
export type DialectName = 'postgres' | 'mysql' | 'sqlite' | 'pglite'

/** A list of values, in the form in which a condition takes it. */
export interface ValueList {
  /** What the text of a statement depends on: nothing where one parameter takes lists of any length. */
  readonly shape: string
  readonly parameters: readonly unknown[]
  /** The condition that a column has one of the values; an empty list has none. */
  contains(column: RawBuilder<unknown>): RawBuilder<boolean>
}

/** Rows to insert, as a statement takes them. */
export interface RowsToInsert {
  readonly table: RawBuilder<unknown>
  readonly columns: readonly string[]
  readonly types: readonly ColumnType[]
  /** The SQL type of ids of people. */
  readonly idType: string
  /** Columns that name a row. */
  readonly primary: readonly string[]
  readonly count: number
}

/**
 * Where databases differ, and what follows from it. One object per database; nothing outside of it asks which one
 * it is.
 */
export interface Dialect {
  readonly name: DialectName
  /** Most parameters that one statement can have. */
  readonly maxParameters: number
  /** A value in the form that the driver takes for a parameter. */
  encode(type: ColumnType, value: unknown): unknown
  list(type: ColumnType, values: readonly unknown[]): ValueList
  /** How many bits, sign included, an integer can have that a column of a SQL type is compared with. */
  bitsOf(integerType: string): number
  /** A column as statements select it: text of a fixed form where drivers would read it each in its own way. */
  read(type: ColumnType, column: RawBuilder<unknown>): RawBuilder<unknown>
  /** The same for a column of a host, whose exact type is not known. */
  readForeign(type: ColumnType, column: RawBuilder<unknown>): RawBuilder<unknown>
  /** A column of a host without regard to letter case, as it compares it itself. */
  foldCase(column: RawBuilder<unknown>): RawBuilder<unknown>
  /** The rows of a subquery as one JSON array, each row an array of its cells; null or `[]` where there are none. */
  rowsAsJson(cells: readonly RawBuilder<unknown>[], from: RawBuilder<unknown>): RawBuilder<unknown>
  /** A select that makes long JSON arrays. */
  aggregating(select: RawBuilder<unknown>): RawBuilder<unknown>
  /** The text of a read that waits for what others have committed, where there is a way to ask for that. */
  afterWrites(text: string): string
  /**
   * Parameters for a read that the database refused because a column cannot hold the letters of one: none of its rows has
   * them. `undefined`: it failed for another reason.
   */
  withoutForeignLetters(error: unknown, text: string, parameters: readonly unknown[]): unknown[] | undefined
  /** The text of a statement on columns of a host, whose moments are then written and read in UTC. */
  inUtc(text: string): string
  /** What a select ends with that keeps others from changing its rows until the transaction ends; it reads them as they are now. */
  readonly keeping: RawBuilder<unknown>
  /** Adds rows, or replaces those with the same primary key. `undefined`: it takes `delete` and `insert`. */
  upsert(rows: RowsToInsert, hasOtherKeys: boolean): RawBuilder<unknown> | undefined
  /** Replaces rows where the version before is stored; with `putsNewRows` also adds those of version 1. */
  put(rows: RowsToInsert): RawBuilder<unknown>
  /**
   * Whether `put` can tell that a row of version 1 is new. It then takes effect as a whole or not at all; otherwise new
   * rows are inserted apart, and a row that was not there at all is only noticed once it is.
   */
  readonly putsNewRows: boolean
  /** How many rows count as affected for each that was put. */
  readonly affectedPerPut: 1 | 2
  /**
   * Sets columns in the first rows, by their primary column, that meet a condition, without waiting for rows that
   * others have locked. Its parameters come in the order set, condition, limit; with `setsLast`: condition, limit, set.
   */
  updateFirst(
    table: RawBuilder<unknown>,
    set: RawBuilder<unknown>,
    condition: RawBuilder<unknown>,
    primary: string,
  ): RawBuilder<unknown>
  readonly setsLast: boolean
  /** Run after rows got ids that the caller chose, so that the database does not give them again. */
  afterChosenIds(table: string, column: string): RawBuilder<unknown> | undefined
  /**
   * One statement that does what the steps of a unit do, and fails unless each affects as many rows as it has to. Left
   * out: the database has none.
   */
  readonly asOneStatement?: (steps: readonly Step[]) => RawBuilder<unknown>
  /** What an error of the driver means for a unit of work; `stopped`: a step of `asOneStatement` did not affect its rows. */
  meaningOf(error: unknown): 'taken' | 'stopped' | 'busy' | 'failure'
  /** Codes of busy errors that tell of a lock that others hold, where a statement does not wait for it any longer. */
  readonly lockedCodes: ReadonlySet<string>
  /** Whether an error of the driver means that a table or column is not there. */
  isSchemaMissing(error: unknown): boolean
  /** The code under which the driver reports an error. */
  codeOf(error: unknown): string
  /** Kysely's own parts for this database, all but the driver: enough to make statements without running them. */
  readonly kyselyParts: Omit<KyselyDialect, 'createDriver'>
  readonly schema: SchemaDialect
  /** How what was removed leaves no bytes in files. `undefined`: it takes more than statements. */
  readonly erasure: ErasureDialect | undefined
}

/** What makes what was removed leave no bytes in files. */
export interface ErasureDialect {
  /** Run on a connection before it first writes. */
  readonly prepare: RawBuilder<unknown>
  /** Run after an erasure was stored, outside of transactions. */
  readonly finish: RawBuilder<unknown>
  /** What a session has to be set to. */
  readonly session: SessionRules
}

/** What migrations need to know of a database. Types are SQL. */
export interface SchemaDialect {
  readonly types: Readonly<Record<'id' | 'integer' | 'boolean' | 'instant' | 'json' | 'short' | 'long', string>>
  /** What makes an id column of ours number itself, never giving a number twice. */
  readonly selfNumbering: 'autoIncrement' | 'identity'
  /** What stands behind the columns of each table. */
  readonly tableOptions: RawBuilder<unknown> | undefined
  /** Whether an index can be made where it may be there already; otherwise it is made with its table. */
  readonly hasIndexIfNotExists: boolean
  readonly describeTable: DescribeTable
  readonly foreignTypes: ForeignTypes
  /** Whether ASCII letters are one letter in either case by a collation, that of the database where it is `undefined`. */
  hasAsciiCase(collation: string | undefined): RawBuilder<boolean>
  /** Whether the zone of the session is UTC all year. */
  readonly isInUtc: RawBuilder<boolean>
  /** What the settings of a session have to be. */
  readonly session: SessionRules
  /** Whether other nodes can alter tables while this one does: what a session locks, it locks at its own node. */
  readonly hasNodesApart: ((db: Kysely<unknown>) => Promise<boolean>) | undefined
  /** Whether the migrations can run inside a transaction of the host. */
  readonly isTransactional: boolean
}

const dialects: Readonly<Record<DialectName, Dialect>> = { postgres, mysql, sqlite, pglite }

/** The differences of one database. */
export function dialectOf(name: DialectName): Dialect {
  return dialects[name]
}
