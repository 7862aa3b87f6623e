import type { CreateTableBuilder, IsolationLevel, RawBuilder } from 'kysely'
import type { TableName } from '../tables.ts'
import type { Write } from '../write.ts'
import type { ColumnTypes } from './migrations/migration-site.ts'
import type { Statements } from './statements.ts'

/** Gives a table its columns and its key; a column `user_id` is there already in tables of people. */
export type TableDefinition = (table: CreateTableBuilder<string, string>) => CreateTableBuilder<string, string>

/** Where the rows of our tables are when another system keeps some of them. */
export interface Layout {
  /** Whether the other system keeps the rows of a table. */
  keeps(table: TableName): boolean
  /** A select that makes the rows of a table out of those of the other system; `undefined`: the table is ours. */
  source(table: TableName): RawBuilder<unknown> | undefined
  /** Applies the writes of a unit, wherever they belong. Answers whether the unit goes on. */
  apply(on: Statements, writes: readonly Write[]): Promise<boolean>
  /** The isolation of transactions that are ours. */
  readonly isolation: IsolationLevel
  /**
   * What a table of ours holds, when the other system keeps the rest: its own definition for what it does not keep at
   * all; `undefined`: nothing is left for us.
   */
  define(table: string, own: TableDefinition, types: ColumnTypes): TableDefinition | undefined
}
