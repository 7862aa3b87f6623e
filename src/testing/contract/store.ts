import type { Repository } from '../../port/repository.ts'

/** A store under test. Each case gets an empty one. */
export interface StoreUnderTest<Transaction> {
  readonly repository: Repository<Transaction>
  /** The same store over another connection; leave it out where there can be only one. */
  readonly second?: Repository<Transaction>
  /** Runs work in a transaction of the host, whose changes are kept when it ends and dropped when it throws. */
  transaction(work: (transaction: Transaction) => Promise<void>): Promise<void>
  /** Watches `repository`. `undefined` only where there are no statements that could fail, such as in memory. */
  readonly statements: StatementControl | undefined
  /**
   * Returns the present content of the store's files, each byte as a character, those of its logs included; leave it
   * out where the repository cannot reach them, as on servers.
   */
  bytes?(): Promise<string>
  /** Removes the store, with everything in it. */
  close(): Promise<void>
}

/** Counts the statements of a store, those that begin and end transactions included, and makes them fail. */
export interface StatementControl {
  /** Returns the number of statements so far. */
  count(): number
  /**
   * Makes one statement fail in place of running: the n-th from now on, 1 being the next. `undefined`: none.
   *
   * The database has to see a failure too, as a transaction may not survive one; and the error has to hold the
   * statement's parameters, as errors of drivers can.
   */
  failAt(n: number | undefined): void
  /** Cuts the connection before that statement instead. Leave it out where there is no connection to cut. */
  cutAt?(n: number | undefined): void
}

/** Checks one promise. */
export type Case = (store: StoreUnderTest<unknown>) => Promise<void>

/** Cases by their promises, as sentences. */
export type Group = Readonly<Record<string, Case>>
