import { type RawBuilder, sql } from 'kysely'
import type { TableName, Tables } from '../../port/tables.ts'
import type { Statements } from '../statements.ts'
import type { Places } from '../table-definition.ts'

/** A table of the original, as statements name it. */
export function theirs({ theirs: { schema } }: Places, table: string): RawBuilder<unknown> {
  return sql.table(schema === undefined ? table : `${schema}.${table}`)
}

/** Our table of that name, which holds what the original has no place for. */
export function ours({ ours: { schema, prefix } }: Places, table: TableName): RawBuilder<unknown> {
  return sql.table(schema === undefined ? prefix + table : `${schema}.${prefix}${table}`)
}

/** Where rows are made: what to select from, in which `base` is the original's table, and each column of ours. */
export interface MadeRows<Name extends TableName> {
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
  /** Columns of ours that the original has too, and what they are called there. Others are not written. */
  readonly stored: { readonly [Column in keyof Tables[Name]]?: string }
  /** Columns of ours that are in our own table of the same name, beside the original's row. */
  readonly beside?: readonly (keyof Tables[Name] & string)[]
  /** Texts of the original that are emptied before a row goes: copies of a table keep the last state of deleted rows. */
  readonly emptied?: readonly string[]
  /** Whether the version of the account stands for these rows too. */
  readonly isPartOfAccount?: true
  /** Whether nothing there keeps two rows from having the same key, so that we have to look. */
  readonly isWithoutKey?: true
  /** Values for further columns of a new row. */
  readonly defaults?: BaseValues
  /**
   * Values of the original that follow from those of ours beyond what `stored` says, for each of some rows, or for the
   * columns that are set in one. `undefined`: what one of them refers to is not there.
   */
  derive?(unit: Unit, rows: readonly Partial<Tables[Name]>[]): Promise<BaseValues[] | undefined>
  /** Columns of the original that `derive` fills. */
  readonly derived?: readonly string[]
}

/** A unit of work on the original's tables. */
export interface Unit {
  readonly on: Statements
  readonly places: Places
  readonly kept: KeptTables
  /** Versions that rows got in this unit, by `rowName`: what is stored has no place for them. */
  readonly versions: Map<string, { readonly table: TableName; readonly key: Key; readonly version: number }>
}

/** Values of the columns that name a row. */
export type Key = Readonly<Record<string, unknown>>

/** The tables that are kept row by row. */
export type KeptTables = { readonly [Name in TableName]?: KeptTable<Name> }

/** A number of 48 bits made of some values: equal values give the same one. */
export function digest(...values: RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql`cast(conv(left(sha2(json_array(${sql.join(values)}), 256), 12), 16, 10) as unsigned)`
}

/** A column of the original's row. */
export const base = (column: string): RawBuilder<unknown> => sql.ref(`base.${column}`)
