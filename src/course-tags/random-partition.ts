import type { RandomBytes } from '../site/context.ts'
import { badArgument, requireKind } from '../values/arguments.ts'
import { nodeTypes } from '../values/built-ins.ts'
import { UserCoreError } from '../values/errors.ts'
import { callback, count, listOf, object, text } from '../values/kinds.ts'

/** One group of a partition. */
export interface PartitionGroup {
  readonly id: number
  readonly name: string
}

/** A way to divide people into groups. */
export interface Partition {
  readonly id: number
  readonly name: string
  /** The way in which people get their group; `random` is the only one. */
  readonly scheme: string
  readonly groups: readonly PartitionGroup[]
}

const wholeNumber = count(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
const groups = listOf(object({ id: wholeNumber, name: text }))
/** The kind of a partition. */
export const partitionKind = object({ id: wholeNumber, name: text, scheme: text, groups })

/** Returns the key of the course tag that keeps the group of a partition. */
export function partitionKey(partition: Partition): string {
  return `xblock.partition_service.partition_${partition.id}`
}

/** Returns the group that a stored tag names; undefined when it names none, or one that is gone. */
export function storedGroup(partition: Partition, value: string | null | undefined): PartitionGroup | undefined {
  if (!/^\s*\+?\d+\s*$/.test(value ?? '')) return undefined
  return partition.groups.find((group) => group.id === Number(value))
}

/** Throws `partition_error` for a partition of another scheme than `random`. */
export function requireRandom(partition: Partition): void {
  if (partition.scheme !== 'random')
    throw new UserCoreError('partition_error', { params: { partition: partition.id, reason: 'scheme' } })
}

/**
 * Returns a group of a random partition, each with the same chance. Nothing is stored: it serves a guest, who has no
 * account. `partitions.assign` stores the group of a person.
 *
 * ```ts
 * const groups = [{ id: 1, name: 'red' }, { id: 2, name: 'blue' }]
 * const colours = { id: 7, name: 'colours', scheme: 'random', groups }
 * const group = drawGroup(colours, (size) => crypto.getRandomValues(new Uint8Array(size)))
 * ```
 *
 * Throws `partition_error` for another scheme, or where there are no groups; `bad_request` for arguments of another kind.
 */
export function drawGroup(partition: Partition, random: RandomBytes): PartitionGroup {
  requireKind(partition, partitionKind, 'partition')
  requireKind(random, callback, 'random')
  requireRandom(partition)
  const count = partition.groups.length
  // Numbers at the upper end would favour the first groups: they are drawn again.
  const limit = 2 ** 32 - (2 ** 32 % Math.max(count, 1))
  for (let attempt = 0; attempt < 100 && count > 0; attempt++) {
    const bytes: unknown = random(4)
    if (!nodeTypes().isUint8Array(bytes) || bytes.length < 4)
      throw badArgument('random', 'a function that returns that many bytes')
    const number = Buffer.from(bytes).readUInt32BE()
    const group = number < limit ? partition.groups[number % count] : undefined
    if (group !== undefined) return group
  }
  throw new UserCoreError('partition_error', { params: { partition: partition.id, reason: 'no_group' } })
}
