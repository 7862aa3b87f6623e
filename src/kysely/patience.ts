import { StorageError } from '../port/repository.ts'
import { backOff } from '../values/back-off.ts'
import type { Statements } from './statements.ts'

/** Milliseconds of waiting for rows that another transaction has locked: as long as writers who compete wait in all. */
const longestWait = 10_000

/**
 * Runs again, after a random time, work that the database can break off without a trace (deadlock, serialization
 * failure, a lock): a lost race this many times at most, and a lock until the wait is over. Not inside a transaction of
 * the host, which only the host can start again. `errorOf` makes the error that leaves.
 */
export async function patiently<Result>(
  on: Statements,
  attempts: number,
  run: () => Promise<Result>,
  errorOf: (error: unknown) => unknown = (error) => error,
): Promise<Result> {
  const start = performance.now()
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (on.db.isTransaction || on.dialect.meaningOf(error) !== 'busy') throw errorOf(error)
      if (isLocked(error, on) ? performance.now() - start >= longestWait : attempt >= attempts) throw errorOf(error)
    }
    await backOff(attempt)
  }
}

/** Tells a row that stays locked from a race that was lost. */
function isLocked(error: unknown, { dialect }: Statements): boolean {
  return dialect.lockedCodes.has(dialect.codeOf(error))
}

/**
 * Makes the error of storage for an error of a driver. `isLostRace` is set for units alone: only they can be decided
 * anew.
 */
export function storageError(doing: string, error: unknown, on: Statements, { isUnit = false } = {}): StorageError {
  const isBusy = on.dialect.meaningOf(error) === 'busy'
  return new StorageError(doing, on.dialect.codeOf(error), {
    isLocked: isLocked(error, on),
    isLostRace: isUnit && isBusy && !isLocked(error, on) && !on.db.isTransaction,
    isSchemaMissing: on.dialect.isSchemaMissing(error),
  })
}
