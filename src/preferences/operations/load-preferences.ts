import type { PreferenceRecord } from '../../port/preference-record.ts'
import type { PreferenceSelector } from '../../port/repository.ts'
import type { Core } from '../../runtime/core.ts'
import { byWhom, isFound } from '../../runtime/load-account.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'

/**
 * Loads preferences of one person, and tags of an organisation or a course; all preferences are counted where the
 * selector says so. Throws `user_not_found`. One statement.
 */
export async function loadPreferences(
  core: Core,
  whom: Whom,
  selector: Omit<PreferenceSelector, 'by'> = {},
): Promise<PreferenceRecord> {
  const [record] = await core.repository.findPreferences({ by: byWhom(core, whom), counted: false, ...selector })
  if (record === undefined || !isFound(core, whom, record.user)) throw new UserCoreError('user_not_found')
  return record
}
