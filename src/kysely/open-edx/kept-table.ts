import { type RawBuilder, sql } from 'kysely'
import type { TableName, Tables } from '../../port/tables.ts'
import type { Statements } from '../statements.ts'
import type { Places } from '../table-definition.ts'

/** Returns a table of the original, as statements name it. */
export function theirs({ theirs: { schema } }: Places, table: string): RawBuilder<unknown> {
  return sql.table(schema === undefined ? table : `${schema}.${table}`)
}

/** Returns our table of that name, which holds the columns that the original does not have. */
export function ours({ ours: { schema, prefix } }: Places, table: TableName): RawBuilder<unknown> {
  return sql.table(schema === undefined ? prefix + table : `${schema}.${prefix}${table}`)
}

/** The source of rows: the tables to select from, in which `base` is the original's, and each column of ours. */
interface MadeRows<Name extends TableName> {
  readonly from: RawBuilder<unknown>
  readonly cells: { readonly [Column in keyof Tables[Name]]: RawBuilder<unknown> }
}

/** Values for columns of the original, in the form that the driver takes. */
export type BaseValues = Readonly<Record<string, unknown>>

/** One of our tables whose rows the original keeps, one for each of its own. */
export interface KeptTable<Name extends TableName = TableName> {
  /** The original's table. It has a column `id`. */
  readonly base: string
  /** `locks`: for a statement that locks; selects within then lock too, and so read what is stored now. */
  rows(locks: boolean): MadeRows<Name>
  /** The columns of ours that the original has too, with its names of them. Others are not written. */
  readonly stored: { readonly [Column in keyof Tables[Name]]?: string }
  /** The columns of ours that are in our own table of the same name, beside the original's row. */
  readonly beside?: readonly (keyof Tables[Name] & string)[]
  /**
   * The texts of the original that are emptied before a row is deleted: copies of a table keep the last state of
   * deleted rows.
   */
  readonly emptied?: readonly string[]
  /** Tells that the version of the account covers these rows too. */
  readonly isPartOfAccount?: true
  /** Tells that no constraint keeps two rows from having the same key, so that the code has to look. */
  readonly isWithoutKey?: true
  /** Values for further columns of a new row. */
  readonly defaults?: BaseValues
  /**
   * Derives values of the original from those of ours beyond the columns of `stored`, for each of some rows, or for the
   * columns that are set in one. Returns `undefined` where a row that one of them references does not exist.
   */
  derive?(unit: Unit, rows: readonly Partial<Tables[Name]>[]): Promise<BaseValues[] | undefined>
  /** The columns of the original that `derive` fills. */
  readonly derived?: readonly string[]
}

/** A unit of work on the original's tables. */
export interface Unit {
  readonly on: Statements
  readonly places: Places
  readonly kept: KeptTables
  /** The versions that rows got in this unit, by `rowName`: the stored rows have no column for them. */
  readonly versions: Map<string, { readonly table: TableName; readonly key: Key; readonly version: number }>
}

/** The values of the primary key of a row. */
export type Key = Readonly<Record<string, unknown>>

/** The tables that are kept row by row. */
export type KeptTables = { readonly [Name in TableName]?: KeptTable<Name> }

/** Makes a number of 48 bits from some values: equal values give the same number. */
export function digest(...values: RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`cast(conv(left(sha2(json_array(${sql.join(values)}), 256), 12), 16, 10) as unsigned)`
}

/** Returns a column of the original's row. */
export const base = (column: string): RawBuilder<unknown> => sql.ref(`base.${column}`)
