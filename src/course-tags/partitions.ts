import { checkedOperations } from '../runtime/checked-operations.ts'
import type { Core } from '../runtime/core.ts'
import type { Actor } from '../site/actor.ts'
import type { Whom } from '../site/whom.ts'
import { partitionArguments } from './arguments.ts'
import { assignGroup } from './operations/assign-group.ts'
import type { Partition } from './random-partition.ts'

/**
 * Partitions: ways to divide people into groups, by chance. The group of a person is kept as a course tag.
 *
 * Besides the codes it names, every operation can throw `not_authenticated`, `not_authorized`, `user_not_found`,
 * `bad_request` for an argument that is not what its type says, and `internal_error`.
 */
export interface PartitionOperations {
  /**
   * Returns the group of a person in a random partition of a course. The first call draws it, and it is kept until the
   * partition no longer has it; parallel first calls all return the same group. With `assign: false` no group is drawn:
   * the result is null where there is none. A guest, who has not logged in, has no account: `drawGroup` draws a group for
   * one call. For the holder and trusted code; with `assign: false` for staff too.
   *
   * ```ts
   * const groups = [{ id: 1, name: 'red' }, { id: 2, name: 'blue' }]
   * const colours = { id: 7, name: 'colours', scheme: 'random', groups }
   * const group = await users.partitions.assign(ada, ada, 'course-v1:OrgX+C+R', colours)
   * ```
   *
   * Throws `partition_error` for another scheme, or where there are no groups. Source: Open edX,
   * `RandomUserPartitionScheme`.
   */
  assign(
    actor: Actor,
    whom: Whom,
    courseId: string,
    partition: Partition,
    options?: { readonly assign?: boolean },
  ): Promise<{ readonly groupId: number } | null>
}

export function partitionOperations(core: Core): PartitionOperations {
  return checkedOperations<PartitionOperations>(core, 'partitions', partitionArguments, {
    assign: (actor, whom, courseId, partition, options = {}) =>
      assignGroup(core, actor, whom, courseId, partition, options),
  })
}
