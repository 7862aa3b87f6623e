import type { CreateTableBuilder, IsolationLevel, RawBuilder } from 'kysely'
import type { TableName } from '../port/tables.ts'
import type { Write } from '../port/write.ts'
import type { DialectName } from './dialect.ts'
import type { ColumnTypes } from './migrations/migration-site.ts'
import type { Statements } from './statements.ts'
import type { UserTable } from './user-table.ts'

/** Gives a table its columns and its key; a column `user_id` is there already in tables of people. */
export type TableDefinition = (table: CreateTableBuilder<string, string>) => CreateTableBuilder<string, string>

/** Tables of another system that take the place of ours, as far as they go: see `openEdxTables`. */
export interface TablePreset {
  /** The database that it is for. */
  readonly dialect: DialectName
  /** The schema (on MySQL: the database) of its tables, if it is not that of the connection. Ours stay where they are. */
  readonly schema?: string
  /** @internal Where people are in it, and where everything else; the repository and migrations ask. */
  readonly describe: (places: Places) => { readonly users: UserTable; readonly layout: Layout }
}

/** Where tables are: those of the other system, and ours, which begin with a prefix. */
export interface Places {
  readonly theirs: { readonly schema: string | undefined }
  readonly ours: { readonly schema: string | undefined; readonly prefix: string }
}

/** Where the rows of our tables are when another system keeps some of them. */
export interface Layout {
  /** Whether the other system keeps the rows of a table. */
  keeps(table: TableName): boolean
  /** A select that makes the rows of a table out of those of the other system; `undefined`: the table is ours. */
  source(table: TableName): RawBuilder<unknown> | undefined
  /**
   * A select of `user_id` alone, of those who have any row of a table; `undefined`: `source` does as well. For paging,
   * where it has to be in the order of an index.
   */
  owners(table: TableName): RawBuilder<unknown> | undefined
  /** Applies the writes of a unit, wherever they belong. Answers whether the unit goes on. */
  apply(on: Statements, writes: readonly Write[]): Promise<boolean>
  /** The isolation of transactions that are ours. */
  readonly isolation: IsolationLevel
  /**
   * What a table of ours holds, when the other system keeps the rest: its own definition for what it does not keep at
   * all; `undefined`: nothing is left for us.
   */
  define(table: string, own: TableDefinition, types: ColumnTypes): TableDefinition | undefined
  /** Tables that have to be there beside those of ours that are the same as anywhere. */
  readonly expected: readonly ExpectedTable[]
}

/** A table that statements rely on. */
export interface ExpectedTable {
  /** What reports call it: ours without their prefix. */
  readonly label: string
  readonly name: string
  /** Its schema; `undefined`: that of the connection. */
  readonly schema: string | undefined
  readonly columns: readonly string[]
  /** Sets of columns that no two rows share. */
  readonly keys: readonly (readonly string[])[]
}
