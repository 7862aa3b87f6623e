import type { AccountRecord } from '../../port/account-record.ts'
import type { Core } from '../../runtime/core.ts'
import { findPerson, userRef } from '../../runtime/load-account.ts'
import { type Once, wasStored } from '../../runtime/once.ts'
import { alsoRequiring, isClosed, type Permit } from '../../runtime/permit.ts'
import { type IsReadOnly, issuesOfReadOnly, readOnlyFor } from '../../runtime/read-only.ts'
import { type Actor, personOf } from '../../site/actor.ts'
import type { Context } from '../../site/context.ts'
import type { DerivedFields } from '../../site/host.ts'
import type { Whom } from '../../site/whom.ts'
import { UserCoreError } from '../../values/errors.ts'
import type { Issue } from '../../values/issues.ts'
import { isPlainObject } from '../../values/json.ts'
import type { AccountPatch } from '../account.ts'
import { isEditable } from '../change-account.ts'
import { checkUpdate, type UpdateFacts, type UpdateRequest } from '../decide-update.ts'
import type { EmailSituation } from '../email-claims.ts'
import { changeExtendedProfile } from '../extended-profile/change-extended-profile.ts'
import { partWrittenBy } from '../extended-profile/owners.ts'
import { stateAfter } from '../fields/country-and-state.ts'
import { checkEmail } from '../fields/email.ts'
import { checkName } from '../fields/name.ts'
import { hostFieldIssues } from './ask-check-field.ts'
import { loadDerivedFields } from './get-accounts.ts'
import type { RequestGuard } from './guard-requests.ts'
import { limitRate } from './limit-rate.ts'
import { loadClaims } from './load-claims.ts'

/** The options of gathering a change. */
interface GatherOptions {
  /** Makes the write that a request for an address stands or falls with. */
  readonly guard: RequestGuard
  /** The permit to store something of the person. */
  readonly permit: Permit
  readonly expectedVersion?: number | undefined
  /** The derived fields, where the host was asked already. */
  readonly derived?: DerivedFields | undefined
}

/**
 * Gathers everything that a change of one account waits for: the addresses in storage, the host's hooks, its schemas.
 *
 * Throws `conflict` unless the account has the expected version, and `account_update_error` where the site allows no
 * other address, both before anything is asked; then `account_validation_error` with every issue at once, before
 * anything is loaded that a refused change does not need.
 */
export async function gatherUpdate(
  core: Core,
  actor: Actor,
  before: AccountRecord,
  request: UpdateRequest,
  { guard, permit, expectedVersion, ...known }: GatherOptions,
  context: Context,
): Promise<UpdateFacts> {
  const { patch, extendedProfileEdit } = request
  const version = before.profile?.version ?? 0
  if (expectedVersion !== undefined && expectedVersion !== version) {
    throw new UserCoreError('conflict', { params: { reason: 'version', version } })
  }
  // A request from a time in which the site allowed it can be withdrawn.
  if (has(patch, 'email') && patch.email !== null && !core.settings.allow_email_address_change) {
    throw new UserCoreError('account_update_error', { params: { setting: 'allow_email_address_change' } })
  }
  const emails = await loadEmails(core, before, patch)
  const isReadOnly = readOnlyFor(core, actor, userRef(before.user))
  const extendedProfile =
    extendedProfileEdit &&
    (await changeExtendedProfile(
      before,
      {
        owner: partWrittenBy(actor, before.user),
        isNew: false,
        edit: (stored) => extendedProfileEdit(stored, context),
        isReadOnly,
      },
      context,
    ))
  const hostIssues = await askHost(core, isReadOnly, before, request, context)
  const change = checkUpdate(before, request, { emails, extendedProfile, hostIssues }, context)
  const derived = 'derived' in known ? known.derived : (await loadDerivedFields(core, [before])).get(before.user.id)
  const wanted = change.emailRequests.filter((asked) => 'wanted' in asked)
  const takenBy = wanted.flatMap((asked) => asked.takenBy?.user_id ?? [])
  // A free address costs the same look-up as a taken one.
  const ids = takenBy.length > 0 ? takenBy : [before.user.id]
  const found = wanted.length === 0 ? [] : await core.repository.findAccounts({ ids })
  // A mail to a holder who is being retired would outlive them.
  const holders = found.filter((record) => !isClosed(core, record))
  const guards = wanted.length === 0 ? [] : [await guard(before.user.id)]
  return {
    change,
    extendedProfile,
    holders,
    guards,
    derived,
    permit: alsoRequiring(permit, found),
  }
}

/** Loads the holders of the addresses in a patch, and the requests that wait. An invalid address is not looked up. */
async function loadEmails(core: Core, before: AccountRecord, patch: AccountPatch): Promise<EmailSituation> {
  const addresses = [patch?.email, patch?.secondary_email].flatMap((address) => {
    const checked = checkEmail(address, '')
    return 'value' in checked ? [checked.value] : []
  })
  const asksForAddress = has(patch, 'email') || has(patch, 'secondary_email')
  const pending = asksForAddress
    ? await core.repository.select('pending_email_changes', { user_id: before.user.id })
    : []
  return { claims: (await loadClaims(core, { emails: addresses })).emails, pending }
}

/** Returns the fields that a change writes: those that it names, and the state that goes with another country. */
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

/** Returns the issues that the site and its hooks have with a change. */
async function askHost(
  core: Core,
  isReadOnly: IsReadOnly,
  account: AccountRecord,
  request: UpdateRequest,
  context: Context,
): Promise<Issue[]> {
  const { patch, identity } = request
  const { isCountryRestricted, nameNeedsVerification } = core.host
  const user = userRef(account.user)
  const issues = await issuesOfReadOnly(isReadOnly, fieldsOf(request, account, core))
  if (typeof patch?.country === 'string' && (await isCountryRestricted?.(patch.country))) {
    issues.push({ pointer: '/country', code: 'country_restricted' })
  }
  const wanted = isPlainObject(patch)
    ? { ...patch, ...(identity?.email !== undefined && { email: identity.email }) }
    : {}
  issues.push(...(await hostFieldIssues(core, user, wanted, context, account)))
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
 * Begins with requests for other addresses: reads the guard by which they can be ended meanwhile, and counts them,
 * refused ones too; by id, so that names are kept nowhere else. A call that was stored before counts no more.
 */
export async function beginEmailRequests(
  core: Core,
  actor: Actor,
  whom: Whom,
  patch: AccountPatch,
  { guard, once }: { readonly guard: RequestGuard; readonly once?: Once<unknown> | undefined },
  context: Context,
): Promise<void> {
  const { email_change_rate_limit, secondary_email_rate_limit } = core.settings
  const limits = [
    ...(patch?.email ? [{ name: 'email_change', limit: email_change_rate_limit }] : []),
    ...(patch?.secondary_email ? [{ name: 'secondary_email', limit: secondary_email_rate_limit }] : []),
  ]
  const person = personOf(actor)
  if (limits.length === 0 || (await wasStored(core, once))) return
  const counted = await findPerson(core, person?.whom ?? whom)
  // Of a person who is being retired not even a count is stored: the change will be refused.
  if (counted === undefined || isClosed(core, counted)) return
  await guard(counted.user.id)
  if (person === undefined) return
  for (const { name, limit } of limits) await limitRate(core, actor, counted, { name, limit }, context)
}

function has(patch: AccountPatch, field: keyof AccountPatch): boolean {
  return isPlainObject(patch) && patch[field] !== undefined
}
