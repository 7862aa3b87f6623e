import type { ArgumentTable } from '../runtime/checked-operations.ts'
import { actor, argument, boolean, name, options, text, whom } from '../values/kinds.ts'
import type { CourseTagOperations } from './course-tags.ts'
import type { PartitionOperations } from './partitions.ts'
import { partitionKind } from './random-partition.ts'

const courseId = argument('courseId', name)
const key = argument('key', name)

/** The arguments of each operation of course tags. */
export const courseTagArguments: ArgumentTable<CourseTagOperations> = {
  get: [actor, whom, courseId, key],
  getAll: [actor, whom, courseId],
  set: [actor, whom, courseId, key, argument('value', text)],
}

/** The arguments of each operation of partitions. */
export const partitionArguments: ArgumentTable<PartitionOperations> = {
  assign: [actor, whom, courseId, argument('partition', partitionKind), options({ assign: boolean })],
}
