import { meaningOf, type PersonalDataSource } from '../port/personal-data.ts'
import type { ColumnType, TableName, UserId } from '../port/tables.ts'
import { userCoreSources } from '../retirement/own-sources.ts'
import { declarations } from '../retirement/retirement-plan.ts'
import type { ExtendedFields, ExtendedProfile } from '../site/define-extended-profile.ts'
import { nodeCrypto } from '../values/built-ins.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import type { Instant } from '../values/instant.ts'
import type { JsonObject, JsonValue } from '../values/json.ts'
import type { ExportFormat } from './export-format.ts'
import { type ExportedSource, typeOf, withheldFields } from './exported-sources.ts'

/** A file of an export. */
export interface ExportedFile {
  readonly path: string
  readonly source: string
  readonly rows: number
  readonly bytes: number
  /** The SHA-256 of its content, in hexadecimal. */
  readonly sha256: string
  /** The JSON Schema of its rows. */
  readonly schema: JsonObject
}

/** A column, or a source, whose values are kept when the person is erased. */
export interface RetainedCategory {
  readonly source: string
  /** Null where all rows of the source are kept. */
  readonly column: string | null
  /** The ground on which it is kept. */
  readonly why: string
  /** The days for which it is kept, counted from the column `since`; null without an end. */
  readonly days: number | null
  readonly since: string | null
}

/** A field of the extended profile that is left out of an export. */
export interface WithheldField {
  readonly source: string
  readonly field: string
  readonly why: string
}

/** What an export holds: the content of `manifest.json`. */
export interface ExportManifest {
  readonly version: 1
  readonly person: { readonly user_id: UserId; readonly username: string }
  readonly format: ExportFormat
  /** Pages are of one moment each, not the whole: the moments of the first and the last one. */
  readonly from: Instant
  readonly to: Instant
  /** The SHA-256 of the declared sources, in hexadecimal: equal where the same data was looked for. */
  readonly registry: string
  readonly files: readonly ExportedFile[]
  readonly retained: readonly RetainedCategory[]
  readonly not_exported: readonly WithheldField[]
}

/** Returns the fingerprint of all sources of a site. */
export function registryFingerprint(hostSources: readonly PersonalDataSource[]): string {
  return nodeCrypto()
    .createHash('sha256')
    .update(canonicalJson(declarations(hostSources)) ?? '')
    .digest('hex')
}

/** Returns the categories of data that outlive a retirement, with their grounds. */
export function retainedCategories(hostSources: readonly PersonalDataSource[]): RetainedCategory[] {
  return [...userCoreSources, ...hostSources].flatMap(({ source, columns, treatment }): RetainedCategory[] => {
    if (treatment.erase === 'never') return [{ source, column: null, why: treatment.why, days: null, since: null }]
    return Object.entries(columns).flatMap(([column, declared]) =>
      typeof declared === 'string' ? [] : [{ source, column, why: declared.why, ...declared.for }],
    )
  })
}

const profiles = 'usercore_extended_profiles'

/** Returns the fields that are left out. */
export function withheldOf(profile: ExtendedProfile<ExtendedFields>): WithheldField[] {
  return [...withheldFields(profile)].map(([field, why]) => ({ source: profiles, field, why }))
}

/** Returns the JSON Schema of the rows of a source. */
export function schemaOfRows(
  { source, isOwn, columns }: ExportedSource,
  profile: ExtendedProfile<ExtendedFields>,
): JsonObject {
  const schemaOf = (column: string): JsonObject => {
    const description = meaningOf(source.columns[column] ?? 'personal')
    if (!isOwn) return { description }
    if (source.source === profiles && column === 'document') return { ...documentSchema(profile), description }
    return { ...schemas[typeOf(source.table as TableName, column)], description }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: source.source,
    type: 'object',
    properties: Object.fromEntries(columns.map((column) => [column, schemaOf(column)])),
    required: [...columns],
    additionalProperties: false,
  }
}

const schemas: Readonly<Record<ColumnType, JsonObject>> = {
  id: { type: ['integer', 'string', 'null'] },
  integer: { type: ['integer', 'null'] },
  text: { type: ['string', 'null'] },
  boolean: { type: ['boolean', 'null'] },
  instant: { type: ['string', 'null'], format: 'date-time' },
  json: {},
}

/** Returns the JSON Schema of extended profiles: declared fields as their own schemas say it, where they do. */
function documentSchema(profile: ExtendedProfile<ExtendedFields>): JsonObject {
  const withheld = withheldFields(profile)
  const fields = Object.entries(profile.fields).filter(([name]) => !withheld.has(name))
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, fieldSchema(schema['~standard'])])),
  }
}

/** Asks a schema for its JSON Schema, as Standard JSON Schema names it; one that cannot tell allows any value. */
function fieldSchema(standard: object): JsonObject {
  const { jsonSchema } = standard as {
    readonly jsonSchema?: { output?(options: { readonly target: string }): Readonly<Record<string, unknown>> }
  }
  try {
    return JSON.parse(JSON.stringify(jsonSchema?.output?.({ target: 'draft-2020-12' }) ?? {})) as Record<
      string,
      JsonValue
    >
  } catch {
    return {}
  }
}
