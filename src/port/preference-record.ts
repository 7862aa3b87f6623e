import type { CourseTagRow, OrgTagRow, PreferenceRow, UserRow } from './tables.ts'

/** The preferences of one person, as far as they were asked for; deleted ones included, for their versions. */
export interface PreferenceRecord {
  readonly user: UserRow
  readonly preferences: readonly PreferenceRow[]
  /** Of the organisation that was asked for; empty when none was. */
  readonly org_tags: readonly OrgTagRow[]
  /** Of the course that was asked for; empty when none was. */
  readonly course_tags: readonly CourseTagRow[]
  /** How many preferences the person has in all, deleted ones not counted. */
  readonly preference_count: number
}
