import type { Instant } from '../values/instant.ts'
import type { SearchValueRow, UserId } from './tables.ts'

/** The beginning of the fields of search values that are of declared fields. */
export const extendedSearchPrefix = 'extended_profile.'

/** The order of a list of people: by a value of each, and by their ids where it is the same. */
export type AccountOrder = 'id' | 'username' | 'email' | 'name' | 'date_joined'

/** The people of a list: those who meet every member that is given. */
export interface AccountFilter {
  /** The beginning of their `username_key`. */
  readonly username?: string
  /** The beginning of their `email_key`. */
  readonly email?: string
  /** The beginning of their search value `name`. */
  readonly name?: string
  readonly is_active?: boolean
  /** The country of their profile. */
  readonly country?: string
  /** They joined at this moment or later. */
  readonly joined_from?: Instant
  /** They joined before this moment. */
  readonly joined_before?: Instant
  /** Search values that they have, no two of one field. */
  readonly values?: readonly Pick<SearchValueRow, 'field' | 'value'>[]
}

/** A person in a list. */
export interface AccountPlace {
  readonly id: UserId
  /**
   * The value by which the list is ordered, as its store compares it: a key or a name, a moment; `''` in a list that is
   * ordered by ids alone.
   */
  readonly value: string
}

/** A page of a list of people. */
export interface AccountPage {
  readonly where: AccountFilter
  readonly order: AccountOrder
  /** Begins with the last. */
  readonly descending?: boolean
  /** The last person of the page before. */
  readonly after?: AccountPlace
  readonly limit: number
}
