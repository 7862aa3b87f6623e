import type { RetirementRow, RetirementStateRow, RetirementWorkRow } from '../../port/tables.ts'

/** A piece of a step whose start is stored. */
export interface Begun {
  readonly retirement: RetirementRow
  readonly work: RetirementWorkRow
  readonly state: RetirementStateRow
  readonly states: readonly RetirementStateRow[]
  /** The lease under which it runs. */
  readonly lease: string
  /** Tells whether the caller holds the lease of a claim, and goes on under it. */
  readonly isClaimed: boolean
}
