import type { AccountRecord } from '../port/account-record.ts'
import { emptyProfile } from '../port/empty-profile.ts'
import type { ExtendedProfileRow, ProfileRow, UserId } from '../port/tables.ts'
import type { Context } from '../site/context.ts'
import { type Checked, refused } from '../values/checked.ts'
import { accountPrivacies } from '../values/code-lists.ts'
import { fieldOf, type Issue, pointerTo, readOnlyIssue } from '../values/issues.ts'
import { isEqual, isPlainObject, jsonIssues } from '../values/json.ts'
import type { AccountPatch } from './account.ts'
import { isAccountField } from './account-document.ts'
import { checkNewEmail, checkNewSecondaryEmail, type EmailRequest, type EmailSituation } from './email-claims.ts'
import type { ExtendedProfileChange } from './extended-profile/change-extended-profile.ts'
import { fieldChecks } from './fields/checks.ts'
import { stateAfter } from './fields/country-and-state.ts'
import { checkLanguageProficiencies } from './fields/language-proficiencies.ts'
import { checkSocialLinks } from './fields/social-link.ts'
import { privacyKey } from './visibility.ts'

/** The facts that a patch depends on beside the account. */
export interface ChangeRequest {
  /** The holders of the addresses that the patch asks for, and the requests that wait. */
  readonly emails: EmailSituation
  /** The outcome for the extended profile, where the patch has one. */
  readonly extendedProfile: Checked<ExtendedProfileChange> | undefined
  /** The issues of the site and its host; they take the place of the issues of the rules at the same field. */
  readonly hostIssues: readonly Issue[]
  /** The treatment of names that are no fields: listed as ignored (clients send whole documents), or refused. */
  readonly unknownFields: 'ignore' | 'reject'
}

/** An account after a patch. */
export interface AccountChange {
  readonly after: AccountRecord
  /** The addresses that the patch asks for or withdraws. */
  readonly emailRequests: readonly EmailRequest[]
  /** Names of the patch that changed nothing: no fields, derived ones, or overruled by another. */
  readonly ignored: readonly string[]
}

/** The account while the rules of a patch work on it. */
interface Draft {
  readonly before: AccountRecord
  readonly request: ChangeRequest
  readonly context: Context
  readonly profile: ProfileRow
  readonly emailRequests: EmailRequest[]
  after: AccountRecord
}

/**
 * Applies a merge patch to an account: every field is checked, all issues come together, and nothing is changed unless
 * there are none. Neither `before` nor the patch is modified. Source: Open edX, `update_account_settings`.
 */
export function changeAccount(
  before: AccountRecord,
  patch: AccountPatch,
  request: ChangeRequest,
  context: Context,
): Checked<AccountChange> {
  if (!isPlainObject(patch)) return refused('', 'not_an_object')
  const { settings } = context
  const given = Object.entries(patch).filter(([, value]) => value !== undefined)
  const issues: Issue[] = jsonIssues(Object.fromEntries(given), '', {
    maxBytes: settings.patch_max_bytes,
    // extended_profile / index / field_value / …
    maxDepth: settings.extended_profile_max_depth + 3,
  })
  for (const [field] of given) {
    if (fieldKind(field) === 'fixed') issues.push(readOnlyIssue(field))
  }
  issues.push(...request.hostIssues)
  const settled = new Set(issues.map((issue) => fieldOf(issue.pointer)))

  const stored = before.profile ?? emptyProfile(before.user.id)
  const draft: Draft = {
    before,
    request,
    context,
    profile: { ...stored },
    emailRequests: [],
    after: before,
  }
  const ignored: string[] = []
  for (const [field, value] of given) {
    if (settled.has(field)) continue
    if (isEditable(field)) issues.push(...rules[field](value, draft))
    else if (request.unknownFields === 'ignore' || fieldKind(field) === 'derived') ignored.push(field)
    else issues.push({ pointer: pointerTo('', field), code: 'unknown_field' })
  }
  if (issues.length > 0) return { issues }

  const state = stateAfter(draft.profile, Object.hasOwn(patch, 'country'))
  if (state === null && draft.profile.state !== null && patch.state) ignored.push('state')
  draft.profile.state = state
  return {
    value: {
      after: isEqual(draft.profile, stored) ? draft.after : { ...draft.after, profile: draft.profile },
      emailRequests: draft.emailRequests,
      ignored,
    },
  }
}

/** Returns the rows with the id of their person: a new account gets its id after its fields were checked. */
function rowsOf(user_id: UserId, rows: readonly ExtendedProfileRow[]): readonly ExtendedProfileRow[] {
  return rows.every((row) => row.user_id === user_id) ? rows : rows.map((row) => ({ ...row, user_id }))
}

/** Tells whether a patch may have a field. */
export function isEditable(field: string): field is keyof AccountPatch {
  return Object.hasOwn(rules, field)
}

/**
 * Returns the treatment of a name by patches, for every writer: a field that a patch can change is `editable`; one that
 * no patch changes is `fixed`, and a merge patch that names it is refused, even with the value that it has; another
 * field of documents is `derived`, and a merge patch that names it changes nothing; a JSON Patch changes neither.
 */
export function fieldKind(name: string): 'editable' | 'fixed' | 'derived' | 'unknown' {
  if (isEditable(name)) return 'editable'
  if (fixedFields.includes(name)) return 'fixed'
  return isAccountField(name) ? 'derived' : 'unknown'
}

const fixedFields: readonly string[] = [
  'username',
  'date_joined',
  'is_active',
  'password_toggle_history',
  'profile_image',
  'requires_parental_consent',
]

/** Checks one member of a patch and puts its value into the draft. */
type Rule = (value: unknown, draft: Draft) => readonly Issue[]

/** Makes the rule for a column of the profile. */
function column<Column extends keyof ProfileRow>(
  name: Column,
  check: (value: unknown, pointer: string, context: Context) => Checked<ProfileRow[Column]>,
): Rule {
  return (value, draft) => {
    const checked = check(value, pointerTo('', name), draft.context)
    if ('issues' in checked) return checked.issues
    draft.profile[name] = checked.value
    return []
  }
}

const rules: { readonly [Field in keyof Required<AccountPatch>]: Rule } = {
  name(value, draft) {
    // A name from before the rules comes back with whole documents; as long as it stays, nothing is asked of it.
    const isKept = value !== '' && value === draft.before.profile?.name
    return isKept ? [] : column('name', fieldChecks.name)(value, draft)
  },
  gender: column('gender', fieldChecks.gender),
  year_of_birth: column('year_of_birth', fieldChecks.year_of_birth),
  level_of_education: column('level_of_education', fieldChecks.level_of_education),
  goals: column('goals', fieldChecks.goals),
  bio: column('bio', fieldChecks.bio),
  country: column('country', fieldChecks.country),
  state: column('state', fieldChecks.state),
  city: column('city', fieldChecks.city),
  mailing_address: column('mailing_address', fieldChecks.mailing_address),
  phone_number: column('phone_number', fieldChecks.phone_number),

  language_proficiencies(value, draft) {
    const checked = checkLanguageProficiencies(value, draft.context.settings.languages)
    if ('issues' in checked) return checked.issues
    const user_id = draft.before.user.id
    draft.after = { ...draft.after, language_proficiencies: checked.value.map((code) => ({ user_id, code })) }
    return []
  },

  social_links(value, draft) {
    const checked = checkSocialLinks(value, draft.before.social_links, draft.context.settings)
    if ('issues' in checked) return checked.issues
    const user_id = draft.before.user.id
    draft.after = { ...draft.after, social_links: checked.value.map((link) => ({ user_id, ...link })) }
    return []
  },

  extended_profile(_value, draft) {
    const checked = draft.request.extendedProfile ?? refused('/extended_profile', 'unknown_field')
    if ('issues' in checked) return checked.issues
    const user_id = draft.before.user.id
    draft.after = { ...draft.after, extended_profiles: rowsOf(user_id, checked.value.rows) }
    return []
  },

  account_privacy(value, draft) {
    if (value !== null && !accountPrivacies.some((privacy) => privacy === value)) {
      return [{ pointer: `/${privacyKey}`, code: value === '' ? 'required' : 'invalid_choice' }]
    }
    const { preferences, user } = draft.before
    const stored = preferences.find((preference) => preference.key === privacyKey)
    if ((stored?.value ?? null) === value) return []
    const row = {
      user_id: user.id,
      key: privacyKey,
      value: value as string | null,
      version: (stored?.version ?? 0) + 1,
    }
    draft.after = { ...draft.after, preferences: [...preferences.filter((preference) => preference !== stored), row] }
    return []
  },

  email(value, draft) {
    const checked = checkNewEmail(value, draft.before, draft.request.emails)
    if ('issues' in checked) return checked.issues
    draft.emailRequests.push(checked.value)
    return []
  },

  secondary_email(value, draft) {
    const reveal = draft.context.settings.reveal_taken_secondary_email
    const checked = checkNewSecondaryEmail(value, draft.before, draft.request.emails, reveal)
    if ('issues' in checked) return checked.issues
    draft.emailRequests.push(checked.value)
    if (value === null) draft.after = { ...draft.after, account_recovery: undefined }
    return []
  },
}
