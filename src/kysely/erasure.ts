import type { Kysely, RawBuilder } from 'kysely'
import type { Dialect } from './dialect.ts'
import type { Statements } from './statements.ts'

/** Keeps bytes of removed values out of files, as far as the connection of the repository can. */
export interface Erasure {
  /** Runs before the first write. */
  prepare(on: Statements): Promise<void>
  /** Runs after an erasure was stored. A transaction of the host has to end first. */
  finish(on: Statements): Promise<void>
}

/**
 * Makes the erasure of one repository, which prepares its connection once.
 *
 * A driver can refuse either statement, and readers of an earlier state hold the second one up. Units are stored all
 * the same: `checkSchema` reports the first, and the next erasure makes up for the second.
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

/** Prepares a connection: no later erasure would find the bytes that an earlier change has left in a file. */
export async function prepareErasure(db: Kysely<unknown>, { erasure }: Dialect): Promise<void> {
  if (erasure !== undefined) await run(db, erasure.prepare)
}

/** Runs a statement, and ignores its failure. */
async function run(db: Kysely<unknown>, statement: RawBuilder<unknown>): Promise<void> {
  await statement.execute(db).catch(() => {})
}
