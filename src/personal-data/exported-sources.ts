import { extendedSearchPrefix } from '../port/account-page.ts'
import type { PersonalDataSource } from '../port/personal-data.ts'
import type { SourceRow } from '../port/personal-data-store.ts'
import { type ColumnType, type TableName, tables, type UserId } from '../port/tables.ts'
import { userCoreSources } from '../retirement/own-sources.ts'
import type { ExtendedFields, ExtendedProfile } from '../site/define-extended-profile.ts'
import type { JsonObject, JsonValue } from '../values/json.ts'

/** A source as it is exported. */
export interface ExportedSource {
  readonly source: PersonalDataSource
  /** Tells whether it is a table of the library. */
  readonly isOwn: boolean
  /** The columns that are exported, in their order. */
  readonly columns: readonly string[]
}

/**
 * Returns the sources of an export with their columns: all that is about the person. Left out are columns about others and,
 * of tables of the library, facts about its work. Once the person is retired, what is retained is all there is.
 */
export function exportedSources(hostSources: readonly PersonalDataSource[], isRetired: boolean): ExportedSource[] {
  return [
    ...userCoreSources.map((source) => exportedSource(source, true, isRetired)),
    ...hostSources.map((source) => exportedSource(source, false, isRetired)),
  ].filter(({ columns }) => columns.length > 0)
}

function exportedSource(source: PersonalDataSource, isOwn: boolean, isRetired: boolean): ExportedSource {
  const isRetained = source.treatment.erase === 'never'
  const all = Object.entries(source.columns)
  const shown = all.filter(([, declared]) => declared !== 'others' && !(isOwn && declared === 'fact'))
  if (!isRetired || isRetained) return { source, isOwn, columns: shown.map(([column]) => column) }
  const hasRetained = all.some(([, declared]) => typeof declared !== 'string')
  const kept = shown.filter(([, declared]) => declared === 'key' || declared === 'fact' || typeof declared !== 'string')
  return { source, isOwn, columns: hasRetained ? kept.map(([column]) => column) : [] }
}

/** Fields of the extended profile that are not exported, with their reasons. */
export function withheldFields(profile: ExtendedProfile<ExtendedFields>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(profile.fields).flatMap(([name, { exported = true, why = '' }]) =>
      exported ? [] : [[name, why] as const],
    ),
  )
}

/** Returns a row as it is exported: with its exported columns, without ids of other people and fields that are withheld. */
export function exportedRow(
  { source, isOwn, columns }: ExportedSource,
  row: SourceRow,
  user_id: UserId,
  withheld: ReadonlyMap<string, string>,
): SourceRow | undefined {
  if (!isOwn) return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))
  const table = source.table as TableName
  if (table === 'extended_profile_history' && withheld.has(String(row.field_name))) return undefined
  if (table === 'search_values' && withheld.has(String(row.field).replace(extendedSearchPrefix, ''))) return undefined
  return Object.fromEntries(
    columns.map((column) => [column, ownValue(table, column, row[column] ?? null, user_id, withheld)]),
  )
}

function ownValue(
  table: TableName,
  column: string,
  value: JsonValue,
  user_id: UserId,
  withheld: ReadonlyMap<string, string>,
): JsonValue {
  if (typeOf(table, column) === 'id' && column !== 'id') return value === user_id ? value : null
  if (table !== 'extended_profiles' || column !== 'document' || typeof value !== 'string') return value
  const document = JSON.parse(value) as JsonObject
  return Object.fromEntries(Object.entries(document).filter(([name]) => !withheld.has(name)))
}

/** Returns the type of a column of ours. */
export function typeOf(table: TableName, column: string): ColumnType {
  return (tables[table].columns as Readonly<Record<string, ColumnType>>)[column] ?? 'text'
}
