import { message } from '../../outbox/messages.ts'
import type { PreferenceRecord } from '../../port/preference-record.ts'
import type { CourseTagRow } from '../../port/tables.ts'
import { type Core, contextOf, decideAndSave } from '../../runtime/core.ts'
import { byUsernames } from '../../runtime/load-account.ts'
import { type Actor, isStaff, isSystem, personOf } from '../../site/actor.ts'
import { badArgument } from '../../values/arguments.ts'
import { UserCoreError } from '../../values/errors.ts'
import { isStorableText } from '../../values/json.ts'
import { identifierKey } from '../../values/text.ts'
import { drawGroup, type Partition, partitionKey, storedGroup } from '../random-partition.ts'
import { targetOf } from './email-opt-in.ts'

export async function findCourseTags(
  core: Core,
  actor: Actor,
  username: string | null | undefined,
  course_id: string,
  keys?: readonly string[],
): Promise<CourseTagRow[]> {
  const name = targetOf(actor, username, isStaff)
  const [user] = await core.repository.select('users', { username_key: identifierKey(name) })
  if (user === undefined) throw new UserCoreError('user_not_found')
  const wanted = keys === undefined ? {} : { key: keys }
  return core.repository.select('course_tags', { user_id: user.id, course_id, ...wanted })
}

export async function setCourseTag(
  core: Core,
  actor: Actor,
  username: string | null | undefined,
  tag: { readonly course_id: string; readonly key: string; readonly value: string },
): Promise<void> {
  const name = targetOf(actor, username, isSystem)
  const { course_id, key, value } = tag
  const isText = typeof value === 'string' && isStorableText(value)
  if (!isText || Buffer.byteLength(value) > core.settings.preference_max_bytes) throw badArgument('value')
  await decideAndSave(core, async () => {
    const { user, course_tags } = await loadCourseTag(core, name, course_id, key)
    const [stored] = course_tags
    if (stored?.value === value) return { writes: [], result: undefined }
    const row = { user_id: user.id, course_id, key, value, version: (stored?.version ?? 0) + 1 }
    return { writes: [{ put: 'course_tags', rows: [row] }], people: [user], result: undefined }
  })
}

export async function assignGroup(
  core: Core,
  actor: Actor,
  username: string | null | undefined,
  course_id: string,
  partition: Partition,
  { assign = true }: { readonly assign?: boolean },
): Promise<{ group_id: number } | null> {
  if (partition.scheme !== 'random') throw new UserCoreError('partition_error', { params: { partition: partition.id } })
  if (username == null && personOf(actor) === undefined && !isSystem(actor)) return guestGroup(core, partition, assign)
  const name = targetOf(actor, username, assign ? isSystem : isStaff)
  const key = partitionKey(partition)
  return decideAndSave(core, async () => {
    const context = contextOf(core)
    const { user, course_tags } = await loadCourseTag(core, name, course_id, key)
    const [stored] = course_tags
    const group = storedGroup(partition, stored?.value)
    if (group !== undefined) return { writes: [], result: { group_id: group.id } }
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
      result: { group_id: drawn.id },
    }
  })
}

/** Somebody who is not logged in gets a group for this call: nothing is stored, and nothing told. */
function guestGroup(core: Core, partition: Partition, assign: boolean): { group_id: number } | null {
  return assign ? { group_id: drawGroup(partition, contextOf(core).random).id } : null
}

async function loadCourseTag(core: Core, username: string, course_id: string, key: string): Promise<PreferenceRecord> {
  const by = byUsernames([username])
  const [record] = await core.repository.findPreferences({ by, course_id, keys: [key] })
  if (record === undefined) throw new UserCoreError('user_not_found')
  return record
}
