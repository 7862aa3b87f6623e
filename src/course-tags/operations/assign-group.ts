import { message } from '../../outbox/messages.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { type Actor, isStaff, isSystem, personOf } from '../../site/actor.ts'
import { UserCoreError } from '../../values/errors.ts'
import { drawGroup, type Partition, partitionKey, storedGroup } from '../random-partition.ts'
import { loadCourseTag, targetOf } from './load-course-tags.ts'

export async function assignGroup(
  core: Core,
  actor: Actor,
  username: string | null | undefined,
  course_id: string,
  partition: Partition,
  { assign = true }: { readonly assign?: boolean },
): Promise<{ groupId: number } | null> {
  if (partition.scheme !== 'random') throw new UserCoreError('partition_error', { params: { partition: partition.id } })
  if (username == null && personOf(actor) === undefined && !isSystem(actor)) return guestGroup(core, partition, assign)
  const name = targetOf(actor, username, assign ? isSystem : isStaff)
  const key = partitionKey(partition)
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const { user, course_tags } = await loadCourseTag(core, name, course_id, key)
    const [stored] = course_tags
    const group = storedGroup(partition, stored?.value)
    if (group !== undefined) return { writes: [], result: { groupId: group.id } }
    if (!assign) return { writes: [], result: null }
    const drawn = drawGroup(partition, context.random)
    const row = { user_id: user.id, course_id, key, value: String(drawn.id), version: (stored?.version ?? 0) + 1 }
    const payload = {
      course_id,
      group_id: drawn.id,
      group_name: drawn.name,
      partition_id: partition.id,
      partition_name: partition.name,
    }
    return {
      people: [user],
      writes: [
        // Of two first calls at once one stores its group; the other looks again and finds it.
        { put: 'course_tags', rows: [row] },
        { insert: 'outbox', rows: [message('event', 'partition.assigned', user.id, payload, context)] },
      ],
      result: { groupId: drawn.id },
    }
  })
}

/** Draws a group of a guest, for one call: nothing is stored, and no message is sent. */
function guestGroup(core: Core, partition: Partition, assign: boolean): { groupId: number } | null {
  return assign ? { groupId: drawGroup(partition, contextOf(core).random).id } : null
}
