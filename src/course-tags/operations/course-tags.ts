import type { CourseTagRow } from '../../port/tables.ts'
import { loadPreferences } from '../../preferences/operations/load-preferences.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, decideAndSave } from '../../runtime/core.ts'
import { permitToStore } from '../../runtime/permit.ts'
import { type Actor, isStaff, isSystem } from '../../site/actor.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import { isStorableText } from '../../values/json.ts'

export async function findCourseTags(
  core: Core,
  actor: Actor,
  whom: Whom,
  course_id: string,
  keys?: readonly string[],
): Promise<readonly CourseTagRow[]> {
  const holder = await requireHolderOr(core, actor, whom, isStaff)
  return (await loadPreferences(core, holder, { course_id, ...(keys === undefined ? {} : { keys }) })).course_tags
}

export async function setCourseTag(
  core: Core,
  actor: Actor,
  whom: Whom,
  course_id: string,
  key: string,
  value: string,
): Promise<void> {
  const fits = isStorableText(value) && Buffer.byteLength(value) <= core.settings.preference_max_bytes
  if (!fits) throw badArgument('value', 'text of up to preference_max_bytes bytes')
  const holder = await requireHolderOr(core, actor, whom, isSystem)
  await decideAndSave(core, async () => {
    const record = await loadPreferences(core, holder, { course_id, keys: [key] })
    const permit = permitToStore(core, actor, [record])
    const [stored] = record.course_tags
    if (stored?.value === value) return { writes: [], result: undefined }
    const row = { user_id: record.user.id, course_id, key, value, version: (stored?.version ?? 0) + 1 }
    return { writes: [{ put: 'course_tags', rows: [row] }], permit, result: undefined }
  })
}
