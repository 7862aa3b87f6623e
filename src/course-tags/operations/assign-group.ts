import { message } from '../../outbox/messages.ts'
import { loadPreferences } from '../../preferences/operations/load-preferences.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { type Actor, isStaff, isSystem } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { drawGroup, type Partition, partitionKey, requireRandom, storedGroup } from '../random-partition.ts'

export async function assignGroup(
  core: Core,
  actor: Actor,
  whom: Whom,
  course_id: string,
  partition: Partition,
  { assign = true }: { readonly assign?: boolean },
): Promise<{ groupId: number } | null> {
  requireRandom(partition)
  const holder = await requireHolderOr(core, actor, whom, assign ? isSystem : isStaff)
  const key = partitionKey(partition)
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const record = await loadPreferences(core, holder, { course_id, keys: [key] })
    const { user, course_tags } = record
    const [stored] = course_tags
    const group = storedGroup(partition, stored?.value)
    if (group !== undefined) return { writes: [], result: { groupId: group.id } }
    if (!assign) return { writes: [], result: null }
    const permit = permitToStore(core, actor, [record])
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
      permit,
      writes: [
        // Of two first calls at once one stores its group; the other looks again and finds it.
        { put: 'course_tags', rows: [row] },
        { insert: 'outbox', rows: [message('event', 'partition.assigned', user.id, payload, context)] },
      ],
      result: { groupId: drawn.id },
    }
  })
}
