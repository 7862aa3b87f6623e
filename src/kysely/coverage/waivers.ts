import { configError } from '../../values/arguments.ts'
import { type Instant, toInstant } from '../../values/instant.ts'
import type { CoverageProblem, Waiver } from './coverage-problem.ts'

/** Mistakes in a declaration itself, which are put right there. */
const neverWaived: readonly CoverageProblem['code'][] = ['no_table', 'no_column', 'no_key', 'broken_path']

/** A waiver, and whether it has come to its end. */
export interface ReadWaiver extends Waiver {
  readonly hasEnded: boolean
}

/** Reads waivers at a moment. Throws `config_error` for an end that is neither a moment nor a day. */
export function readWaivers(waivers: readonly Waiver[], at: Instant): ReadWaiver[] {
  return waivers.map((waiver, index) => {
    const { until } = waiver
    if (until === undefined) return { ...waiver, hasEnded: false }
    const end = toInstant(/^\d{4}-\d\d-\d\d$/.test(until) ? `${until}T00:00:00Z` : until)
    if (end === undefined) throw configError(`waivers.${index}.until`, 'a day or a moment in ISO 8601')
    return { ...waiver, hasEnded: end <= at }
  })
}

/** Takes away the problems that are waived, and adds those of the waivers. */
export function waive(problems: readonly CoverageProblem[], waivers: readonly ReadWaiver[]): CoverageProblem[] {
  const covers = (waiver: Waiver, { code, table, column }: CoverageProblem) =>
    !neverWaived.includes(code) && waiver.table === table && (waiver.column ?? column) === column
  const inForce = waivers.filter(({ hasEnded }) => !hasEnded)
  return [
    ...problems.filter((problem) => !inForce.some((waiver) => covers(waiver, problem))),
    ...waivers.flatMap((waiver): CoverageProblem[] => {
      const { table, column = null } = waiver
      const place = { table, column }
      const name = column === null ? table : `${table}.${column}`
      if (!problems.some((problem) => covers(waiver, problem)))
        return [{ code: 'stale_waiver', ...place, sentence: `Nothing of ${name} is to be waived: remove the waiver.` }]
      if (!waiver.hasEnded) return []
      return [{ code: 'expired_waiver', ...place, sentence: `The waiver of ${name} has come to its end.` }]
    }),
  ]
}
