import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ExtendedFields, NoFields } from '../../site/define-extended-profile.ts'
import type { JsonValue } from '../../values/json.ts'
import type { ExtendedProfileField } from './document.ts'

/** A merge patch of a value (RFC 7396): of an object any part, with null for members to remove. */
export type MergePatchOf<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Name in keyof Value]?: MergePatchOf<Value[Name]> | null }
    : Value

/** `extended_profile` as an object: a merge patch of the stored fields. Null removes a field. */
export type ExtendedProfilePatch<Fields extends ExtendedFields = NoFields> = keyof Fields extends never
  ? { readonly [name: string]: JsonValue }
  : { readonly [Name in keyof Fields]?: MergePatchOf<StandardSchemaV1.InferInput<Fields[Name]>> | null }

/** One item of `extended_profile` as a list: the field gets the value, whatever it had. */
export type ExtendedProfileItem<Fields extends ExtendedFields = NoFields> = keyof Fields extends never
  ? ExtendedProfileField
  : {
      readonly [Name in keyof Fields]: {
        readonly field_name: Name
        readonly field_value: StandardSchemaV1.InferInput<Fields[Name]>
      }
    }[keyof Fields]

/** A change of an extended profile, in either of its two forms. */
export type ExtendedProfileInput<Fields extends ExtendedFields = NoFields> =
  | readonly ExtendedProfileItem<Fields>[]
  | ExtendedProfilePatch<Fields>

/** The values of an extended profile that a reader sees, by field, with the types of their schemas. */
export type ExtendedProfileValues<Fields extends ExtendedFields = NoFields> = keyof Fields extends never
  ? { readonly [name: string]: JsonValue }
  : { readonly [Name in keyof Fields]?: StandardSchemaV1.InferOutput<Fields[Name]> }
