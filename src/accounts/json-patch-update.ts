import { applyJsonPatch, type JsonPatchOperation } from '../patch/json-patch.ts'
import type { Context } from '../site/context.ts'
import { type Issue, readOnlyIssue } from '../values/issues.ts'
import { isEqual, isPlainObject, type JsonObject, type JsonValue, jsonIssues } from '../values/json.ts'
import type { AccountDocument, AccountPatch } from './account.ts'
import { fieldKind } from './change-account.ts'
import type { SocialLink } from './fields/social-link.ts'

/** The most operations of one JSON Patch. */
export const maxOperations = 1000

/**
 * The account that a JSON Patch works on: the document that its reader sees, with the extended profile as an object.
 */
export type PatchableAccount = Omit<AccountDocument, 'extended_profile'> & { readonly extended_profile: JsonObject }

/** A JSON Patch, said as an update. */
export interface JsonPatchUpdate {
  readonly patch: AccountPatch
  /** The extended profile before and after, where it differs. */
  readonly extendedProfile: { readonly before: JsonObject; readonly after: JsonObject } | undefined
  readonly issues: readonly Issue[]
}

/**
 * Returns the account that a JSON Patch works on. Lists are there, even if they are empty, so that operations can add
 * to them. Fields of the extended profile whose values could not be stored now, in data from elsewhere, are left out:
 * they would keep every operation from being done.
 */
export function patchableAccount(
  document: AccountDocument,
  extended_profile: JsonObject,
  { settings }: Context,
): PatchableAccount {
  const limits = { maxBytes: Number.MAX_SAFE_INTEGER, maxDepth: settings.extended_profile_max_depth + 1 }
  const isStorable = ([name, value]: [string, JsonValue]) => jsonIssues({ [name]: value }, '', limits).length === 0
  return {
    ...document,
    language_proficiencies: document.language_proficiencies ?? [],
    social_links: document.social_links ?? [],
    extended_profile: Object.fromEntries(Object.entries(extended_profile).filter(isStorable)),
  }
}

/**
 * Applies a JSON Patch to the account as its reader sees it, and returns the difference as an update, so that it goes
 * through the same rules. A field that was removed is cleared; a link that was removed goes away.
 *
 * Throws `patch_error` when the operations cannot be applied. Source: RFC 6902.
 */
export function updateFromJsonPatch(
  account: PatchableAccount,
  operations: readonly JsonPatchOperation[],
  { settings }: Context,
): JsonPatchUpdate {
  const before = account as unknown as JsonObject
  const after = applyJsonPatch(before, operations, {
    maxBytes: settings.patch_max_bytes + Buffer.byteLength(JSON.stringify(before)),
    // extended_profile / name / …
    maxDepth: settings.extended_profile_max_depth + 2,
    maxOperations,
  })
  if (!isPlainObject(after)) {
    return { patch: {}, extendedProfile: undefined, issues: [{ pointer: '', code: 'not_an_object' }] }
  }
  const patch: Record<string, unknown> = {}
  const issues: Issue[] = []
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  for (const field of fields.filter((name) => !isEqual(before[name], after[name]))) {
    const kind = fieldKind(field)
    if (kind === 'fixed' || kind === 'derived') {
      issues.push(readOnlyIssue(field))
    } else if (field === 'extended_profile' && !isPlainObject(after[field] ?? {})) {
      issues.push({ pointer: '/extended_profile', code: 'not_an_object' })
    } else {
      patch[field] = valueAfter(field, account, after)
    }
  }
  const profile = patch.extended_profile
  return {
    patch: patch as AccountPatch,
    extendedProfile: isPlainObject(profile)
      ? { before: account.extended_profile, after: profile as JsonObject }
      : undefined,
    issues,
  }
}

/** Returns the value that an update has for a field that differs. */
function valueAfter(field: string, before: PatchableAccount, after: Readonly<Record<string, unknown>>): unknown {
  const value = after[field] ?? null
  switch (field) {
    case 'language_proficiencies':
      return value ?? []
    case 'extended_profile':
      return value ?? {}
    case 'social_links':
      return withRemovals(before.social_links ?? [], value ?? [])
    default:
      return value
  }
}

/** Returns the links of an update, with those that are gone named: an update merges links by platform. */
function withRemovals(before: readonly SocialLink[], after: unknown): unknown {
  if (!Array.isArray(after)) return after
  const kept = new Set(after.map((link: JsonValue) => (isPlainObject(link) ? link.platform : undefined)))
  const gone = before.filter(({ platform }) => !kept.has(platform))
  return [...after, ...gone.map(({ platform }) => ({ platform, social_link: '' }))]
}
