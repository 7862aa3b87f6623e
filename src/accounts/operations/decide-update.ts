import type { AccountRecord } from '../../port/account-record.ts'
import type { UserRow } from '../../port/tables.ts'
import type { Write } from '../../port/write.ts'
import { type Core, contextOf, type Decided, refusal } from '../../runtime/core.ts'
import { userRef } from '../../runtime/load-account.ts'
import { isReadOnly, readOnlyIssues } from '../../runtime/read-only.ts'
import { type Actor, isSelf, isSystem, namedOrOwn, personOf, requireAuthenticated } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { Checked } from '../../values/checked.ts'
import { UserCoreError } from '../../values/errors.ts'
import type { Issue } from '../../values/issues.ts'
import { isPlainObject, type JsonObject } from '../../values/json.ts'
import { identifierKey } from '../../values/text.ts'
import type { AccountPatch } from '../account.ts'
import { accountChange } from '../account-change.ts'
import { accountDocument } from '../account-document.ts'
import { changeAccount, isEditable } from '../change-account.ts'
import { finishEmailChange, requestEmailChange } from '../email-change.ts'
import type { EmailRequest } from '../email-claims.ts'
import { changeExtendedProfile } from '../extended-profile/change-extended-profile.ts'
import type { ExtendedProfileEdit } from '../extended-profile/edit.ts'
import { partWrittenBy } from '../extended-profile/owners.ts'
import { stateAfter } from '../fields/country-and-state.ts'
import { checkEmail } from '../fields/email.ts'
import { checkName } from '../fields/name.ts'
import type { ChangedBy } from '../history.ts'
import { readingOf } from '../visibility.ts'
import { loadDerivedFields } from './get-accounts.ts'
import type { RequestGuard } from './guard-requests.ts'
import { limitRate } from './limit-rate.ts'
import { loadClaims } from './load-claims.ts'
import type { UpdateResult } from './update-account.ts'

/** A change that somebody asks for, in whatever form it came. */
export interface UpdateRequest {
  readonly patch: AccountPatch
  /** Makes the edit of the extended profile out of what the actor's part has stored; left out: it stays. */
  readonly extendedProfileEdit?: (stored: JsonObject, context: Context) => Checked<ExtendedProfileEdit>
  /** Columns of the person that are set as well; checked already. */
  readonly identity?: Partial<UserRow>
  /** The reasons that the history of the account gives. */
  readonly reasons?: ChangedBy['reasons']
  /** What was found wrong on the way here. */
  readonly issues: readonly Issue[]
  readonly unknownFields: 'ignore' | 'reject'
  readonly guard: RequestGuard
  readonly expectedVersion: number | undefined
}

/** Whose account a call changes: the named person's, or the actor's own. Only its holder and trusted code may. */
export function accountToChange(actor: Actor, username: string | null | undefined): string {
  requireAuthenticated(actor)
  const name = namedOrOwn(actor, username)
  if (!isSystem(actor) && !isSelf(actor, name)) throw new UserCoreError('not_authorized')
  return name
}

/** Decides on a change of one account, as it was loaded: all that is to be written, or every issue at once. */
export async function decideUpdate(
  core: Core,
  actor: Actor,
  before: AccountRecord,
  request: UpdateRequest,
): Promise<Decided<unknown, UpdateResult>> {
  const { patch, expectedVersion } = request
  const context = contextOf(core)
  const version = before.profile?.version ?? 0
  if (expectedVersion !== undefined && expectedVersion !== version) {
    throw new UserCoreError('conflict', { params: { version } })
  }
  // What was asked for while the site allowed it can be withdrawn.
  if (has(patch, 'email') && patch.email !== null && !core.settings.allow_email_address_change) {
    throw new UserCoreError('account_update_error', { params: { setting: 'allow_email_address_change' } })
  }
  // What is no address is nobody's, and is not looked up.
  const addresses = [patch?.email, patch?.secondary_email].flatMap((address) => {
    const checked = checkEmail(address, '')
    return 'value' in checked ? [checked.value] : []
  })
  const asksForAddress = has(patch, 'email') || has(patch, 'secondary_email')
  const pending = asksForAddress
    ? await core.repository.select('pending_email_changes', { user_id: before.user.id })
    : []
  const owner = partWrittenBy(actor, before.user.username)
  const { extendedProfileEdit } = request
  const extendedProfile =
    extendedProfileEdit &&
    (await changeExtendedProfile(
      before,
      {
        owner,
        isNew: false,
        edit: (stored) => extendedProfileEdit(stored, context),
        mayWrite: async (name) => !(await isReadOnly(core, actor, userRef(before.user), `extended_profile.${name}`)),
      },
      context,
    ))
  const checked = changeAccount(
    before,
    patch,
    {
      emails: { claims: (await loadClaims(core, { emails: addresses })).emails, pending },
      extendedProfile,
      hostIssues: [...request.issues, ...(await askHost(core, actor, before, request))],
      unknownFields: request.unknownFields,
    },
    context,
  )
  if ('issues' in checked) throw refusal('account_validation_error', checked.issues, core)

  const { emailRequests, ignored } = checked.value
  const after = { ...checked.value.after, user: { ...checked.value.after.user, ...request.identity } }
  const { unconfigured, overruled } =
    extendedProfile !== undefined && 'value' in extendedProfile ? extendedProfile.value : noFields
  const by = {
    changed_by: isSelf(actor, before.user.username) ? before.user.id : null,
    ...(request.reasons && { reasons: request.reasons }),
  }
  const { writes, changes } = accountChange(before, after, by, context)
  const derived = await loadDerivedFields(core, [before])
  const emails = await emailWrites(core, before, emailRequests, request.guard, context)
  return {
    people: [before.user, ...emails.holders],
    writes: [...writes, ...emails.writes],
    result: {
      account: accountDocument(after, readingOf(actor, {}, core.settings), context, derived.get(before.user.id)),
      version: writes.length > 0 ? version + 1 : version,
      changes,
      requested: emailRequests.filter((request) => 'wanted' in request).map(fieldOfRequest),
      withdrawn: emailRequests.filter((request) => 'withdrawn' in request && request.withdrawn).map(fieldOfRequest),
      ignored,
      unconfigured,
      overruled,
    },
  }
}

/** Stores requests for addresses, and takes back those that are withdrawn. `holders` get mail of a request, if it is taken. */
async function emailWrites(
  core: Core,
  { user }: AccountRecord,
  requests: readonly EmailRequest[],
  guard: RequestGuard,
  context: Context,
): Promise<{ readonly writes: Write[]; readonly holders: UserRow[] }> {
  const wanted = requests.filter((request) => 'wanted' in request)
  const holders = wanted.flatMap(({ takenBy }) => takenBy?.user_id ?? [])
  // A free address costs the same look-up as a taken one.
  const ids = holders.length > 0 ? holders : [user.id]
  const records = wanted.length === 0 ? [] : await core.repository.findAccounts({ ids })
  const guards = wanted.length === 0 ? [] : [await guard(user.id)]
  const writes = requests.flatMap((request) =>
    'wanted' in request
      ? requestEmailChange(user, request, records, context)
      : request.withdrawn === undefined
        ? []
        : finishEmailChange(request.withdrawn),
  )
  return { writes: [...guards, ...writes], holders: records.map((record) => record.user) }
}

const fieldOfRequest = ({ kind }: EmailRequest) => (kind === 'primary' ? 'email' : 'secondary_email')

const noFields = { unconfigured: [], overruled: [] }

/** The fields that a change writes: those that it names, and the state that goes with another country. */
function fieldsOf({ patch, identity = {} }: UpdateRequest, { profile }: AccountRecord, { settings }: Core): string[] {
  if (!isPlainObject(patch)) return []
  const isField = (name: string) => isEditable(name) || settings.extra_readonly_account_fields.includes(name)
  const given = Object.entries(patch).flatMap(([field, value]) => (value === undefined ? [] : [field]))
  const country = typeof patch.country === 'string' ? patch.country : null
  const clearsState =
    profile?.state != null && stateAfter({ country, state: profile.state }, has(patch, 'country')) === null
  return [
    ...new Set([
      ...given.filter(isField),
      ...(clearsState ? ['state'] : []),
      ...Object.keys(identity).filter((column) => !column.endsWith('_key')),
    ]),
  ]
}

/** Asks the site and its hooks what they refuse of a change. */
async function askHost(core: Core, actor: Actor, account: AccountRecord, request: UpdateRequest): Promise<Issue[]> {
  const { patch } = request
  const { isCountryRestricted, nameNeedsVerification } = core.host
  const user = userRef(account.user)
  const issues = await readOnlyIssues(core, actor, user, fieldsOf(request, account, core))
  if (typeof patch?.country === 'string' && (await isCountryRestricted?.(patch.country))) {
    issues.push({ pointer: '/country', code: 'country_restricted' })
  }
  const name = nameNeedsVerification === undefined ? undefined : checkName(patch?.name, '/name')
  if (nameNeedsVerification !== undefined && name !== undefined && 'value' in name) {
    const old_name = account.profile?.name ?? ''
    const history = await core.repository.select('account_history', { user_id: user.id, field: 'name' })
    const changed_at = history.map((row) => row.changed_at).sort()
    if (
      name.value !== old_name &&
      (await nameNeedsVerification({ user, old_name, new_name: name.value, changed_at }))
    ) {
      issues.push({ pointer: '/name', code: 'name_needs_verification' })
    }
  }
  return issues
}

/**
 * Begins with requests for other addresses: looks at what could end them meanwhile, and counts them, refused ones too; by
 * id, so that names are kept nowhere else.
 */
export async function beginEmailRequests(
  core: Core,
  actor: Actor,
  username: string | null | undefined,
  patch: AccountPatch,
  guard: RequestGuard,
): Promise<void> {
  const { email_change_rate_limit, secondary_email_rate_limit } = core.settings
  const limits = [
    ...(patch?.email ? [{ name: 'email_change', limit: email_change_rate_limit }] : []),
    ...(patch?.secondary_email ? [{ name: 'secondary_email', limit: secondary_email_rate_limit }] : []),
  ]
  const person = personOf(actor)
  const name = person?.username ?? username
  if (limits.length === 0 || name == null) return
  const [user] = await core.repository.select('users', { username_key: identifierKey(name) })
  if (user === undefined) return
  await guard(user.id)
  if (person === undefined) return
  for (const { name, limit } of limits) await limitRate(core, user, name, limit)
}

function has(patch: AccountPatch, field: keyof AccountPatch): boolean {
  return isPlainObject(patch) && patch[field] !== undefined
}
