// Tags and partitions of courses

export type { CourseTagOperations } from './course-tags.ts'
export type { PartitionOperations } from './partitions.ts'
export type { Partition, PartitionGroup } from './random-partition.ts'
