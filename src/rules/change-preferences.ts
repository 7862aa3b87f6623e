import { changePreferences as applyPatch, oversizeIssues } from '../preferences/change-preferences.ts'
import type { PreferenceSource, ResolvedPreference } from '../preferences/declared-values.ts'
import { preferenceReadings } from '../preferences/preference-value.ts'
import type { Context } from '../site/context.ts'
import type { PreferenceDefinition, PreferenceSchemas, Preferences } from '../site/define-preferences.ts'
import { isThenable } from '../site/hook.ts'
import { configError } from '../values/arguments.ts'
import type { Checked } from '../values/checked.ts'
import type { JsonValue } from '../values/json.ts'

/** Texts of preferences by key, as they are stored. */
export type PreferenceTexts = Readonly<Record<string, string>>

/** Preferences after a change. */
export interface ChangedPreferences {
  /** Every preference of the person in that scope. */
  readonly preferences: PreferenceTexts
  /** The keys that have another text, or none any more. */
  readonly changed: readonly string[]
}

/**
 * Applies a merge patch to the preferences of a person: a key gets its value as text, null deletes it. Returns the
 * preferences after it, or every issue. `declared` says which keys the site declares: their texts keep the type of the
 * value. Its schemas are not run, since they may wait: the operations of a core run them.
 *
 * Expects texts by key as they are stored, an object as the patch, and a context of `ruleContext`; their types are
 * not checked. The values of the patch can be any JSON.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * changePreferences({ theme: 'dark', draft: 'x' }, { theme: 'light', draft: null }, context)
 * // { value: { preferences: { theme: 'light' }, changed: ['theme', 'draft'] } }
 * ```
 */
export function changePreferences(
  stored: PreferenceTexts,
  patch: Readonly<Record<string, JsonValue>>,
  context: Context,
  declared?: Preferences<PreferenceSchemas>,
): Checked<ChangedPreferences> {
  const before = Object.entries(stored)
  const issues = oversizeIssues(patch, context)
  if (issues.length > 0) return { issues }
  const request = {
    count: before.length,
    maxCount: context.settings.preferences_max_keys,
    refusals: [],
    defaults: new Set<string>(),
    definitions: declared?.definitions ?? {},
  }
  const rows = before.map(([key, value]) => ({ key, value, version: 1 }))
  const checked = applyPatch(rows, patch, request, context)
  if ('issues' in checked) return checked
  const after = new Map<string, string | null>(before)
  for (const { key, value } of checked.value.put) after.set(key, value)
  const texts = [...after].filter((entry): entry is [string, string] => entry[1] !== null)
  return { value: { preferences: Object.fromEntries(texts), changed: checked.value.put.map(({ key }) => key) } }
}

/** The stored texts of one preference, by scope; one that is left out has none. */
export type PreferenceCandidates = { readonly [Source in Exclude<PreferenceSource, 'default'>]?: string }

/**
 * Returns the value of a preference that applies: of the course, else of the organisation, else the choice of the
 * person, else the default. A text that the schema does not take any more is passed over.
 *
 * Throws `config_error` for a schema that waits: the operations of a core take such ones.
 *
 * Expects a definition that `definePreferences` takes, and texts as they are stored; neither is checked.
 *
 * ```ts
 * const theme = { schema: z.enum(['light', 'dark']), default: 'light' } as const
 * resolvePreference(theme, { user: 'dark', org: 'blue' }) // { value: 'dark', source: 'user' }
 * ```
 */
export function resolvePreference(
  definition: PreferenceDefinition | undefined,
  stored: PreferenceCandidates,
): ResolvedPreference<unknown> {
  for (const source of ['course', 'org', 'user'] as const) {
    const text = stored[source]
    if (text === undefined) continue
    if (definition === undefined) return { value: text, source }
    for (const reading of preferenceReadings(text)) {
      const result = definition.schema['~standard'].validate(reading)
      if (isThenable(result)) {
        // No other code would handle its rejection.
        Promise.resolve(result).catch(() => {})
        throw configError('schema', 'one that does not wait')
      }
      if (result.issues === undefined) return { value: result.value, source }
    }
  }
  return { value: definition?.default ?? null, source: 'default' }
}
