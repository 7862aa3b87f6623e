import type { Kysely, RawBuilder } from 'kysely'
import type { Dialect } from './dialect.ts'
import type { Statements } from './statements.ts'

/** Keeps what a repository removes from leaving bytes in files, as far as its connection can. */
export interface Erasure {
  /** Before anything is written. */
  prepare(on: Statements): Promise<void>
  /** After an erasure was stored. A transaction of the host has to end first. */
  finish(on: Statements): Promise<void>
}

/**
 * Makes the erasure of one repository, which prepares its connection once.
 *
 * A driver can refuse either statement, and readers of an earlier state hold the second one up. Units are stored all the
 * same: `checkSchema` tells the first, and the next erasure makes up for the second.
 */
export function erasureOf({ dialect }: Statements): Erasure {
  let isPrepared = dialect.erasure === undefined
  return {
    async prepare({ db }) {
      if (isPrepared) return
      await prepareErasure(db, dialect)
      isPrepared = true
    },
    async finish({ db }) {
      if (dialect.erasure !== undefined && !db.isTransaction) await run(db, dialect.erasure.finish)
    },
  }
}

/** Prepares a connection: what an earlier change has left somewhere in a file, no later erasure would find. */
export async function prepareErasure(db: Kysely<unknown>, { erasure }: Dialect): Promise<void> {
  if (erasure !== undefined) await run(db, erasure.prepare)
}

/** Runs a statement, whatever comes of it. */
async function run(db: Kysely<unknown>, statement: RawBuilder<unknown>): Promise<void> {
  await statement.execute(db).catch(() => {})
}
