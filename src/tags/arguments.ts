import type { ArgumentTable } from '../runtime/checked-operations.ts'
import {
  actor,
  argument,
  boolean,
  callback,
  count,
  iterable,
  listOf,
  name,
  object,
  optional,
  options,
  ownOrUsername,
  size,
  text,
} from '../values/kinds.ts'
import type { TagOperations } from './tags.ts'

const course_id = argument('course_id', name)
const exported = {
  items: [actor, argument('request', object({ orgs: listOf(text), courses: optional(listOf(text)) }))],
} as const
const number = count(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)

/** What the operations of tags take. */
export const tagArguments: ArgumentTable<TagOperations> = {
  updateEmailOptIn: [
    actor,
    ownOrUsername,
    argument(
      'choice',
      object({
        org: optional(name),
        opt_in: optional(boolean),
        course_id: optional(text),
        email_opt_in: optional(text),
      }),
    ),
  ],
  getEmailOptIn: [actor, ownOrUsername, argument('org', name)],
  exportEmailOptIns: exported,
  exportEmailOptInsAsCsv: exported,
  bulkEmailOptOut: [
    actor,
    argument('rows', iterable),
    options({ dryRun: boolean, batchSize: size, onProgress: callback }),
  ],
  getCourseTag: [actor, ownOrUsername, course_id, argument('key', name)],
  getCourseTags: [actor, ownOrUsername, course_id],
  setCourseTag: [actor, ownOrUsername, argument('tag', object({ course_id: name, key: name, value: text }))],
  assignGroup: [
    actor,
    ownOrUsername,
    course_id,
    argument(
      'partition',
      object({ id: number, name: text, scheme: text, groups: listOf(object({ id: number, name: text })) }),
    ),
    options({ assign: boolean }),
  ],
}
