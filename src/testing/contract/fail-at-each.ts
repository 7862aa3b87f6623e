import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isStorageError } from '../../port/repository.ts'
import type { StoreUnderTest } from './store.ts'

/** A value of the rows, and so of the errors of drivers. No error of ours may hold it. */
export const secret = 'seCreT-vAlue'

/** Runs the part of an operation whose statements are to fail. */
type Strike = <Result>(part: () => Promise<Result>) => Promise<Result>

/** An operation, with the checks of its effect. */
interface Operation<Result> {
  run(strike: Strike): Promise<Result>
  /** Checks after a failure that nothing of it is stored. */
  isUndone(): Promise<void>
  /** Checks in the end that all of it is stored. */
  isDone(result: Result): Promise<void>
}

/** The way in which a statement fails. */
export type Blow = 'failAt' | 'cutAt'

/**
 * Runs an operation with its first statement failing, then with its second, and so on, until it succeeds over the same
 * connection because it has no further statement.
 */
export async function failAtEach<Result>(
  { statements }: Pick<StoreUnderTest<unknown>, 'statements'>,
  blow: Blow,
  { run, isUndone, isDone }: Operation<Result>,
): Promise<void> {
  const control = statements?.[blow] === undefined ? undefined : statements
  for (let n = 1; n < 100; n++) {
    let count = 0
    const strike: Strike = async (part) => {
      const before = control?.count() ?? 0
      control?.[blow]?.(n)
      try {
        return await part()
      } finally {
        control?.[blow]?.(undefined)
        count = (control?.count() ?? 0) - before
      }
    }
    const outcome = await run(strike).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    )
    if (count < n) {
      if ('error' in outcome) throw outcome.error
      assert.ok(control === undefined || n > 1, 'no statement could fail')
      return isDone(outcome.result)
    }
    assert.ok('error' in outcome, `statement ${n} failed without a word`)
    assertTellsNothing(outcome.error)
    await isUndone()
  }
  assert.fail('it never ended')
}

function assertTellsNothing(error: unknown): void {
  assert.ok(isStorageError(error), `not a StorageError: ${inspect(error)}`)
  assert.match(error.driver_code, /^\w+$/)
  assert.ok(error.message.includes(error.driver_code))
  assert.ok(!inspect(error, { depth: null, showHidden: true }).includes(secret), 'the error holds values of rows')
}
