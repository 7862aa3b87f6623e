import {
  applyEdit,
  type ExtendedProfileEdit,
  editBetween,
  growthIssues,
  readEdit,
} from '../accounts/extended-profile/edit.ts'
import type { ExtendedProfileInput } from '../accounts/extended-profile/typed-values.ts'
import { applyJsonPatch, type JsonPatchOperation } from '../patch/json-patch.ts'
import type { Context } from '../site/context.ts'
import { type Checked, refused } from '../values/checked.ts'
import { isPlainObject, type JsonObject } from '../values/json.ts'

/** The most operations of one JSON Patch. */
const maxOperations = 1000

/**
 * Merges a change into the document of one section of an extended profile, and returns the document after it, or every
 * issue. A list of `{ field_name, field_value }` sets the fields that it names; an object is a merge patch (RFC 7396),
 * in which null removes a field. The document is not changed.
 *
 * Names, sizes and nesting are checked. Schemas of declared fields are not run, since they may wait: the operations of
 * a core run them.
 *
 * Expects an object of JSON as the document, and a context of `ruleContext`; neither is checked. The change can be
 * any JSON.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * mergeExtendedProfile({ a: 1, b: 2 }, [{ field_name: 'a', field_value: 3 }], context) // { value: { a: 3, b: 2 } }
 * mergeExtendedProfile({ a: 1, b: 2 }, { b: null }, context) // { value: { a: 1 } }
 * ```
 */
export function mergeExtendedProfile(
  document: JsonObject,
  input: ExtendedProfileInput,
  context: Context,
): Checked<JsonObject> {
  return documentAfter(document, readEdit(input, document, context), context)
}

/**
 * Applies a JSON Patch (RFC 6902) to the document of one section of an extended profile, under the rules of
 * `mergeExtendedProfile`. Pointers begin at the document.
 *
 * Throws `patch_error` when the operations cannot be applied.
 *
 * Expects an object of JSON as the document, and a context of `ruleContext`; neither is checked. The operations can
 * be any JSON.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * patchExtendedProfile({ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], context) // { value: { a: [1, 2] } }
 * ```
 */
export function patchExtendedProfile(
  document: JsonObject,
  operations: readonly JsonPatchOperation[],
  context: Context,
): Checked<JsonObject> {
  const { settings } = context
  const after = applyJsonPatch(document, operations, {
    maxBytes: settings.patch_max_bytes + Buffer.byteLength(JSON.stringify(document)),
    maxDepth: settings.extended_profile_max_depth + 2,
    maxOperations,
  })
  if (!isPlainObject(after)) return refused('/extended_profile', 'not_an_object')
  const names = [...new Set([...Object.keys(document), ...Object.keys(after)])]
  return documentAfter(document, editBetween(document, after as JsonObject, names, settings), context)
}

/** Returns the document after an edit, or every issue. */
export function documentAfter(
  document: JsonObject,
  edit: Checked<ExtendedProfileEdit>,
  { settings }: Context,
): Checked<JsonObject> {
  if ('issues' in edit) return edit
  const after = applyEdit(document, edit.value)
  const issues = growthIssues(document, after, settings)
  return issues.length > 0 ? { issues } : { value: after }
}
