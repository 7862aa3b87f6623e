import { applyMergePatch } from '../../patch/merge-patch.ts'
import type { Context } from '../../site/context.ts'
import type { Settings } from '../../site/settings.ts'
import { type Checked, refused } from '../../values/checked.ts'
import { isUserCoreError } from '../../values/errors.ts'
import { type Issue, pointerTo } from '../../values/issues.ts'
import {
  forbiddenNames,
  isEqual,
  isPlainObject,
  isStorableText,
  type JsonObject,
  type JsonValue,
  jsonIssues,
} from '../../values/json.ts'
import { isFarLongerThan, isVisible, lengthOf } from '../../values/text.ts'

/** Names that Open edX keeps beside the fields of the site. Here they have tables of their own. */
const reservedNames: ReadonlySet<string> = new Set(['old_names', 'old_emails', 'session_id'])

const at = '/extended_profile'

/** The fields to set and to remove: the form that every way to write an extended profile is brought into. */
export interface ExtendedProfileEdit {
  readonly set: ReadonlyMap<string, JsonValue>
  readonly remove: ReadonlySet<string>
}

/**
 * Reads `extended_profile` as a list of `{field_name, field_value}`: each field that is named gets its value (null is
 * stored as null), the last one where a name comes twice; the others stay. Source: Open edX,
 * `_update_extended_profile_if_needed`.
 */
export function editFromList(value: readonly unknown[], { settings }: Context): Checked<ExtendedProfileEdit> {
  const issues: Issue[] = []
  const set = new Map<string, JsonValue>()
  for (const [index, item] of value.entries()) {
    const pointer = pointerTo(at, index)
    if (!isPlainObject(item)) {
      issues.push({ pointer, code: 'not_an_object' })
      continue
    }
    const found = [
      ...nameIssues(item.field_name, pointerTo(pointer, 'field_name'), settings),
      ...valueIssues(item.field_value, pointerTo(pointer, 'field_value'), settings),
    ]
    if (found.length === 0) set.set(item.field_name as string, item.field_value as JsonValue)
    issues.push(...found)
  }
  return issues.length > 0 ? { issues } : { value: { set, remove: new Set() } }
}

/**
 * Reads `extended_profile` as a merge patch of the stored document: null removes a field, objects are merged. Fields
 * that it does not name are not checked: their stored values can be older than the limits. Source: RFC 7396.
 */
export function editFromMergePatch(
  stored: JsonObject,
  patch: Readonly<Record<string, unknown>>,
  { settings }: Context,
): Checked<ExtendedProfileEdit> {
  const issues = Object.entries(patch).flatMap(([name, value]) => [
    ...(value === null ? [] : nameIssues(name, pointerTo(at, name), settings)),
    ...valueIssues(value, pointerTo(at, name), settings),
  ])
  const after: [string, JsonValue][] = []
  for (const [name, value] of issues.length > 0 ? [] : Object.entries(patch as JsonObject)) {
    if (value === null) continue
    const before = Object.hasOwn(stored, name) ? stored[name] : undefined
    const merged = isPlainObject(value) ? mergeField(name, isPlainObject(before) ? before : {}, value) : { value }
    if ('issues' in merged) issues.push(...merged.issues)
    else after.push([name, merged.value])
  }
  if (issues.length > 0) return { issues }
  return editBetween(stored, Object.fromEntries(after), Object.keys(patch), settings)
}

function mergeField(name: string, before: JsonObject, value: JsonObject): Checked<JsonValue> {
  // The stored value may be over limits that came later; the edit was checked, and its result will be.
  const limits = { maxBytes: Number.MAX_SAFE_INTEGER, maxDepth: 1000 }
  try {
    return { value: applyMergePatch(before, value, limits) }
  } catch (error) {
    if (!isUserCoreError(error)) throw error
    return { issues: error.issues.map((issue) => ({ ...issue, pointer: pointerTo(at, name) + issue.pointer })) }
  }
}

/** Returns the edit that leads from one document to another, in the fields that are named. */
export function editBetween(
  before: JsonObject,
  after: JsonObject,
  names: readonly string[],
  settings: Settings,
): Checked<ExtendedProfileEdit> {
  const set = new Map<string, JsonValue>()
  const remove = new Set<string>()
  const issues: Issue[] = []
  for (const name of names) {
    if (!Object.hasOwn(after, name)) remove.add(name)
    else if (!Object.hasOwn(before, name) || !isEqual(before[name], after[name])) {
      const value = after[name] as JsonValue
      const pointer = pointerTo(at, name)
      issues.push(...nameIssues(name, pointer, settings), ...valueIssues(value, pointer, settings))
      set.set(name, value)
    }
  }
  return issues.length > 0 ? { issues } : { value: { set, remove } }
}

/** Returns the document with an edit applied. */
export function applyEdit(document: JsonObject, { set, remove }: ExtendedProfileEdit): JsonObject {
  const kept = Object.entries(document).filter(([name]) => !remove.has(name))
  return { ...Object.fromEntries(kept), ...Object.fromEntries(set) }
}

/**
 * Returns the issues of a whole document that is over the limits. One that is over them already may shrink, but not
 * grow.
 */
export function growthIssues(before: JsonObject, after: JsonObject, settings: Settings): Issue[] {
  const { extended_profile_max_fields: max, extended_profile_max_bytes: max_bytes } = settings
  const fields = (document: JsonObject) => Object.keys(document).length
  const bytes = (document: JsonObject) => Buffer.byteLength(JSON.stringify(document))
  if (fields(after) > Math.max(max, fields(before))) return [{ pointer: at, code: 'too_many', params: { max } }]
  if (bytes(after) > Math.max(max_bytes, bytes(before))) {
    return [{ pointer: at, code: 'too_large', params: { max_bytes } }]
  }
  return []
}

function valueIssues(value: unknown, pointer: string, settings: Settings): readonly Issue[] {
  if (value === undefined) return [{ pointer, code: 'required' }]
  return jsonIssues(value, pointer, {
    maxBytes: settings.extended_profile_max_bytes,
    maxDepth: settings.extended_profile_max_depth,
  })
}

function nameIssues(name: unknown, pointer: string, settings: Settings): readonly Issue[] {
  if (name === undefined || name === '') return [{ pointer, code: 'required' }]
  if (typeof name !== 'string') return [{ pointer, code: 'not_text' }]
  const max = settings.extended_profile_name_max_length
  if (isFarLongerThan(name, max)) return [{ pointer, code: 'too_long', params: { max } }]
  if (forbiddenNames.has(name)) return [{ pointer, code: 'forbidden_name' }]
  if (reservedNames.has(name)) return [{ pointer, code: 'reserved_name' }]
  if (!isStorableText(name) || !isVisible(name)) return [{ pointer, code: 'bad_text' }]
  return lengthOf(name) > max ? [{ pointer, code: 'too_long', params: { max } }] : []
}

/** Reads `extended_profile` in whichever of its two forms it comes. */
export function readEdit(value: unknown, stored: JsonObject, context: Context): Checked<ExtendedProfileEdit> {
  if (Array.isArray(value)) return editFromList(value, context)
  return isPlainObject(value) ? editFromMergePatch(stored, value, context) : refused(at, 'not_a_list')
}
