import { requireText } from './arguments.ts'

/**
 * Returns the organisation in the id of a course: `OrgX` in `course-v1:OrgX+CS1+2026` and in the older `OrgX/CS1/2026`.
 * Returns `undefined` for a text that is no id of a course. Source: the course keys of Open edX.
 *
 * ```ts
 * orgOfCourse('course-v1:OrgX+CS1+2026') // 'OrgX'
 * ```
 */
export function orgOfCourse(course_id: string): string | undefined {
  requireText(course_id, 'course_id')
  const match =
    /^course-v1:([^/+\s]+)\+[^/+\s]+\+[^/+\s]+$/.exec(course_id) ??
    /^(?!course-v1:)([^/+\s]+)\/[^/+\s]+\/[^/+\s]+$/.exec(course_id)
  return match?.[1]
}
