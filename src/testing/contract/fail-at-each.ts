import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isStorageError } from '../../port/repository.ts'
import type { StoreUnderTest } from './store.ts'

/** Stands in the rows, and so in the errors of drivers. No error of ours may tell it. */
export const secret = 'seCreT-vAlue'

/** Runs the part of an operation whose statements are to fail. */
export type Strike = <Result>(part: () => Promise<Result>) => Promise<Result>

/** An operation, and how its effect is seen. */
interface Operation<Result> {
  run(strike: Strike): Promise<Result>
  /** After a failure: nothing of it is there. */
  isUndone(): Promise<void>
  /** In the end: all of it is there. */
  isDone(result: Result): Promise<void>
}

/** What befalls a statement. */
export type Blow = 'failAt' | 'cutAt'

/**
 * Runs an operation with its first statement failing, then with its second, and so on until it has none left to fail:
 * then it goes through, over the same connection.
 */
export async function failAtEach<Result>(
  { statements }: StoreUnderTest<unknown>,
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
  assert.fail('it never came to its end')
}

function assertTellsNothing(error: unknown): void {
  assert.ok(isStorageError(error), `not a StorageError: ${inspect(error)}`)
  assert.match(error.driver_code, /^\w+$/)
  assert.ok(error.message.includes(error.driver_code))
  assert.ok(!inspect(error, { depth: null, showHidden: true }).includes(secret), 'the error tells values of rows')
}
