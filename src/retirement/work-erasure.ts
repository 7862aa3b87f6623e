import type { UserId } from '../port/tables.ts'
import type { Write } from '../port/write.ts'

/** Returns the writes that overwrite the work on some retirements, then delete it. */
export function workErasure(user_id: readonly UserId[]): Write[] {
  return [
    { update: 'retirement_work', set: { identifiers: {}, cursor: null }, where: { user_id } },
    { delete: 'retirement_work', where: { user_id } },
  ]
}

/** Returns the writes that overwrite the results of the steps of some retirements, then delete them. */
export function resultsErasure(user_id: readonly UserId[]): Write[] {
  return [
    { update: 'retirement_step_results', set: { retained: {} }, where: { user_id } },
    { delete: 'retirement_step_results', where: { user_id } },
  ]
}
