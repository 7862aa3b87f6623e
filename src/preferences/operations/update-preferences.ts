import { message } from '../../outbox/messages.ts'
import type { SettingChange } from '../../outbox/told-change.ts'
import type { PreferenceRecord } from '../../port/preference-record.ts'
import type { Write } from '../../port/write.ts'
import { type Core, contextOf, decideAndSave, refusal, reportingAs } from '../../runtime/core.ts'
import { userRef } from '../../runtime/load-account.ts'
import { readOnlyIssues } from '../../runtime/read-only.ts'
import type { Actor } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { PreferenceSchemas, Preferences } from '../../site/define-preferences.ts'
import { badArgument } from '../../values/arguments.ts'
import { instantOf } from '../../values/instant.ts'
import { isPlainObject } from '../../values/json.ts'
import { changePreferences, isEmptyPatch, oversizeIssues, type StoredPreference } from '../change-preferences.ts'
import { checkDeclared } from '../declared-values.ts'
import { isAccountPreference } from '../reserved-preferences.ts'
import { tellPreference } from '../tell-preference.ts'
import { loadPreferences, targetOf } from './load-preferences.ts'

/** Where values are set: for the person as such, for one organisation, or for one course. */
export interface PreferencePlace {
  /** Name of an organisation, at most 255 characters. */
  readonly org?: string
  /** Id of a course, at most 255 characters. To set a value, name one of the two; to resolve one, both may stand. */
  readonly course_id?: string
}

/** How to store preferences. */
export interface UpdatePreferencesOptions extends PreferencePlace {
  /**
   * Whether values that equal the declared default are stored, so that they stay when the default changes. Default
   * false: they are not, and an earlier choice goes away.
   */
  readonly pin?: boolean
}

/** What a change of preferences came to. */
export interface UpdatePreferencesResult {
  /** What changed, as the texts that `get` gives. Empty: nothing did, and nothing was written. */
  readonly changes: readonly SettingChange[]
}

export async function updatePreferences(
  core: Core,
  declared: Preferences<PreferenceSchemas>,
  actor: Actor,
  username: string | null | undefined,
  patch: Readonly<Record<string, unknown>>,
  options: UpdatePreferencesOptions,
): Promise<UpdatePreferencesResult> {
  const name = targetOf(actor, username, 'write')
  if (!isPlainObject(patch) || isEmptyPatch(patch as never)) {
    throw badArgument('patch', 'an object with at least one key')
  }
  const place = placeOf(options)
  const keys = Object.keys(patch)
  return reportingAs('preference_update_error', async () => {
    const context = contextOf(core)
    const oversize = oversizeIssues(patch, context)
    if (oversize.length > 0) throw refusal('preference_validation_error', oversize, core)
    const { issues: schemaIssues, defaults } = await checkDeclared(patch, declared, place.scope, core.settings)
    return decideAndSave(core, async () => {
      const record = await loadPreferences(core, name, { keys, ...place.selector })
      const stored = place.rowsOf(record)
      const readOnly = await readOnlyIssues(core, actor, userRef(record.user), keys.filter(isAccountPreference))
      const request = {
        // Tags are few, and only declared keys become tags.
        count: place.scope === undefined ? record.preference_count : 0,
        maxCount: core.settings.preferences_max_keys,
        refusals: [...readOnly, ...schemaIssues],
        defaults: options.pin === true ? new Set<string>() : defaults,
        definitions: declared.definitions,
      }
      const checked = changePreferences(stored, patch, request, context)
      if ('issues' in checked) throw refusal('preference_validation_error', checked.issues, core)
      const { put, changes } = checked.value
      if (put.length === 0) return { writes: [], result: { changes } }
      return {
        people: [record.user],
        writes: [place.write(record, put, context), event(record, changes, place.selector, declared, context)],
        result: { changes },
      }
    })
  })
}

/** One of the three tables that a value can be stored in. */
interface Place {
  readonly scope: 'org' | 'course' | undefined
  readonly selector: PreferencePlace
  rowsOf(record: PreferenceRecord): readonly StoredPreference[]
  write(record: PreferenceRecord, put: readonly StoredPreference[], context: Context): Write
}

function placeOf({ org, course_id }: PreferencePlace): Place {
  if (org !== undefined && course_id !== undefined) {
    throw badArgument('course_id', 'left out where org is given')
  }
  if (org !== undefined) {
    return {
      scope: 'org',
      selector: { org },
      rowsOf: (record) => record.org_tags,
      write: (record, put, context) => {
        const now = instantOf(context.now)
        const created = new Map(record.org_tags.map((row) => [row.key, row.created_at]))
        const rows = put.map((row) => ({
          user_id: record.user.id,
          org,
          ...row,
          created_at: created.get(row.key) ?? now,
          modified_at: now,
        }))
        return { put: 'org_tags', rows }
      },
    }
  }
  if (course_id !== undefined) {
    return {
      scope: 'course',
      selector: { course_id },
      rowsOf: (record) => record.course_tags,
      write: ({ user }, put) => ({
        put: 'course_tags',
        rows: put.map((row) => ({ user_id: user.id, course_id, ...row })),
      }),
    }
  }
  return {
    scope: undefined,
    selector: {},
    rowsOf: (record) => record.preferences,
    write: ({ user }, put) => ({ put: 'preferences', rows: put.map((row) => ({ user_id: user.id, ...row })) }),
  }
}

/** The event `preferences.changed`. */
function event(
  record: PreferenceRecord,
  changes: readonly SettingChange[],
  { org, course_id }: PreferencePlace,
  { definitions }: Preferences<PreferenceSchemas>,
  context: Context,
): Write {
  const told = changes.map((change) => tellPreference(change, definitions, context))
  const payload = {
    changes: told,
    ...(org === undefined ? {} : { org }),
    ...(course_id === undefined ? {} : { course_id }),
  }
  return { insert: 'outbox', rows: [message('event', 'preferences.changed', record.user.id, payload, context)] }
}
