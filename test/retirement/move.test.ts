import { describe, expect, it } from 'vitest'
import { canPromiseCancel, refuseCancel } from '../../src/accounts/cancellation.ts'
import type { RetirementHistoryRow, RetirementRow } from '../../src/port/tables.ts'
import { isRepeat, refuseMove, rewindTarget } from '../../src/retirement/move.ts'
import { context } from '../support/context.ts'
import { pipeline } from './site.ts'

const { states } = pipeline
const names = states.map(({ state_name }) => state_name)
const retired_username = 'retired__user_1'
const requestedAt = '2024-06-01T12:00:00.000000Z'

const retirementIn = (current_state: string): RetirementRow => ({
  user_id: 1,
  id: 1,
  original_username: 'ada',
  original_username_key: 'ada',
  original_email: 'ada@example.com',
  original_email_key: 'ada@example.com',
  original_name: 'Ada',
  retired_username,
  retired_email: 'retired__user_1@retired.invalid',
  current_state,
  last_state: 'PENDING',
  version: 1,
  lease: null,
  leased_until: null,
  created_at: requestedAt,
  modified_at: requestedAt,
})

const placeOf = (current_state: string, day: number) => ({
  retirement: retirementIn(current_state),
  states,
  context: context({}, new Date(Date.parse(requestedAt) + day * 86_400_000).toISOString()),
})

describe('refuseMove', () => {
  it.each(names)('lets an unforced move lead from %s to ABORTED alone during the cool-off', (from) => {
    for (const to of names) {
      const reason = refuseMove(placeOf(from, 13), to, false)
      if (reason === undefined) expect(to).toBe('ABORTED')
      const isLater = names.indexOf(to) > names.indexOf(from)
      const isEnd = ['ERRORED', 'ABORTED', 'COMPLETE'].includes(from)
      if (!isEnd && isLater) expect([to, reason]).toEqual([to, to === 'ABORTED' ? undefined : 'cool_off'])
    }
  })

  it('lets a move lead to ERRORED by force during the cool-off, and without force after it', () => {
    expect(refuseMove(placeOf('PENDING', 13), 'ERRORED', true)).toBeUndefined()
    expect(refuseMove(placeOf('PENDING', 14), 'ERRORED', false)).toBeUndefined()
  })
})

describe('refuseCancel', () => {
  it.each(names)('agrees in %s with the promise that support may give', (state) => {
    for (const username of ['ada', retired_username]) {
      for (const day of [-1, 0, 1, 13, 14, 15, 400]) {
        const place = placeOf(state, day)
        const isPossible = refuseCancel(place, { username }) === undefined
        expect(isPossible).toBe(state === 'PENDING' && username === 'ada')
        expect(canPromiseCancel(place, { username })).toBe(isPossible && day < 14)
      }
    }
  })
})

type Move = Parameters<typeof isRepeat>[2]

describe('isRepeat', () => {
  const entry = (id: string, more: Partial<RetirementHistoryRow> = {}): RetirementHistoryRow => ({
    id,
    user_id: 1,
    from_state: 'PENDING',
    to_state: 'ABORTED',
    forced: false,
    note: 'x',
    changed_by: 7,
    changed_at: requestedAt,
    ...more,
  })
  const retirement = retirementIn('ABORTED')
  const again: Move = { to_state: 'ABORTED', note: 'x', changed_by: 7 }

  it('finds a call that repeats the last move', () => {
    expect(isRepeat(retirement, [entry('2'), entry('1', { note: 'y' })], again)).toBe(true)
  })

  it.each<[string, RetirementHistoryRow[], Move]>([
    ['with another note', [entry('1')], { ...again, note: 'y' }],
    ['by another caller', [entry('1')], { ...again, changed_by: 8 }],
    ['into another state', [entry('1')], { ...again, to_state: 'COMPLETE' }],
    ['that was not the last', [entry('1'), entry('2', { note: 'y' })], again],
    ['that was forced', [entry('1', { forced: true })], again],
    ['that was the request', [entry('1', { from_state: null })], again],
    ['that was not recorded', [], again],
  ])('finds no repeat in a move %s', (_, history, move) => {
    expect(isRepeat(retirement, history, move)).toBe(false)
  })
})

describe('rewindTarget', () => {
  it.each(states)(
    'goes back from an end to where nothing was at work, and anew where that is unknown: $state_name',
    (last) => {
      const target = rewindTarget({ retirement: { ...retirementIn('ERRORED'), last_state: last.state_name }, states })
      const before = names.slice(0, names.indexOf(last.state_name) + 1)
      const isAtWork = (name: string) => states.find(({ state_name }) => state_name === name)?.kind === 'working'
      expect(target).toBe(last.kind === 'end' ? 'PENDING' : before.findLast((name) => !isAtWork(name)))
    },
  )
})
