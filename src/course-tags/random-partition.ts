import type { RandomBytes } from '../site/context.ts'
import { UserCoreError } from '../values/errors.ts'

/** A group of people. */
export interface PartitionGroup {
  readonly id: number
  readonly name: string
}

/** A way to divide people into groups. */
export interface Partition {
  readonly id: number
  readonly name: string
  /** How people get their group; only `random` is known. */
  readonly scheme: string
  readonly groups: readonly PartitionGroup[]
}

/** Key of the course tag that keeps the group of a partition. */
export function partitionKey(partition: Partition): string {
  return `xblock.partition_service.partition_${partition.id}`
}

/** The group that a stored tag names; undefined when it names none, or one that is gone. */
export function storedGroup(partition: Partition, value: string | null | undefined): PartitionGroup | undefined {
  if (!/^\s*\+?\d+\s*$/.test(value ?? '')) return undefined
  return partition.groups.find((group) => group.id === Number(value))
}

/** Draws a group, each with the same chance. Throws `partition_error` where there is none. */
export function drawGroup(partition: Partition, random: RandomBytes): PartitionGroup {
  const count = partition.groups.length
  // Numbers at the upper end would favour the first groups: they are drawn again.
  const limit = 2 ** 32 - (2 ** 32 % Math.max(count, 1))
  for (let attempt = 0; attempt < 100 && count > 0; attempt++) {
    const number = Buffer.from(random(4)).readUInt32BE()
    const group = number < limit ? partition.groups[number % count] : undefined
    if (group !== undefined) return group
  }
  throw new UserCoreError('partition_error', { params: { partition: partition.id } })
}
