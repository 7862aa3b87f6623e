import type { Dialect } from 'kysely'
import { configError } from '../../values/arguments.ts'
import type { UserCoreError } from '../../values/errors.ts'

/** A client of a host that is in a transaction, as the statements of a `Transaction` of Kysely run on it. */
export interface OverClient {
  /** The object that stands for the connection, however it is wrapped. */
  readonly client: object
  /** Kysely's dialect over the one client. Its statements are refused once the transaction is over. */
  readonly dialect: Dialect
  /** Tells whether the transaction is known to be over. */
  isOver(): boolean
}

/** Makes the error of a client that is in no transaction. */
export function notInTransaction(): UserCoreError {
  return configError('transaction', 'a transaction that has begun and not ended: the client is in none')
}

/** Tells whether a member of an object is a function. */
export function hasMethod(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'function'
}
