import type { Instant } from '../values/instant.ts'
import type { TableName, Tables, UserId, UserRow } from './tables.ts'

/** The condition that a column has a value. */
export const notNull: unique symbol = Symbol.for('usercore.not_null')

/** The condition that a column of moments is null, or before a moment: a write under it never sets a clock back. */
export interface Earlier {
  readonly before: Instant
}

/** Returns the moment of an `Earlier`; `undefined` for any other condition. */
export function momentOf(condition: unknown): Instant | undefined {
  return typeof condition === 'object' && condition !== null && 'before' in condition
    ? (condition as Earlier).before
    : undefined
}

/**
 * Conditions on columns, all of which hold: equal to a value (null included), to one of a list, not null, or null or
 * earlier than a moment.
 */
export type Where<Name extends TableName> = {
  readonly [Column in keyof Tables[Name]]?:
    | Tables[Name][Column]
    | readonly NonNullable<Tables[Name][Column]>[]
    | typeof notNull
    | (Tables[Name][Column] extends string | null ? Earlier : never)
}

/** Tables whose rows belong to people. */
export type OwnedTable = { [Name in TableName]: Tables[Name] extends { user_id: UserId } ? Name : never }[TableName]

/** Tables whose rows count their own changes. */
export type VersionedTable = { [Name in TableName]: Tables[Name] extends { version: number } ? Name : never }[TableName]

/**
 * A person by the names that erasure takes. The address counts where it is given: people whose username is their id
 * lose their address alone.
 */
export type NamedUser = Pick<UserRow, 'id' | 'username'> & Partial<Pick<UserRow, 'email'>>

/** One step of a unit of work. */
export type Write =
  | {
      [Name in TableName]:
        | { readonly insert: Name; readonly rows: readonly Tables[Name][] }
        | { readonly upsert: Name; readonly rows: readonly Tables[Name][] }
        | {
            readonly update: Name
            readonly set: Partial<Tables[Name]>
            readonly where: Where<Name>
            /**
             * Stops the unit unless exactly one row matches. The write then has to change something of that row, such
             * as its version: MySQL can be set to count only rows that change.
             */
            readonly guarded?: true
          }
        | { readonly delete: Name; readonly where: Where<Name>; readonly guarded?: true }
    }[TableName]
  | { [Name in VersionedTable]: { readonly put: Name; readonly rows: readonly Tables[Name][] } }[VersionedTable]
  /** Changes nothing: the unit is stopped unless these people have these names when it is stored. */
  | { readonly require: 'users'; readonly rows: readonly NamedUser[] }
