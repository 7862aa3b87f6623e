import type { UserId } from '../port/tables.ts'

/**
 * A host's own table of people, which is used in place of ours. It is referenced, read, and written in the columns that
 * are named here; its definition is never touched. See `verifyMapping`, and `searchIndexes` for lists of people.
 */
export interface UserTable {
  readonly table: string
  /** The schema (on MySQL: the database) that it is in. Default: that of the connection. */
  readonly schema?: string
  /**
   * The SQL type of its id, which our references get: `bigint`, `int unsigned`, `uuid`, `varchar(36)` with character
   * set and collation where they are not the default. Ids of integer types are numbers, or text where they are
   * greater than 2^53; all others are text.
   */
  readonly idType: string
  /** Its names of our columns. */
  readonly columns: UserColumns
  /**
   * The values of the column of `is_active`, where that is no boolean: a person with one of the values `active` is
   * active; a change writes `active[0]` or `inactive`.
   */
  readonly status?: { readonly active: readonly [Status, ...Status[]]; readonly inactive: Status }
  /**
   * The mark of a row that is deleted but still there: its column has a value, or the value `is`. Such a person counts
   * as absent, but for names and addresses, which no other account can take.
   */
  readonly deleted?: { readonly column: string; readonly is?: Status | boolean }
  /** Values for further columns that a new row must have. */
  readonly defaults?: Readonly<Record<string, unknown>>
  /** Draws the id of a new person, where the table does not number itself. */
  readonly newId?: () => UserId
}

/** A value that stands for the state of a person or a row. */
export type Status = string | number

/** The host's names of our columns. */
export interface UserColumns {
  readonly id: string
  /** Left out: people have no usernames, and their id as text stands in for one. */
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
  /** `identifierKey` of the address, in the same way. */
  readonly email_key?: string
}

/** Tells whether ids of a SQL type are integers. */
export function isIntegerType(sqlType: string): boolean {
  return /^\s*(big|small|medium)?(int|serial)/i.test(sqlType)
}
