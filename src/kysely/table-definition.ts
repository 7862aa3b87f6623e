import type { CreateTableBuilder, IsolationLevel, RawBuilder } from 'kysely'
import type { RetirementLease } from '../port/repository.ts'
import type { TableName, UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { DialectName } from './dialect.ts'
import type { ColumnTypes } from './migrations/migration-site.ts'
import type { Statements } from './statements.ts'
import type { UserTable } from './user-table.ts'

/** Gives a table its columns and its key; tables of people have a column `user_id` already. */
export type TableDefinition = (table: CreateTableBuilder<string, string>) => CreateTableBuilder<string, string>

/** Tables of another system that are used in place of ours, as far as they go: see `openEdxTables`. */
export interface TablePreset {
  /** The database that it is for. */
  readonly dialect: DialectName
  /** The schema (on MySQL: the database) of its tables. Default: that of the connection. Ours stay where they are. */
  readonly schema?: string
  /** @internal Returns its table of people, and its layout; the repository and migrations call it. */
  readonly describe: (places: Places) => { readonly users: UserTable; readonly layout: Layout }
}

/** The schemas of the tables of the other system, and of ours, which begin with a prefix. */
export interface Places {
  readonly theirs: { readonly schema: string | undefined }
  readonly ours: { readonly schema: string | undefined; readonly prefix: string }
}

/** The tables in which another system keeps some of our rows. */
export interface Layout {
  /** Tells whether the other system keeps the rows of a table. */
  keeps(table: TableName): boolean
  /**
   * Returns a select that makes the rows of a table from those of the other system; `undefined` where the table is
   * ours.
   */
  source(table: TableName): RawBuilder<unknown> | undefined
  /**
   * Returns a select of `user_id` alone, of the people who have any row of a table; `undefined` where `source` does as
   * well. For paging, where it has to be in the order of an index.
   */
  owners(table: TableName): RawBuilder<unknown> | undefined
  /** The table of the other system with `user_id`, `name` and `country` of profiles, which lists of people read. */
  readonly profileTable: RawBuilder<unknown>
  /** Applies the writes of a unit to the tables that they belong to. Returns whether the unit goes on. */
  apply(on: Statements, writes: readonly Write[]): Promise<boolean>
  /** Marks the oldest free retirements as taken, in a transaction: see `Repository`. Returns the people. */
  leaseRetirements(on: Statements, request: RetirementLease): Promise<UserId[]>
  /** The isolation of our own transactions. */
  readonly isolation: IsolationLevel
  /**
   * Returns the definition of a table of ours when the other system keeps the rest: its own one where the other system
   * keeps nothing of it; `undefined` where nothing is left for us.
   */
  define(table: string, own: TableDefinition, types: ColumnTypes): TableDefinition | undefined
  /** Returns the definition of a table of ours beside rows that the other system keeps; `undefined` where there is none. */
  defineBeside(table: TableName, types: ColumnTypes): TableDefinition | undefined
  /** The tables that have to be there beside those of ours that are the same in every layout. */
  readonly expected: readonly ExpectedTable[]
}

/** A table that statements rely on. */
export interface ExpectedTable {
  /** The name in reports: ours without the prefix. */
  readonly label: string
  readonly name: string
  /** Its schema; `undefined` for that of the connection. */
  readonly schema: string | undefined
  readonly columns: readonly string[]
  /** Further columns that are known, and that no statement names. */
  readonly others?: readonly string[]
  /** Sets of columns whose values no two rows share. */
  readonly keys: readonly (readonly string[])[]
}
