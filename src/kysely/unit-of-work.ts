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
  const unit = async (db: Kysely<unknown>) => {
    if (!(await work(on.on(db)))) throw new Stopped()
    try {
      await inside(db)
    } catch (error) {
      throw new HostError('', { cause: error })
    }
  }
  let reason: unknown
  const run = (db: Kysely<unknown>) =>
    unit(db).catch((error) => {
      reason = error
      throw error
    })
  try {
    if (on.db.isTransaction) await underSavepoint(on.db, run)
    else await on.db.transaction().execute(run)
    return true
  } catch (error) {
    // On a dead connection the rollback fails too: what came first says more.
    const first = reason ?? error
    if (first instanceof HostError) throw first.cause
    return stoppedBy(first, on)
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
