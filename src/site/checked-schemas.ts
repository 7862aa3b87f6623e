import type { StandardSchemaV1 } from '@standard-schema/spec'
import { isEvery, isPlainObject, type JsonObject } from '../values/json.ts'
import type { ExtendedFields, ExtendedProfile, UpgradeDocument } from './define-extended-profile.ts'
import type { PreferenceSchemas, Preferences, UndeclaredPreferences } from './define-preferences.ts'
import { askInTime, atOnce, type Hook } from './hook.ts'

/**
 * Returns the extended profile of a site with schemas and upgrades whose results are checked by their types, and that
 * have to be in time.
 */
export function checkedExtendedProfile<Fields extends ExtendedFields>(
  { fields, upgrades, ...rest }: ExtendedProfile<Fields>,
  timeoutMs: number,
): ExtendedProfile<Fields> {
  return {
    ...rest,
    fields: mapped(fields, (name, field) => {
      return { ...field, schema: checkedSchema(field.schema, { name: `extendedProfile.${name}`, timeoutMs }) }
    }),
    upgrades: mapped(upgrades, (version, upgrade): UpgradeDocument => {
      return (document) => atOnce(`extendedProfile.upgrades.${version}`, isDocument, upgrade(document))
    }),
  }
}

/**
 * Returns the preferences of a site with schemas whose results are checked by their types, and that have to be in time.
 */
export function checkedPreferences<Schemas extends PreferenceSchemas, Undeclared extends UndeclaredPreferences>(
  { definitions, ...rest }: Preferences<Schemas, Undeclared>,
  timeoutMs: number,
): Preferences<Schemas, Undeclared> {
  return {
    ...rest,
    definitions: mapped(definitions, (key, definition) => {
      return { ...definition, schema: checkedSchema(definition.schema, { name: `preferences.${key}`, timeoutMs }) }
    }),
  }
}

/** Makes an object of the same names with other members, which are of the same types: the cast says so. */
function mapped<Members extends object>(
  members: Members,
  change: (name: string, member: Members[keyof Members]) => Members[keyof Members],
): Members {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, change(name, member as Members[keyof Members])]),
  ) as Members
}

function checkedSchema<Schema extends StandardSchemaV1>(schema: Schema, hook: Hook): Schema {
  const standard: StandardSchemaV1.Props = schema['~standard']
  const validate = (value: unknown) => askInTime(hook, isResult, () => standard.validate(value))
  return { '~standard': { ...standard, validate } } as Schema
}

/**
 * Tells whether a result is a value, or issues with a message each; results of some libraries are of classes of their
 * own.
 */
function isResult(answer: unknown): answer is StandardSchemaV1.Result<unknown> {
  if ((typeof answer !== 'object' && typeof answer !== 'function') || answer === null) return false
  const issues: unknown = Reflect.get(answer, 'issues')
  if (issues === undefined) return 'value' in answer
  return Array.isArray(issues) && issues.length > 0 && isEvery(issues, isIssue)
}

function isIssue(issue: unknown): boolean {
  if (typeof issue !== 'object' || issue === null) return false
  const path: unknown = Reflect.get(issue, 'path')
  const isPath = path === undefined || path === null || (typeof path === 'object' && Symbol.iterator in path)
  return isPath && typeof Reflect.get(issue, 'message') === 'string'
}

function isDocument(answer: unknown): answer is JsonObject {
  return isPlainObject(answer)
}
