import type { PreferenceSchemas, PreferenceScopeKind, Preferences } from '../site/define-preferences.ts'
import type { Settings } from '../site/settings.ts'
import { type Issue, pointerTo } from '../values/issues.ts'
import { isEqual } from '../values/json.ts'
import { schemaIssues } from '../values/schema-issue.ts'
import { checkPreferenceValue, declaredText, preferenceReadings } from './preference-value.ts'
import { isReservedPreference } from './reserved-preferences.ts'

/** The result of checking a patch by the declarations. */
export interface DeclaredCheck {
  readonly issues: readonly Issue[]
  /** Keys whose new value is the default. */
  readonly defaults: ReadonlySet<string>
}

/**
 * Runs the schemas of declared preferences over a patch, and finds keys that the declarations do not allow in this
 * kind of scope (`undefined`: the person's own choice). Schemas get no value that could not be stored: the rules refuse
 * it.
 */
export async function checkDeclared(
  patch: Readonly<Record<string, unknown>>,
  { definitions, undeclared }: Preferences<PreferenceSchemas>,
  scope: PreferenceScopeKind | undefined,
  settings: Settings,
): Promise<DeclaredCheck> {
  const issues: Issue[] = []
  const defaults = new Set<string>()
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) continue
    const pointer = pointerTo('', key)
    const definition = Object.hasOwn(definitions, key) ? definitions[key] : undefined
    if (definition === undefined) {
      const isAllowed = scope === undefined && (undeclared === 'store' || isReservedPreference(key))
      if (!isAllowed) issues.push({ pointer, code: 'unknown_field' })
      continue
    }
    if (scope !== undefined && definition.scopes?.includes(scope) !== true) {
      issues.push({ pointer, code: 'unknown_field' })
      continue
    }
    if ('issues' in checkPreferenceValue(value, pointer, settings, declaredText)) continue
    const result = await definition.schema['~standard'].validate(value)
    if (result.issues !== undefined) issues.push(...schemaIssues(pointer, result.issues, definition))
    // In a scope the default is a choice like any other: without it, the person's own value would show through.
    else if (scope === undefined && isEqual(result.value, definition.default)) defaults.add(key)
  }
  return { issues, defaults }
}

/** The source of the value of a preference. */
export type PreferenceSource = PreferenceScopeKind | 'user' | 'default'

/** A preference as it applies to a person. */
export interface ResolvedPreference<Value> {
  readonly value: Value
  readonly source: PreferenceSource
}

/**
 * Returns the value that applies: of the first source that has one its schema takes, else the default. A stored text
 * that the schema does not take any more is passed over.
 */
export async function resolvePreference(
  definition: Preferences<PreferenceSchemas>['definitions'][string] | undefined,
  sources: readonly { readonly source: PreferenceSource; readonly text: string | null }[],
): Promise<ResolvedPreference<unknown>> {
  for (const { source, text } of sources) {
    if (text === null) continue
    if (definition === undefined) return { value: text, source }
    for (const reading of preferenceReadings(text)) {
      const result = await definition.schema['~standard'].validate(reading)
      if (result.issues === undefined) return { value: result.value, source }
    }
  }
  return { value: definition?.default ?? null, source: 'default' }
}
