import type { PersonRetirement } from './retirement-record.ts'
import type { CourseTagRow, DeactivationRow, OrgTagRow, PreferenceRow, UserRow } from './tables.ts'

/** The preferences of one person, as far as they were asked for; deleted ones are included for their versions. */
export interface PreferenceRecord {
  readonly user: UserRow
  readonly preferences: readonly PreferenceRow[]
  /** Those of the organisation that was asked for; empty when none was. */
  readonly org_tags: readonly OrgTagRow[]
  /** Those of the course that was asked for; empty when none was. */
  readonly course_tags: readonly CourseTagRow[]
  /** The number of preferences of the person in all, deleted ones not counted; 0 where they were not to be counted. */
  readonly preference_count: number
  readonly retirement: PersonRetirement
  /** Those that have not ended, where they were asked for: at most one. Whether it is over, a clock decides. */
  readonly deactivations: readonly DeactivationRow[]
}
