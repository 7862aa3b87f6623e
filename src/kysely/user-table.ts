import type { UserId, UserRow } from '../port/tables.ts'

/**
 * A host's own table of people, which takes the place of ours. We refer to it, read it and write the columns that are
 * named here; its definition is never touched. See `verifyMapping`.
 */
export interface UserTable {
  readonly table: string
  /** The schema (on MySQL: the database) that it is in, if it is not that of the connection. */
  readonly schema?: string
  /**
   * The SQL type of its id, which our references get: `bigint`, `int unsigned`, `uuid`, `varchar(36)` with character
   * set and collation where they are not the default. Ids of integer types are numbers, or text where they are
   * greater than 2^53; all others are text.
   */
  readonly idType: string
  /** What our columns are called in it. */
  readonly columns: UserColumns
  /**
   * What the column of `is_active` holds, where that is no boolean: a person with one of the values `active` is; others get
   * `active[0]` and `inactive` when that changes.
   */
  readonly status?: { readonly active: readonly [Status, ...Status[]]; readonly inactive: Status }
  /**
   * How a row is marked that is deleted but still there: its column has a value, or the value `is`. Such a person counts as
   * absent, but for names and addresses, which the row keeps from others.
   */
  readonly deleted?: { readonly column: string; readonly is?: Status | boolean }
  /** Values for further columns that a new row must have. */
  readonly defaults?: Readonly<Record<string, unknown>>
  /** Draws the id of a new person, where the table does not number itself. */
  readonly newId?: () => UserId
}

/** A value of a column that says how a person or a row is. */
export type Status = string | number

/** The host's names of our columns. */
export interface UserColumns {
  readonly id: string
  /** Left out: people have no usernames, and are called by their id as text. */
  readonly username?: string
  readonly email: string
  readonly is_active: string
  readonly date_joined: string
  /** Left out: empty. */
  readonly first_name?: string
  readonly last_name?: string
  /** Left out: null. */
  readonly last_login?: string
  /**
   * `identifierKey` of the username, if the host stores it. Left out: names are compared by the database, without
   * regard to letter case (`lower(…)`, on MySQL the column's collation), and have to be unique in that way.
   */
  readonly username_key?: string
  /** The same for the address. */
  readonly email_key?: string
}

/** Columns of people that a host's table need not have. */
export type OptionalUserColumn = Exclude<keyof UserRow, 'id' | 'username' | 'email' | 'is_active' | 'date_joined'>

/** Whether ids of a SQL type are integers. */
export function isIntegerType(sqlType: string): boolean {
  return /^\s*(big|small|medium)?(int|serial)/i.test(sqlType)
}
