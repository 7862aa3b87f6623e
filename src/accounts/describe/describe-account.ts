import type { AccountRecord } from '../../port/account-record.ts'
import { isJson } from '../../port/storable.ts'
import type { Context } from '../../site/context.ts'
import type { ExtendedFieldDefinition } from '../../site/define-extended-profile.ts'
import { wrongAnswer } from '../../site/hook.ts'
import { isPlainObject } from '../../values/json.ts'
import type { AccountField, AccountPatch } from '../account.ts'
import { isAccountField } from '../account-document.ts'
import { visibleExtendedNames } from '../extended-profile/visible-fields.ts'
import { type Reading, viewOf } from '../visibility.ts'
import { type FieldRule, fieldRules, identityRules, type JsonSchema, type RuleSite } from './field-rules.ts'

/** What an actor may do with a field of an account. */
export interface FieldDescription extends FieldRule {
  /** Whether documents show the field to the actor. */
  readonly readable: boolean
  /** Whether the actor may change the field, with a value of its schema. */
  readonly writable: boolean
}

/** The name of a field that can be described: those of documents and of patches, and the password of a new account. */
export type DescribedField = AccountField | keyof AccountPatch | 'password'

/** The fields of an account that an actor may read or write. Fields that are neither are left out. */
export interface AccountDescription {
  /** The fields by name. The password is one of a new account alone. */
  readonly fields: { readonly [Field in DescribedField]?: FieldDescription }
  /** The fields of the extended profile by name: those of the setting `extended_profile_fields`, and the declared ones. */
  readonly extended_profile: Readonly<Record<string, FieldDescription>>
}

/** The fields that are decided on, by name: `read` those that are shown, `write` those that a change may have. */
export interface FieldAccess {
  readonly read: { readonly fields: readonly string[]; readonly extended: readonly string[] }
  readonly write: { readonly fields: ReadonlySet<string>; readonly extended: ReadonlySet<string> }
}

/** Returns the names of the fields of an account that documents show to a reader. */
export function readableFields(record: AccountRecord, reading: Reading, context: Context): FieldAccess['read'] {
  const view = viewOf(record, reading, context)
  const extended = visibleExtendedNames(record, reading, context, view)
  const fields = view.fields.filter(isAccountField)
  return { fields: [...new Set([...fields, ...(extended.length > 0 ? ['extended_profile'] : [])])], extended }
}

/** The fields that patches can have, the extended profile too. */
export const patchFields = [...Object.keys(fieldRules), 'extended_profile'] as readonly (keyof AccountPatch)[]

/** Describes the fields of an account; `isNew`: of one to be made, which gets its names too. */
export function describeAccount(
  { read, write }: FieldAccess,
  context: Context,
  site: RuleSite,
  { isNew }: { readonly isNew: boolean },
): AccountDescription {
  const rule = (name: string): FieldRule => {
    if (isNew && isIdentity(name)) return identityRules[name](site)
    return write.fields.has(name) && isRuled(name) ? fieldRules[name](site) : { required: false }
  }
  return {
    fields: described(read.fields, write.fields, rule),
    extended_profile: described(read.extended, write.extended, (name) => extendedRule(name, context)),
  }
}

function described(
  read: readonly string[],
  write: ReadonlySet<string>,
  rule: (name: string) => FieldRule,
): Record<string, FieldDescription> {
  const names = new Set([...read, ...write])
  const shown = new Set(read)
  return Object.fromEntries(
    [...names].map((name) => [name, { readable: shown.has(name), writable: write.has(name), ...rule(name) }]),
  )
}

function isRuled(name: string): name is keyof typeof fieldRules {
  return Object.hasOwn(fieldRules, name)
}

function isIdentity(name: string): name is keyof typeof identityRules {
  return Object.hasOwn(identityRules, name)
}

/** Returns the rule of a field of the extended profile: an undeclared one takes any JSON. */
function extendedRule(name: string, { extendedProfile: { fields } }: Context): FieldRule {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field === undefined) return { required: false, schema: {} }
  const schema = declaredSchema(name, field)
  return { required: field.required === true, ...(schema && { schema }) }
}

/**
 * Returns the schema of the values that a declared field takes; undefined where its library does not say it, or cannot:
 * a schema that runs code has no JSON Schema. Source: https://standardschema.dev/json-schema.
 */
function declaredSchema(name: string, { schema }: ExtendedFieldDefinition): JsonSchema | undefined {
  const converter: unknown = Reflect.get(schema['~standard'], 'jsonSchema')
  if (!isPlainObject(converter) || typeof converter.input !== 'function') return undefined
  let said: unknown
  try {
    said = converter.input({ target: 'draft-2020-12' })
  } catch {
    return undefined
  }
  if (!isJsonSchema(said)) throw wrongAnswer(`extendedProfile.${name}`)
  return said
}

const isJsonSchema = (said: unknown): said is JsonSchema => isPlainObject(said) && isJson(said)
