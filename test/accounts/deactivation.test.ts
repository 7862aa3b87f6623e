import { describe, expect, it } from 'vitest'
import { asOf, deactivationWrites, endOf, isInForce, isSameDeactivation } from '../../src/accounts/deactivation.ts'
import { decideLogin } from '../../src/accounts/login-status.ts'
import { newUser } from '../../src/accounts/new-record.ts'
import type { DeactivationRow } from '../../src/port/tables.ts'

const [start, middle, end, later] = ['10', '11', '12', '13'].map((hour) => `2024-06-15T${hour}:00:00.000000Z`) as [
  string,
  string,
  string,
  string,
]
const row: DeactivationRow = {
  user_id: 1,
  sequence: 1,
  reason: 'spam',
  deactivated_until: end,
  deactivated_by: 2,
  deactivated_at: start,
  ended_at: null,
  ended_by: null,
  end_reason: null,
}
const by = { by: 3, now: middle }

describe('a deactivation', () => {
  it('is in force until its moment, and no longer in that very moment', () => {
    expect(isInForce(row, '2024-06-15T11:59:59.999999Z')).toBe(true)
    expect(isInForce(row, end)).toBe(false)
    expect(isInForce({ ...row, deactivated_until: null }, later)).toBe(true)
    expect(isInForce({ ...row, ended_at: middle }, middle)).toBe(false)
  })

  it('is the same as another one of the same reason and moment, while it is in force', () => {
    const facts = { reason: 'spam', deactivated_until: end }
    expect(isSameDeactivation(row, facts, middle)).toBe(true)
    expect(isSameDeactivation(row, facts, end)).toBe(false)
    expect(isSameDeactivation(row, { ...facts, reason: 'abuse' }, middle)).toBe(false)
    expect(isSameDeactivation(row, { ...facts, deactivated_until: null }, middle)).toBe(false)
    expect(isSameDeactivation(undefined, facts, middle)).toBe(false)
  })

  it('gets the next number, and ends the one before', () => {
    const facts = { reason: 'abuse', deactivated_until: null }
    const next = { ...row, ...facts, deactivated_by: 3, deactivated_at: middle }
    const guard = { user_id: 1, sequence: 1, ended_at: null }
    expect(deactivationWrites(1, undefined, facts, by)).toEqual([{ insert: 'deactivations', rows: [next] }])
    expect(deactivationWrites(1, row, facts, by)).toEqual([
      {
        update: 'deactivations',
        set: { ended_at: middle, ended_by: 3, end_reason: 'replaced' },
        where: guard,
        guarded: true,
      },
      { insert: 'deactivations', rows: [{ ...next, sequence: 2 }] },
    ])
    const over = { ...by, now: later }
    expect(deactivationWrites(1, row, facts, over)[0]).toEqual({
      update: 'deactivations',
      set: { ended_at: end, ended_by: null, end_reason: 'expired' },
      where: guard,
      guarded: true,
    })
  })

  it('that has ended is not ended again', () => {
    expect(endOf(undefined, 'appeal', by)).toEqual([])
    expect(endOf({ ...row, ended_at: start }, 'appeal', by)).toEqual([])
  })

  it('whose time is over is told as expired', () => {
    expect(asOf(row, middle)).toEqual(row)
    expect(asOf(row, end)).toEqual({ ...row, ended_at: end, end_reason: 'expired' })
    const ended = { ...row, ended_at: middle, end_reason: 'appeal' }
    expect(asOf(ended, later)).toEqual(ended)
  })
})

describe('the decision on a log-in', () => {
  const person = (is_active: boolean) => ({ ...newUser('ada', 'ada@example.com', is_active, start), id: 1 })
  const asked = (facts: Partial<Parameters<typeof decideLogin>[0]>, now = middle) =>
    (['log_in', 'reset_password'] as const).map(
      (purpose) =>
        decideLogin({ user: person(true), retirement: 'none', deactivations: [], ...facts }, purpose, now).reason,
    )

  it('names the first reason that holds', () => {
    const all = { user: person(false), deactivations: [row] }
    expect(asked({})).toEqual([null, null])
    expect(asked({ user: person(false) })).toEqual(['unconfirmed', null])
    expect(asked(all)).toEqual(['deactivated', 'deactivated'])
    expect(asked({ ...all, retirement: 'requested' })).toEqual(['retirement_requested', 'retirement_requested'])
    expect(asked({ ...all, retirement: 'sealed' })).toEqual(['retired', 'retired'])
  })

  it('is that of the moment', () => {
    expect(asked({ deactivations: [row] }, end)).toEqual([null, null])
  })

  it('allows exactly what has no reason against it', () => {
    for (const is_active of [true, false]) {
      const { allowed, reason } = decideLogin(
        { user: person(is_active), retirement: 'none', deactivations: [] },
        'log_in',
        middle,
      )
      expect(allowed).toBe(reason === null)
    }
  })
})
