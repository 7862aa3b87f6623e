import type { ArgumentTable } from '../runtime/checked-operations.ts'
import { actor, argument, boolean, count, listOf, name, object, options, text, whom } from '../values/kinds.ts'
import type { CourseTagOperations } from './course-tags.ts'
import type { PartitionOperations } from './partitions.ts'

const courseId = argument('courseId', name)
const key = argument('key', name)
const number = count(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
const groups = listOf(object({ id: number, name: text }))

/** The arguments of each operation of course tags. */
export const courseTagArguments: ArgumentTable<CourseTagOperations> = {
  get: [actor, whom, courseId, key],
  getAll: [actor, whom, courseId],
  set: [actor, whom, courseId, key, argument('value', text)],
}

/** The arguments of each operation of partitions. */
export const partitionArguments: ArgumentTable<PartitionOperations> = {
  assign: [
    actor,
    whom,
    courseId,
    argument('partition', object({ id: number, name: text, scheme: text, groups })),
    options({ assign: boolean }),
  ],
}
