import type { AccountPatch } from '../accounts/account.ts'
import { accountDocument } from '../accounts/account-document.ts'
import { changeAccount as applyPatch } from '../accounts/change-account.ts'
import type { EmailClaim, EmailRequest } from '../accounts/email-claims.ts'
import type { ExtendedProfileChange } from '../accounts/extended-profile/change-extended-profile.ts'
import { readPart } from '../accounts/extended-profile/document.ts'
import { type ExtendedProfileEdit, editBetween, readEdit } from '../accounts/extended-profile/edit.ts'
import { extendedProfileObject, visibleExtendedNames } from '../accounts/extended-profile/visible-fields.ts'
import { patchableAccount, updateFromJsonPatch } from '../accounts/json-patch-update.ts'
import { readingOf } from '../accounts/visibility.ts'
import type { JsonPatchOperation } from '../patch/json-patch.ts'
import type { AccountRecord } from '../port/account-record.ts'
import { ownPart } from '../port/owners.ts'
import type { PendingEmailChangeRow } from '../port/tables.ts'
import type { Context } from '../site/context.ts'
import { type Checked, refused } from '../values/checked.ts'
import type { Issue } from '../values/issues.ts'
import type { JsonObject } from '../values/json.ts'
import { documentAfter } from './merge-extended-profile.ts'

/** Facts that a change of an account depends on, beside the account. */
export interface ChangeAccountOptions {
  /** The people who hold the addresses that the patch asks for. Default: they are free. */
  readonly emailsHeld?: readonly EmailClaim[]
  /** The requests of the person for other addresses that wait for their confirmation. Default none. */
  readonly pendingEmails?: readonly PendingEmailChangeRow[]
  /** Problems that were found elsewhere: each takes the place of what the rules find at its field. Default none. */
  readonly issues?: readonly Issue[]
  /** The treatment of names that are no fields: listed as ignored (default), or refused. */
  readonly unknownFields?: 'ignore' | 'reject'
}

/** An account after a change. */
export interface ChangedAccount {
  readonly account: AccountRecord
  /** The addresses that the change asks for or withdraws; none of them is in the account yet. */
  readonly emailRequests: readonly EmailRequest[]
  /** Names of the patch that changed nothing: no fields, derived ones, or overruled by another. */
  readonly ignored: readonly string[]
}

/**
 * Applies a merge patch to an account as its holder, and returns the account after it, or every issue. Neither argument
 * is changed. `extended_profile` is merged as `mergeExtendedProfile` does.
 *
 * Expects an account of a repository or of `newAccount`, and a context of `ruleContext`; neither is checked. The
 * patch can be any JSON.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * const changed = changeAccount(account, { bio: 'Mathematician', country: 'IT' }, context)
 * if ('value' in changed) console.assert(changed.value.account.profile?.bio === 'Mathematician')
 * ```
 */
export function changeAccount(
  account: AccountRecord,
  patch: AccountPatch,
  context: Context,
  options: ChangeAccountOptions = {},
): Checked<ChangedAccount> {
  const input = patch?.extended_profile
  const edit = (stored: JsonObject) => readEdit(input, stored, context)
  return changed(account, patch, input === undefined ? undefined : edit, context, options)
}

/**
 * Applies a JSON Patch (RFC 6902) to the document of an account that its holder sees, with the extended profile as an
 * object, and returns the account after it, or every issue. What differs goes through the rules of `changeAccount`;
 * names that are no fields are refused.
 *
 * Throws `patch_error` when the operations cannot be applied.
 *
 * Expects an account of a repository or of `newAccount`, and a context of `ruleContext`; neither is checked. The
 * operations can be any JSON.
 *
 * ```ts
 * const context = ruleContext({ now: new Date('2026-11-29') })
 * const account = newAccount({ id: 1, username: 'ada', email: 'ada@example.com' }, context)
 * const changed = patchAccount(account, [{ op: 'replace', path: '/bio', value: 'Mathematician' }], context)
 * ```
 */
export function patchAccount(
  account: AccountRecord,
  operations: readonly JsonPatchOperation[],
  context: Context,
  options: Omit<ChangeAccountOptions, 'unknownFields'> = {},
): Checked<ChangedAccount> {
  const reading = readingOf({ id: account.user.id }, {}, context.settings)
  const before = patchableAccount(
    accountDocument(account, reading, context),
    extendedProfileObject(account, visibleExtendedNames(account, reading, context), context),
    context,
  )
  const { patch, extendedProfile, issues } = updateFromJsonPatch(before, operations, context)
  const edit = extendedProfile && (() => editOf(extendedProfile, context))
  return changed(account, patch, edit, context, {
    ...options,
    issues: [...issues, ...(options.issues ?? [])],
    unknownFields: 'reject',
  })
}

/** The edit of an extended profile that a JSON Patch makes. */
function editOf({ before, after }: { before: JsonObject; after: JsonObject }, { settings }: Context) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return editBetween(before, after, names, settings)
}

function changed(
  account: AccountRecord,
  patch: AccountPatch,
  edit: ((stored: JsonObject) => Checked<ExtendedProfileEdit>) | undefined,
  context: Context,
  { emailsHeld = [], pendingEmails = [], issues = [], unknownFields = 'ignore' }: ChangeAccountOptions,
): Checked<ChangedAccount> {
  const checked = applyPatch(
    account,
    patch,
    {
      emails: { claims: emailsHeld, pending: pendingEmails },
      extendedProfile: edit && profileAfter(account, edit, context),
      hostIssues: issues,
      unknownFields,
    },
    context,
  )
  if ('issues' in checked) return checked
  const { after, emailRequests, ignored } = checked.value
  return { value: { account: after, emailRequests, ignored } }
}

/** The extended profile of an account after an edit of the holder's own section. */
function profileAfter(
  account: AccountRecord,
  edit: (stored: JsonObject) => Checked<ExtendedProfileEdit>,
  context: Context,
): Checked<ExtendedProfileChange> {
  const part = readPart(account.extended_profiles, ownPart, context.extendedProfile)
  if (part.state === 'outdated') return refused('/extended_profile', 'outdated')
  const after = documentAfter(part.document, edit(part.document), context)
  if ('issues' in after) return after
  const own = {
    user_id: account.user.id,
    owner: ownPart,
    document: JSON.stringify(after.value),
    schema_version: context.extendedProfile.version,
  }
  const others = account.extended_profiles.filter(({ owner }) => owner !== ownPart)
  return { value: { rows: [...others, own], changes: [], unconfigured: [], overruled: [] } }
}
