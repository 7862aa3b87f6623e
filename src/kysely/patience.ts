import { StorageError } from '../port/repository.ts'
import { backOff } from '../values/back-off.ts'
import type { Statements } from './statements.ts'

/** So many milliseconds are waited for what somebody else has locked: as long as writers who compete wait in all. */
const longestWait = 10_000

/**
 * Runs what the database can break off without a trace (deadlock, serialization failure, what is locked), again after a
 * random while: a race that it loses so many times at most, and what is locked until the wait is over. Not inside a
 * transaction of the host: only the host can start that again.
 */
export async function patiently<Result>(on: Statements, attempts: number, run: () => Promise<Result>): Promise<Result> {
  const start = performance.now()
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (on.db.isTransaction || on.dialect.meaningOf(error) !== 'busy') throw error
      if (isLocked(error, on) ? performance.now() - start >= longestWait : attempt >= attempts) throw error
    }
    await backOff(attempt)
  }
}

/** Tells what stays locked from a race that was lost. */
function isLocked(error: unknown, { dialect }: Statements): boolean {
  return dialect.lockedCodes.has(dialect.codeOf(error))
}

/** The error of storage for what a driver threw. A lost race is told of units alone: only they can be decided anew. */
export function storageError(doing: string, error: unknown, on: Statements, { isUnit = false } = {}): StorageError {
  const isBusy = on.dialect.meaningOf(error) === 'busy'
  return new StorageError(doing, on.dialect.codeOf(error), {
    isLocked: isLocked(error, on),
    isLostRace: isUnit && isBusy && !isLocked(error, on) && !on.db.isTransaction,
    isSchemaMissing: on.dialect.isSchemaMissing(error),
  })
}
