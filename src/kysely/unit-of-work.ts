import { type Kysely, sql } from 'kysely'
import { isStorageError } from '../port/repository.ts'
import { isUserCoreError } from '../values/errors.ts'
import { ownTransaction } from './own-transaction.ts'
import { patiently, storageError } from './patience.ts'
import type { Statements } from './statements.ts'

/** Ends a unit that was stopped, so that its changes are undone. */
class Stopped extends Error {}

/** Carries an error of the host's own code out of a unit. */
class HostError extends Error {}

/**
 * Runs a unit of work in a transaction of its own or, inside a transaction of the host, under a savepoint: a stopped
 * unit leaves the host's transaction as it was. Returns whether the unit came to its end.
 *
 * `work` returns whether to go on, and `inside` runs the host's part; errors of it are passed on.
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
  const run = (db: Kysely<unknown>) => {
    reason = undefined
    return unit(db).catch((error) => {
      reason = error
      throw error
    })
  }
  try {
    if (on.db.isTransaction) await underSavepoint(on, run)
    else await patiently(on, attempts, () => ownTransaction(on.db, on.dialect, on.names.layout?.isolation, run))
    return true
  } catch (error) {
    // On a dead connection the rollback fails too, and the first error says more. In a transaction of the host, a unit
    // that could not be undone is still there.
    const first = on.db.isTransaction ? error : (reason ?? error)
    if (first instanceof HostError) throw first.cause
    return stoppedBy(first, on)
  }
}

/**
 * Attempts after a deadlock or serialization failure. Few: the unit was decided on rows that others have changed
 * meanwhile, and only the operation can load those and decide anew.
 */
const attempts = 6

/** Runs a unit of one statement. Returns whether it was stored. */
export async function runStatement(on: Statements, run: () => Promise<boolean>): Promise<boolean> {
  try {
    return await patiently(on, attempts, run)
  } catch (error) {
    return stoppedBy(error, on)
  }
}

/** Returns false for an error that stops a unit, and throws for one that makes storage fail. */
function stoppedBy(error: unknown, on: Statements): false {
  if (error instanceof Stopped || ['taken', 'stopped'].includes(on.dialect.meaningOf(error))) return false
  throw isStorageError(error) || isUserCoreError(error)
    ? error
    : storageError('unit of work', error, on, { isUnit: true })
}

/** Nested savepoints need names of their own: MySQL forgets the first of two that share one. */
let savepoints = 0

async function underSavepoint(on: Statements, run: (db: Kysely<unknown>) => Promise<void>): Promise<void> {
  const { db, dialect } = on
  const name = sql.id(`usercore_${++savepoints}`)
  await sql`savepoint ${name}`.execute(db)
  try {
    await run(db)
    await sql`release savepoint ${name}`.execute(db)
  } catch (error) {
    try {
      await sql`rollback to savepoint ${name}`.execute(db)
      await sql`release savepoint ${name}`.execute(db)
    } catch (lost) {
      // The unit is still there, unless the database has ended the whole transaction, as MySQL does after a deadlock.
      const isOver = dialect.meaningOf(error instanceof HostError ? error.cause : error) === 'busy'
      throw isOver ? error : lost
    }
    throw error
  }
}
