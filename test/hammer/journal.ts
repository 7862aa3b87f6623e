import type { DialectName } from '../../src/kysely/index.ts'

/** A database, or a cluster of them, that a hammer works on. */
export interface Site {
  readonly dialect: DialectName
  /** The servers: one, or the nodes of a cluster. */
  readonly urls: readonly string[]
  /** The schema (on MariaDB: the database) of the hammer, by which its connections are known too. */
  readonly name: string
}

/**
 * What a client knows of something that it wrote. `refused`: a rule turned it away; `gave up`: others were faster too
 * often; `unknown`: the connection died before the answer came.
 */
export type Outcome = 'stored' | 'refused' | 'gave up' | 'unknown'

/** A hold on something, from when it was asked for until its lease ends; milliseconds since 1970. */
interface Hold {
  /** The fencing token. */
  readonly lease: string
  readonly from: number
  readonly until: number
}

/** What a client did and what came of it, in the order in which it did so. */
export type Entry =
  /** Set its own field to `value`, and with a `token` also `bio` and the shared field. */
  | {
      readonly what: 'update'
      readonly client: number
      readonly value: number
      readonly token: string | null
      readonly outcome: Outcome
      /** The version that the account has by it. */
      readonly version?: number
    }
  /** Set its own preference to `value`, and with a `token` also the shared one. */
  | {
      readonly what: 'preference'
      readonly client: number
      readonly value: number
      readonly token: string | null
      readonly outcome: Outcome
    }
  /** Saw an account of which two fields, always written together, differ. */
  | { readonly what: 'torn'; readonly client: number }
  /** Was handed a message. */
  | (Hold & { readonly what: 'message'; readonly message: Message; readonly at: number })
  /** Was told that messages are delivered, and so gone. */
  | (Hold & { readonly what: 'delivered'; readonly ids: readonly string[]; readonly at: number })
  /** Got a retirement for itself. */
  | (Hold & { readonly what: 'claim'; readonly username: string; readonly at: number })
  /** Asked for retirements without getting an answer. */
  | { readonly what: 'lost claim'; readonly limit: number }
  /** Moved a retirement; `at` is when it began to. */
  | {
      readonly what: 'move'
      readonly lease: string
      readonly username: string
      readonly to: string
      readonly at: number
      readonly outcome: Outcome
    }
  /** Met an error that neither a rule nor a dead connection explains. */
  | { readonly what: 'error'; readonly doing: string; readonly error: string }
  /** Has stopped; how many connections of its pools do not work. */
  | { readonly what: 'quiet'; readonly broken: number }

/** A message of the outbox, as far as it is evidence. */
export interface Message {
  readonly id: string
  readonly name: string
  readonly changes: readonly { readonly setting: string; readonly old: unknown; readonly new: unknown }[]
}

/** What is stored in the end. */
export interface Stored {
  readonly version: number
  readonly bio: string | null
  readonly fields: Readonly<Record<string, unknown>>
  readonly fieldHistory: readonly { readonly field_name: string; readonly old: unknown; readonly new: unknown }[]
  readonly preferences: readonly { readonly key: string; readonly value: string | null; readonly version: number }[]
  readonly retirements: readonly { readonly username: string; readonly version: number; readonly state: string }[]
  readonly moves: readonly { readonly username: string; readonly from: string | null; readonly to: string | null }[]
  /** Messages that nobody could be handed, when every lease was over. */
  readonly undelivered: number
  /** How often each retirement could be claimed once every lease was over. */
  readonly claimable: Readonly<Record<string, number>>
  /** Transactions that are still open when every client has stopped. */
  readonly openTransactions: number
}

/** The name of a client's own field and preference. */
export const ownName = (client: number): string => `client_${client}`
/** The name of the field and the preference that all clients write. */
export const sharedName = 'shared'
