import { message } from '../../outbox/messages.ts'
import type { SettingChange } from '../../outbox/told-change.ts'
import type { PreferenceRecord } from '../../port/preference-record.ts'
import type { Write } from '../../port/write.ts'
import { requireHolderOr } from '../../runtime/authorize.ts'
import { type Core, contextOf, refusal, reportingAs } from '../../runtime/core.ts'
import { userRef } from '../../runtime/load-account.ts'
import { decideOnce, type OnceOptions, onceUnder, type Replayable } from '../../runtime/once.ts'
import { permitToStore, permitToWithdraw } from '../../runtime/permit.ts'
import { readOnlyIssues } from '../../runtime/read-only.ts'
import { type Actor, isSystem } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { PreferenceSchemas, Preferences } from '../../site/define-preferences.ts'
import type { Whom } from '../../site/whom.ts'
import { badArgument } from '../../values/arguments.ts'
import { isPlainObject } from '../../values/json.ts'
import { changePreferences, isEmptyPatch, oversizeIssues } from '../change-preferences.ts'
import { checkDeclared } from '../declared-values.ts'
import { isAccountPreference } from '../reserved-preferences.ts'
import { type PreferenceScope, selectorOf, tableOf } from '../scope.ts'
import { tellPreference } from '../tell-preference.ts'
import { loadPreferences } from './load-preferences.ts'

/** Options of storing preferences: the scope that they are set in, and whether defaults are stored. */
export interface UpdatePreferencesOptions extends PreferenceScope, OnceOptions {
  /**
   * Whether values that equal the declared default are stored, so that they stay when the default changes. Default
   * false: they are not, and an earlier choice is deleted.
   */
  readonly pin?: boolean
}

/** The result of a change of preferences. */
export interface UpdatePreferencesResult extends Replayable {
  /** The changes, with the texts that `get` returns. Empty where nothing changed, as by a replay. */
  readonly changes: readonly SettingChange[]
}

export async function updatePreferences(
  core: Core,
  declared: Preferences<PreferenceSchemas>,
  actor: Actor,
  whom: Whom,
  patch: Readonly<Record<string, unknown>>,
  { pin = false, idempotencyKey: key, ...scope }: UpdatePreferencesOptions,
): Promise<UpdatePreferencesResult> {
  if (!isPlainObject(patch) || isEmptyPatch(patch as never)) {
    throw badArgument('patch', 'an object with at least one key')
  }
  const table = tableOf(scope)
  const holder = await requireHolderOr(core, actor, whom, isSystem)
  const keys = Object.keys(patch)
  return reportingAs('preference_update_error', async () => {
    const context = contextOf(core)
    const oversize = oversizeIssues(patch, context)
    if (oversize.length > 0) throw refusal('preference_validation_error', oversize, core)
    const once = onceUnder<UpdatePreferencesResult>(
      core,
      { key, operation: 'preferences.update', actor, whom, input: { patch, pin, scope } },
      () => ({ changes: [], replayed: true }),
      context,
    )
    const permitTo = Object.values(patch).every((value) => value === null) ? permitToWithdraw : permitToStore
    const { issues: schemaIssues, defaults } = await checkDeclared(patch, declared, table.kind, core.settings)
    return decideOnce(core, once, async () => {
      const record = await loadPreferences(core, holder, { keys, ...selectorOf(scope), counted: true })
      const permit = permitTo(core, actor, [record])
      const readOnly = await readOnlyIssues(core, actor, userRef(record.user), keys.filter(isAccountPreference))
      const request = {
        // Tags are few, and only declared keys become tags.
        count: table.kind === undefined ? record.preference_count : 0,
        maxCount: core.settings.preferences_max_keys,
        refusals: [...readOnly, ...schemaIssues],
        defaults: pin ? new Set<string>() : defaults,
        definitions: declared.definitions,
      }
      const checked = changePreferences(table.rowsOf(record), patch, request, context)
      if ('issues' in checked) throw refusal('preference_validation_error', checked.issues, core)
      const { put, changes } = checked.value
      return {
        permit,
        writes:
          put.length === 0 ? [] : [table.write(record, put, context), event(record, changes, scope, declared, context)],
        result: { changes, replayed: false },
        remembered: { user_id: record.user.id, reference: {} },
      }
    })
  })
}

/** Makes the event `preferences.changed`. */
function event(
  { user }: PreferenceRecord,
  changes: readonly SettingChange[],
  scope: PreferenceScope,
  { definitions }: Preferences<PreferenceSchemas>,
  context: Context,
): Write {
  const told = changes.map((change) => tellPreference(change, definitions, context))
  const payload = { changes: told, ...selectorOf(scope) }
  return { insert: 'outbox', rows: [message('event', 'preferences.changed', user.id, payload, context)] }
}
