import type { RetirementHistoryRow } from '../port/tables.ts'

/** Returns the generation of each move of a person, oldest first, by that of the request that is there now, if any. */
export function generationsOf(history: readonly RetirementHistoryRow[], current: number | undefined): number[] {
  let generation = current ?? 0
  return history
    .toReversed()
    .map(({ from_state, to_state }) => {
      // A cancellation has taken one back.
      if (to_state === null) generation++
      const own = Math.max(generation, 1)
      if (to_state !== null && from_state === null) generation--
      return own
    })
    .reverse()
}
