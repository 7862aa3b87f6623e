import type { StandardSchemaV1 } from '@standard-schema/spec'
import { boolean, document, type Kind, listOf, object, oneOf, optional, recordOf, schema } from '../values/kinds.ts'
import { requireOption, requireOptions } from '../values/options.ts'
import type { SchemaReport } from '../values/schema-issue.ts'

/** A kind of scope in which a value can be set beside the person's own choice: one organisation, or one course. */
export type PreferenceScopeKind = 'org' | 'course'

/** One preference that the host declares. */
export interface PreferenceDefinition<Schema extends StandardSchemaV1 = StandardSchemaV1> extends SchemaReport {
  /** The schema of its values, of any library that speaks Standard Schema. The value that came in is stored. */
  readonly schema: Schema
  /** The value of people who have chosen none. It is not stored, so changing it here changes it for all of them. */
  readonly default: StandardSchemaV1.InferOutput<Schema>
  /** Scopes in which it can be set beside the person's own choice; a course wins over an organisation. Default none. */
  readonly scopes?: readonly PreferenceScopeKind[]
}

/** Schemas by the names of preferences. */
export type PreferenceSchemas = Readonly<Record<string, StandardSchemaV1>>

/** The treatment of keys that the site does not declare: they are stored as plain texts, or refused. */
export type UndeclaredPreferences = 'store' | 'reject'

/** The preferences of a site. */
export interface Preferences<
  Schemas extends PreferenceSchemas,
  Undeclared extends UndeclaredPreferences = UndeclaredPreferences,
> {
  readonly definitions: { readonly [Key in keyof Schemas]: PreferenceDefinition<Schemas[Key]> }
  readonly undeclared: Undeclared
}

const definition: Kind = object({
  schema,
  default: document,
  scopes: optional(listOf(oneOf('org', 'course'))),
  tellsIssues: optional(boolean),
})

/** The kind of preferences that `definePreferences` made. */
export const preferencesKind = object({ definitions: recordOf(definition), undeclared: oneOf('store', 'reject') })

/**
 * Declares preferences, so that they have types, defaults and scopes.
 *
 * ```ts
 * const preferences = definePreferences({
 *   theme: { schema: z.enum(['light', 'dark']), default: 'light', scopes: ['org', 'course'] },
 * })
 * const users = createUserCore({ repository, preferences })
 * ```
 *
 * Keys that are not declared stay plain texts. With `undeclared: 'reject'` they are refused and do not compile, but for
 * those that the library itself knows (`account_privacy`, `visibility.…`, `time_zone`, `pref-lang`, `dark-lang`).
 *
 * Throws `config_error` for an invalid definition.
 */
export function definePreferences<
  Schemas extends PreferenceSchemas,
  const Undeclared extends UndeclaredPreferences = 'store',
>(
  definitions: { readonly [Key in keyof Schemas]: PreferenceDefinition<Schemas[Key]> },
  options: { readonly undeclared?: Undeclared } = {},
): Preferences<Schemas, Undeclared> {
  requireOption(definitions, recordOf(definition), 'definitions')
  requireOptions(options, object({ undeclared: optional(oneOf('store', 'reject')) }))
  // Left out, `Undeclared` is 'store': the cast says so.
  return { definitions, undeclared: options.undeclared ?? ('store' as Undeclared) }
}

/** The preferences of a site that declares none. */
// biome-ignore lint/complexity/noBannedTypes: the empty object type is what "no key" means here
export type NoPreferences = {}
