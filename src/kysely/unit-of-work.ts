import { type Kysely, sql } from 'kysely'
import { StorageError } from '../repository.ts'
import type { Statements } from './statements.ts'

/** Ends a unit that was stopped, so that what it has written goes away. */
class Stopped extends Error {}

/** Carries an error of the host's own code out of a unit. */
class HostError extends Error {}

/**
 * Runs a unit of work in a transaction of its own, or, inside a transaction of the host, under a savepoint: a stopped
 * unit leaves the host's transaction as it was. Answers whether the unit went through to its end.
 *
 * `work` answers whether to go on, and `inside` runs the host's part; what that throws is passed on.
 */
export async function runUnit(
  on: Statements,
  work: (on: Statements) => Promise<boolean>,
  inside: (db: Kysely<unknown>) => Promise<void>,
): Promise<boolean> {
  const run = async (db: Kysely<unknown>) => {
    if (!(await work(on.on(db)))) throw new Stopped()
    try {
      await inside(db)
    } catch (error) {
      throw new HostError('', { cause: error })
    }
  }
  try {
    if (on.db.isTransaction) await underSavepoint(on.db, run)
    else {
      const { isolation } = on.names.layout ?? {}
      const transaction = on.db.transaction()
      await (isolation === undefined ? transaction : transaction.setIsolationLevel(isolation)).execute(run)
    }
    return true
  } catch (error) {
    if (error instanceof HostError) throw error.cause
    return stoppedBy(error, on)
  }
}

/** Tells that a unit was stopped, or throws what made storage fail. */
export function stoppedBy(error: unknown, on: Statements): false {
  if (error instanceof Stopped) return false
  const meaning = on.dialect.meaningOf(error)
  // Inside the host's transaction only the host can start again.
  if (meaning === 'taken' || (meaning === 'busy' && !on.db.isTransaction)) return false
  throw new StorageError('unit of work', on.dialect.codeOf(error))
}

async function underSavepoint(db: Kysely<unknown>, run: (db: Kysely<unknown>) => Promise<void>): Promise<void> {
  await sql`savepoint usercore`.execute(db)
  try {
    await run(db)
  } catch (error) {
    try {
      await sql`rollback to savepoint usercore`.execute(db)
      await sql`release savepoint usercore`.execute(db)
    } catch {
      // The database has ended the whole transaction (a deadlock on MySQL does): what did that is what counts.
    }
    throw error
  }
  await sql`release savepoint usercore`.execute(db)
}
