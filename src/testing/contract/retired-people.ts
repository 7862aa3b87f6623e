import assert from 'node:assert/strict'
import type { Repository } from '../../port/repository.ts'
import { type PersonRetirement, startState } from '../../port/retirement-record.ts'
import type { RetirementStateRow, UserId } from '../../port/tables.ts'
import { addUser } from '../rows.ts'
import { sampleRows } from './sample-rows.ts'

const later = 'LATER'

/** Stores people who differ in their retirement, the last one without a work item. Returns it by their ids. */
export async function addRetired(repository: Repository): Promise<Map<UserId, PersonRetirement>> {
  const states: RetirementStateRow[] = [
    { state_name: startState, state_execution_order: 1, kind: 'start', step: null, action: null },
    { state_name: later, state_execution_order: 11, kind: 'working', step: 'later', action: null },
  ]
  assert.equal(await repository.commit([{ insert: 'retirement_states', rows: states }]), true)
  const expected = new Map<UserId, PersonRetirement>([[await addUser(repository, 'ada'), 'none']])
  const people: readonly (readonly [string, string | undefined, PersonRetirement])[] = [
    ['bob', startState, 'requested'],
    ['cy', later, 'sealed'],
    ['dora', undefined, 'sealed'],
  ]
  for (const [name, state, retirement] of people) {
    const id = await addUser(repository, name)
    const { retirements: row, retirement_requests: request } = sampleRows(id, name)
    const item = state && { ...row, current_state: state, last_state: state }
    const isStored = await repository.commit([
      { insert: 'retirement_requests', rows: [{ ...request, is_started: retirement === 'sealed' }] },
      ...(item ? [{ insert: 'retirements', rows: [item] } as const] : []),
    ])
    assert.equal(isStored, true)
    expected.set(id, retirement)
  }
  return expected
}

interface Found {
  readonly user: { readonly id: UserId }
  readonly retirement: PersonRetirement
}

/** Returns the retirement of each person by their ids. */
export function retirementsOf(records: readonly Found[]): Map<UserId, PersonRetirement> {
  return new Map(records.map(({ user, retirement }) => [user.id, retirement]))
}
