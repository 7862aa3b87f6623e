import type { ExtendedProfileRow } from '../../port/tables.ts'
import type { ExtendedFields, ExtendedProfile } from '../../site/define-extended-profile.ts'
import { isUserCoreError } from '../../values/errors.ts'
import { copyJson, isPlainObject, type JsonObject, type JsonValue } from '../../values/json.ts'
import { compareOwners, quarantinePrefix } from './owners.ts'

/** The section of one owner of an extended profile. */
export interface ExtendedProfileSection {
  readonly owner: string
  /** In the version that the site writes; in its own where it could not be upgraded. */
  readonly document: JsonObject
  /** `unreadable`: the stored text is no JSON object, and counts as empty. `outdated`: it could not be upgraded. */
  readonly state: 'current' | 'upgraded' | 'outdated' | 'unreadable'
}

/**
 * Reads a stored document. Empty text is an empty document; text that is no JSON object gives `undefined`.
 */
export function parseDocument(text: string): JsonObject | undefined {
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return isPlainObject(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}

/**
 * The sections of rows that were read already: a call reads one row several times, and no row changes once it is
 * loaded.
 */
const partsRead = new WeakMap<
  ExtendedProfileRow,
  { readonly definition: object; readonly part: ExtendedProfileSection }
>()

/**
 * Reads the section of one owner, upgraded to the version that the site writes; a person without one has an empty one.
 */
export function readPart(
  rows: readonly ExtendedProfileRow[],
  owner: string,
  definition: ExtendedProfile<ExtendedFields>,
): ExtendedProfileSection {
  const row = rows.find((candidate) => candidate.owner === owner)
  return row === undefined ? { owner, document: {}, state: 'current' } : partOf(row, definition)
}

/** Reads the section that a row holds; once, however often it is asked for. */
function partOf(row: ExtendedProfileRow, definition: ExtendedProfile<ExtendedFields>): ExtendedProfileSection {
  const known = partsRead.get(row)
  if (known?.definition === definition) return known.part
  const part = readRow(row, definition)
  partsRead.set(row, { definition, part })
  return part
}

function readRow(row: ExtendedProfileRow, definition: ExtendedProfile<ExtendedFields>): ExtendedProfileSection {
  const { owner } = row
  const document = parseDocument(row.document)
  if (document === undefined) return { owner, document: {}, state: 'unreadable' }
  if (row.schema_version === definition.version) return { owner, document, state: 'current' }
  const upgraded = upgradeDocument(document, row.schema_version, definition)
  return upgraded === undefined
    ? { owner, document, state: 'outdated' }
    : { owner, document: upgraded, state: 'upgraded' }
}

/** Reads every owner's section, those that count more first. */
export function readParts(
  rows: readonly ExtendedProfileRow[],
  definition: ExtendedProfile<ExtendedFields>,
): ExtendedProfileSection[] {
  return countingRows(rows, definition).map((row) => partOf(row, definition))
}

/** Reads the documents alone, in the same order. */
export type ReadDocuments = (
  rows: readonly ExtendedProfileRow[],
  definition: ExtendedProfile<ExtendedFields>,
) => JsonObject[]

/** Reads documents of which the call reads sections as well: each row is read once. */
export const readDocumentsAgain: ReadDocuments = (rows, definition) =>
  readParts(rows, definition).map(({ document }) => document)

/** Reads documents that the call reads once: to keep what was read of many people would cost more than reading it. */
export const readDocumentsOnce: ReadDocuments = (rows, definition) =>
  countingRows(rows, definition).map((row) => readRow(row, definition).document)

/** Returns the rows whose values count, those that count more first. */
function countingRows(
  rows: readonly ExtendedProfileRow[],
  { precedence }: ExtendedProfile<ExtendedFields>,
): ExtendedProfileRow[] {
  const counting = rows.filter(({ owner }) => !owner.startsWith(quarantinePrefix))
  // Most people have one section.
  return counting.length > 1 ? counting.sort((a, b) => compareOwners(a.owner, b.owner, precedence)) : counting
}

/** The value of a field that counts, and whose it is. */
export interface OwnedValue {
  readonly value: JsonValue
  readonly owner: string
}

/** Returns the fields of an extended profile, each with the value of the owner that counts most. */
export function effectiveFields(parts: readonly ExtendedProfileSection[]): Map<string, OwnedValue> {
  const fields = new Map<string, OwnedValue>()
  for (const { owner, document } of parts) {
    for (const [name, value] of Object.entries(document)) if (!fields.has(name)) fields.set(name, { value, owner })
  }
  return fields
}

/**
 * Returns a document in the version of the site; `undefined` where no upgrade leads there, one failed, or it is newer.
 */
function upgradeDocument(
  document: JsonObject,
  from: number,
  { version, upgrades }: ExtendedProfile<ExtendedFields>,
): JsonObject | undefined {
  if (from > version) return undefined
  try {
    let current: JsonObject = copyJson(document)
    for (let step = from; step < version; step++) {
      const next = upgrades[step]?.(current)
      if (!isPlainObject(next)) return undefined
      current = next as JsonObject
    }
    return current
  } catch (error) {
    // An upgrade that returns no document is a mistake of the site, and no document that cannot be upgraded.
    if (isUserCoreError(error)) throw error
    return undefined
  }
}

/** One field of an extended profile, as account documents and patches show it. */
export interface ExtendedProfileField {
  readonly field_name: string
  readonly field_value: JsonValue
}
