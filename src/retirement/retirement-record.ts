import type { RetirementRow, UserRow } from '../tables.ts'

/** A retirement with the person as they are now. */
export interface RetirementRecord {
  readonly retirement: RetirementRow
  readonly user: UserRow
  /** The name in the profile; undefined for a person without one. */
  readonly profile_name: string | undefined
}
