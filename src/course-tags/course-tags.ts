import { preferenceValue, preferenceValues } from '../preferences/change-preferences.ts'
import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import type { Whom } from '../site/whom.ts'
import { courseTagArguments } from './arguments.ts'
import { findCourseTags, setCourseTag } from './operations/course-tags.ts'

/**
 * Course tags: small texts under a key, kept for a person and a course.
 *
 * Besides the codes it names, every operation can throw `not_authenticated`, `not_authorized`, `user_not_found`,
 * `bad_request` for an argument that is not what its type says, and `internal_error`.
 */
export interface CourseTagOperations {
  /**
   * Returns one tag of a person in a course; null where there is none. For the holder, staff and trusted code.
   *
   * ```ts
   * const seen = await users.courseTags.get(ada, ada, 'course-v1:OrgX+C+R', 'welcome')
   * ```
   */
  get(actor: Actor, whom: Whom, courseId: string, key: string): Promise<string | null>

  /**
   * Returns all tags of a person in a course, by key. For the holder, staff and trusted code.
   *
   * ```ts
   * const tags = await users.courseTags.getAll(staff, 'ada', 'course-v1:OrgX+C+R')
   * ```
   */
  getAll(actor: Actor, whom: Whom, courseId: string): Promise<Record<string, string>>

  /**
   * Sets a tag of a person in a course. For the holder and trusted code.
   *
   * ```ts
   * await users.courseTags.set(ada, ada, 'course-v1:OrgX+C+R', 'welcome', 'seen')
   * ```
   *
   * Throws `bad_request` for a course, a key or a value that cannot be stored, and for a value larger than the setting
   * `preference_max_bytes`.
   */
  set(actor: Actor, whom: Whom, courseId: string, key: string, value: string): Promise<void>
}

export function courseTagOperations(core: Core): CourseTagOperations {
  return checkedOperations<CourseTagOperations>(core, 'courseTags', courseTagArguments, {
    get: async (actor, whom, courseId, key) =>
      preferenceValue(await findCourseTags(core, actor, whom, courseId, [key]), key),
    getAll: async (actor, whom, courseId) => preferenceValues(await findCourseTags(core, actor, whom, courseId)),
    set: (actor, whom, courseId, key, value) => setCourseTag(core, actor, whom, courseId, key, value),
  })
}
