import { describe, expectTypeOf, it } from 'vitest'
import {
  type ErrorParams,
  isUserCoreError,
  type RetirementRefusal,
  UserCoreError,
  type UserCoreErrorCode,
  type UserCoreErrorOf,
} from '../../src/index.ts'

declare const thrown: unknown

describe('the params of an error', () => {
  it('are told by the code that is asked for', () => {
    if (isUserCoreError(thrown, 'rate_limited')) {
      expectTypeOf(thrown.params).toEqualTypeOf<ErrorParams['rate_limited']>()
      expectTypeOf(thrown.params.retry_after_seconds).toEqualTypeOf<number>()
      // @ts-expect-error a fact of another code
      void thrown.params.argument
    }
  })

  it('are told by a test of the code', () => {
    if (!isUserCoreError(thrown)) return
    expectTypeOf(thrown.code).toEqualTypeOf<UserCoreErrorCode>()
    // @ts-expect-error before the code is known
    void thrown.params.argument
    switch (thrown.code) {
      case 'bad_request':
        return expectTypeOf(thrown.params.argument).toEqualTypeOf<string>()
      case 'retirement_state_error':
        return expectTypeOf(thrown.params.reason).toEqualTypeOf<RetirementRefusal>()
      case 'conflict':
        return expectTypeOf(thrown.params.version).toEqualTypeOf<number | undefined>()
      default:
        expectTypeOf(thrown).toEqualTypeOf<
          UserCoreErrorOf<Exclude<UserCoreErrorCode, 'bad_request' | 'retirement_state_error' | 'conflict'>>
        >()
    }
  })

  it('are asked for where the code always has some', () => {
    new UserCoreError('rate_limited', { params: { limit: 'email_change', retry_after_seconds: 60 } })
    new UserCoreError('not_authenticated')
    // @ts-expect-error no params
    void (() => new UserCoreError('rate_limited'))
    // @ts-expect-error no seconds
    void (() => new UserCoreError('rate_limited', { params: { limit: 'email_change' } }))
    // @ts-expect-error a fact of another code
    void (() => new UserCoreError('bad_request', { params: { argument: 'limit', limit: 'email_change' } }))
  })
})

describe('a list of what was thrown', () => {
  const all: readonly unknown[] = []

  it('is filtered by a function of one argument', () => {
    expectTypeOf(all.filter((error) => isUserCoreError(error))).toEqualTypeOf<UserCoreErrorOf[]>()
    expectTypeOf(all.filter((error) => isUserCoreError(error, 'conflict'))).toEqualTypeOf<UserCoreError<'conflict'>[]>()
    // @ts-expect-error the second argument, the code, would be the index
    all.filter(isUserCoreError)
  })

  it('refuses a code that does not exist', () => {
    // @ts-expect-error no code of the set
    isUserCoreError(thrown, 'rate_limit')
  })
})
