import type { PreferenceRecord } from '../../port/preference-record.ts'
import type { Core } from '../../runtime/core.ts'
import { byWhom } from '../../runtime/load-account.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'

/** Loads a person with one course tag. Throws `user_not_found`. */
export async function loadCourseTag(core: Core, whom: Whom, course_id: string, key: string): Promise<PreferenceRecord> {
  const [record] = await core.repository.findPreferences({ by: byWhom(core, whom), course_id, keys: [key] })
  if (record === undefined) throw new UserCoreError('user_not_found')
  return record
}
