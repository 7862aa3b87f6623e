import type { RetirementRow, RetirementStateRow, UserRow } from './tables.ts'

/** A retirement with the person as they are now. */
export interface RetirementRecord {
  readonly retirement: RetirementRow
  readonly user: UserRow
  /** The name in the profile; undefined for a person without a profile. */
  readonly profile_name: string | undefined
}

/**
 * Work that the library does itself while a retirement is in a working state; see
 * `retirement.runStep`.
 */
export type RetirementAction = NonNullable<RetirementStateRow['action']>

/** The state of a retirement that can still be cancelled. */
export const startState = 'PENDING'

/** The actions of states that Open edX knows by name. */
export const knownActions: Readonly<Record<string, RetirementAction>> = {
  RETIRING_LMS: 'account',
  RETIRING_LMS_MISC: 'misc',
  ADDING_TO_PARTNER_QUEUE: 'partner_report',
}
