import type { StandardSchemaV1 } from '@standard-schema/spec'
import { staffPart } from '../port/owners.ts'
import { configError, problemOf } from '../values/arguments.ts'
import { isPlainObject, type JsonObject, type JsonValue } from '../values/json.ts'
import {
  boolean,
  callback,
  count,
  document,
  type Kind,
  listOf,
  name,
  object,
  oneOf,
  optional,
  recordOf,
  schema,
} from '../values/kinds.ts'
import { requireOption, requireOptions } from '../values/options.ts'
import type { SchemaReport } from '../values/schema-issue.ts'
import { lengthOf } from '../values/text.ts'

/**
 * The readers of a field: its holder alone, staff too, or others as well where the holder shares the account. Under the
 * privacy `custom` a shared field is seen while the preference `visibility.extended_profile.<name>` is `all_users`.
 */
export type FieldVisibility = 'private' | 'staff' | 'shared'

/** One field of the extended profile that the host declares. */
export interface ExtendedFieldDefinition<Schema extends StandardSchemaV1 = StandardSchemaV1> extends SchemaReport {
  /**
   * The schema of its values, of any library that speaks Standard Schema. The output of the schema is stored, so that
   * must be JSON, and the schema must take it again and give the same: reading runs it too.
   */
  readonly schema: Schema
  /** The readers of the field. Default `staff`. */
  readonly visibility?: FieldVisibility
  /**
   * Makes `create` ask for a value, which can later be replaced but not removed. People without a value, since they
   * were there before the field, can still change everything else. Default false.
   */
  readonly required?: boolean
  /** The effect of erasure: `delete`, or `keep` for a value that says nothing about a person. Default `delete`. */
  readonly erase?: 'delete' | 'keep'
  /** Keeps earlier values, with who changed them and when. Default false. */
  readonly history?: boolean
  /**
   * Lets `accounts.list` find people by their values: texts of up to 255 characters, numbers, `true` and `false`. People who
   * had a value before the field was marked are found after `accounts.reindex`. Default false.
   */
  readonly searchable?: boolean
  /** Whether exports of the person's data hold the field. Without it they tell the reason `why`. Default true. */
  readonly exported?: boolean
  /** The reason for which a field is not exported, for the manifest: needed where `exported` is false. */
  readonly why?: string
}

/** Schemas by the names of fields. */
export type ExtendedFields = Readonly<Record<string, StandardSchemaV1>>

/** The extended profile of a site that declares no fields. */
// biome-ignore lint/complexity/noBannedTypes: the empty object type is what "no field" means here
export type NoFields = {}

/** Turns a document of one version into one of the next. It must not change its argument. */
export type UpgradeDocument = (document: JsonObject) => Readonly<Record<string, JsonValue>>

/** Options of documents beyond their fields. */
export interface ExtendedProfileOptions {
  /** The treatment of names that are not declared: stored, but shown to no reader (default), or refused. */
  readonly unknown?: 'store' | 'reject'
  /** The version that documents are written in. Default 1. */
  readonly version?: number
  /** The upgrades from each earlier version to the next: `upgrades[1]` makes a document of version 2. */
  readonly upgrades?: Readonly<Record<number, UpgradeDocument>>
  /**
   * The owners in the order in which their values count where several have set a field: `staff`, `user` or
   * `system:<name>`. Owners that it does not name come after those it does. Default: staff, then systems by name, then
   * the holder.
   */
  readonly precedence?: readonly string[]
}

/** The extended profile of a site. */
export interface ExtendedProfile<Fields extends ExtendedFields> {
  /** The declared fields by name, each with its schema. */
  readonly fields: { readonly [Name in keyof Fields]: ExtendedFieldDefinition<Fields[Name]> }
  /** See `ExtendedProfileOptions`, as for the other members. */
  readonly unknown: 'store' | 'reject'
  readonly version: number
  readonly upgrades: Readonly<Record<number, UpgradeDocument>>
  readonly precedence: readonly string[]
}

/** Fields as a host declares them: by their schema alone, or with options. */
export type ExtendedFieldsInput<Fields extends ExtendedFields> = {
  readonly [Name in keyof Fields]: Fields[Name] | ExtendedFieldDefinition<Fields[Name]>
}

const definitionKind: Kind = object({
  schema,
  visibility: optional(oneOf('private', 'staff', 'shared')),
  required: optional(boolean),
  erase: optional(oneOf('delete', 'keep')),
  history: optional(boolean),
  searchable: optional(boolean),
  exported: optional(boolean),
  why: optional(name),
  tellsIssues: optional(boolean),
})
/** The kind of the reason of a field that is not exported. */
const whyKind = name
/** The most characters in the name of a field whose values are searched: with a prefix it fits its column. */
const longestSearchable = 200

/** The kind of an extended profile that `defineExtendedProfile` made. */
export const extendedProfileKind = object({
  fields: recordOf(definitionKind),
  unknown: oneOf('store', 'reject'),
  version: count(1, 2 ** 31 - 1),
  upgrades: recordOf(callback),
  precedence: listOf(name),
})
const profileOptions = object({
  unknown: optional(oneOf('store', 'reject')),
  version: optional(count(1, 2 ** 31 - 1)),
  upgrades: optional(recordOf(callback)),
  precedence: optional(listOf(name)),
})

/**
 * Declares the fields of the extended profile, so that they have types, rules and readers.
 *
 * ```ts
 * const extendedProfile = defineExtendedProfile({
 *   occupation: z.object({ name: z.string(), salary: z.string().optional() }),
 *   department: { schema: z.string(), visibility: 'shared', history: true },
 * })
 * const users = createUserCore({ repository, extendedProfile })
 * ```
 *
 * Throws `config_error` for an invalid field, and for unknown options.
 */
export function defineExtendedProfile<Fields extends ExtendedFields>(
  fields: ExtendedFieldsInput<Fields>,
  options: ExtendedProfileOptions = {},
): ExtendedProfile<Fields> {
  requireOptions(options, profileOptions)
  requireOption(fields, recordOf(document), 'fields')
  const { unknown = 'store', version = 1, upgrades = {}, precedence = [staffPart] } = options
  const definitions = Object.fromEntries(
    Object.entries<StandardSchemaV1 | ExtendedFieldDefinition>(fields).map(([name, field]) => {
      const isSchema = problemOf(field, schema, name, 'integer') === undefined
      const definition = isSchema ? { schema: field } : field
      requireOption(definition, definitionKind, `fields.${name}`)
      if ('exported' in definition && definition.exported === false)
        requireOption(definition.why, whyKind, `fields.${name}.why`)
      if ('searchable' in definition && definition.searchable === true && lengthOf(name) > longestSearchable)
        throw configError(
          `fields.${name}.searchable`,
          `left out for names of more than ${longestSearchable} characters`,
        )
      return [name, definition]
    }),
  )
  return { fields: definitions as ExtendedProfile<Fields>['fields'], unknown, version, upgrades, precedence }
}

/** Tells whether a host declares the whole extended profile, or its fields alone. */
export function isExtendedProfile<Fields extends ExtendedFields>(
  declared: ExtendedProfile<Fields> | ExtendedFieldsInput<Fields>,
): declared is ExtendedProfile<Fields> {
  return isPlainObject(declared) && Array.isArray(declared.precedence) && 'upgrades' in declared
}
